package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/cloudevents/sdk-go/v2/event"

	"github.com/ringback/ringback/services/internal/bus"
)

// frame is one event of a stream as it goes over the wire.
type frame struct {
	// sequence is the place of a result in RINGBACK_EVENTS, and the event's id; 0 for what is not stored there.
	sequence uint64
	text     []byte
	// last tells that the stream ends after it.
	last bool
}

// Events of a stream that are about the stream itself.
var (
	// frameEnd: there is nothing more to come.
	frameEnd = control("end", "the job has its result; do not come back")
	// frameOverrun: the client reads too slowly, or missed more than one stream makes up for.
	frameOverrun = control("overrun", "there is more than this stream can hold; come back with Last-Event-ID")
	// frameReconnect: the process stops, or its broker was away.
	frameReconnect = control("reconnect", "the stream cannot go on here; come back with Last-Event-ID")
	// frameAlive is a comment, for which clients are not woken.
	frameAlive = frame{text: []byte(": alive\n\n")}
)

func control(name, reason string) frame {
	return frame{text: fmt.Appendf(nil, "event: %s\ndata: {\"reason\":%q}\n\n", name, reason), last: true}
}

// opening tells a client how long to wait before it comes back, and its position: an event without data sets the id and
// wakes nobody. Without it a client that is cut off before its first result could not say what it missed.
func opening(position uint64) frame {
	return frame{text: fmt.Appendf(nil, "retry: %d\nid: %d\n\n", streamRetry.Milliseconds(), position)}
}

// openingOfOne is for the stream of one job, which begins with all that there is whatever was seen of it.
func openingOfOne() frame {
	return frame{text: fmt.Appendf(nil, "retry: %d\n\n", streamRetry.Milliseconds())}
}

// liveFrame writes the live copy of a message. A result carries the sequence of its original.
func liveFrame(m *bus.Message, kind string) (frame, error) {
	_, sequence, ok := m.Original()
	if !ok || kind != kindResult { // the others are of streams that nobody comes back to
		sequence = 0
	}
	return messageFrame(m, sequence)
}

func messageFrame(m *bus.Message, sequence uint64) (frame, error) {
	e, err := m.Event()
	if err != nil {
		return frame{}, err
	}
	return eventFrame(e, sequence)
}

// eventFrame writes a CloudEvent in structured mode, under its type: what reads a structured event from NATS or HTTP reads
// the data of a stream, too.
func eventFrame(e event.Event, sequence uint64) (frame, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil { // on one line, whatever the data looked like
		return frame{}, fmt.Errorf("encode event %s: %w", e.ID(), err)
	}
	var text []byte
	if sequence > 0 {
		text = append(strconv.AppendUint(append(text, "id: "...), sequence, 10), '\n')
	}
	text = fmt.Appendf(text, "event: %s\ndata: %s\n", e.Type(), body.Bytes()) // the encoder ends the line
	return frame{sequence: sequence, text: text}, nil
}
