package bus

import (
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Header holds a message's headers. Names are case-sensitive, as on the wire.
type Header map[string][]string

// Get is the first value of a header, or the empty text.
func (h Header) Get(name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Set gives a header one value.
func (h Header) Set(name, value string) { h[name] = []string{value} }

// Message is what a handler gets.
type Message struct {
	Subject string
	Header  Header
	Data    []byte
	// Sequence is the message's place in its stream, 0 for live messages; [Message.Original] is for those.
	Sequence uint64
	// Stored is when the broker stored the message.
	Stored time.Time
	// Redelivered tells that the broker handed the message out before.
	Redelivered bool
	// Attempt counts the tries that this process made of the message, from 1. A kill or a shutdown is no try.
	Attempt int
}

// Original tells of a live message which stored one it is the copy of. It is not ok for what was only announced.
func (m *Message) Original() (stream string, sequence uint64, ok bool) {
	sequence, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
	stream = m.Header.Get(jetstream.StreamHeader)
	return stream, sequence, err == nil && stream != ""
}

// Out is a message to be stored.
type Out struct {
	Subject string
	Header  Header
	Data    []byte
	// ID lets the broker drop a repeat of a publish whose answer was lost, for two minutes.
	ID string
	// Last, when set, is the sequence that the subject's newest message must have; 0 demands that there is none.
	// Another sequence refuses the message, and the batch it is in, with [ErrExists].
	Last *uint64
	// At, when set, makes the message a timer: the broker stores it on Subject and, at that time, puts a copy on Target.
	// A newer timer on the same subject replaces it. Times in the past fire at once.
	At     time.Time
	Target string
}

// MustBeNew is the value of [Out.Last] that demands an empty subject.
func MustBeNew() *uint64 { return new(uint64) }

const (
	headerSchedule       = "Nats-Schedule"
	headerScheduleTarget = "Nats-Schedule-Target"
)

func (o Out) message() *nats.Msg {
	msg := nats.NewMsg(o.Subject)
	maps.Copy(msg.Header, o.Header)
	msg.Data = o.Data
	if o.ID != "" {
		msg.Header.Set(jetstream.MsgIDHeader, o.ID)
	}
	if o.Last != nil {
		msg.Header.Set(jetstream.ExpectedLastSubjSeqHeader, strconv.FormatUint(*o.Last, 10))
	}
	if !o.At.IsZero() {
		// The client library's own option cuts the time to whole seconds and fires up to a second early.
		msg.Header.Set(headerSchedule, "@at "+o.At.UTC().Format(time.RFC3339Nano))
		msg.Header.Set(headerScheduleTarget, o.Target)
	}
	return msg
}

func fromJetStream(msg jetstream.Msg) (*Message, error) {
	meta, err := msg.Metadata()
	if err != nil {
		return nil, fmt.Errorf("read metadata of a message on %s: %w", msg.Subject(), err)
	}
	return &Message{
		Subject: msg.Subject(), Header: Header(msg.Headers()), Data: msg.Data(),
		Sequence: meta.Sequence.Stream, Stored: meta.Timestamp, Redelivered: meta.NumDelivered > 1,
	}, nil
}

func fromRaw(raw *jetstream.RawStreamMsg) *Message {
	return &Message{
		Subject: raw.Subject, Header: Header(raw.Header), Data: raw.Data, Sequence: raw.Sequence, Stored: raw.Time,
	}
}
