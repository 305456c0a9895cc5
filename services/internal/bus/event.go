package bus

import (
	"time"

	"github.com/cloudevents/sdk-go/v2/event"

	"github.com/ringback/ringback/events"
)

// Event makes a message of a CloudEvent about something, timed now; data may be nil.
func Event(subject, eventType, source, about string, data any) (Out, error) {
	e, err := events.New(eventType, source, about, data)
	if err != nil {
		return Out{}, err
	}
	e.SetTime(time.Now().UTC())
	msg, err := events.Encode(subject, e)
	if err != nil {
		return Out{}, err
	}
	return Out{Subject: msg.Subject, Header: Header(msg.Header), Data: msg.Data}, nil
}

// EventType is the type of the CloudEvent that a message is; empty when it is none.
func (m *Message) EventType() string { return m.Header.Get("ce-type") }

// Event reads a message as the CloudEvent that it is; it fails with [events.ErrInvalidEvent].
func (m *Message) Event() (event.Event, error) {
	return events.Decode(map[string][]string(m.Header), m.Data)
}
