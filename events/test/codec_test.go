package test_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"github.com/ringback/ringback/events"
)

func progressMessage(t *testing.T, application, job string) *nats.Msg {
	t.Helper()
	e, err := events.New(events.TypeJobProgress, "/ringback/test", job, events.Progress{ID: job, Stage: "fetch", Percent: 10})
	if err != nil {
		t.Fatal(err)
	}
	msg, err := events.Encode(events.LiveProgressSubject(application, job), e)
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// full is an event with every attribute, and with texts that headers cannot hold as they are.
func full(t *testing.T) event.Event {
	t.Helper()
	e, err := events.New(events.TypeMediaChanged, "/ringback/a%20b", `エヴァート "100 %" ☎`, map[string]string{"name": "ぽつ <&>"})
	if err != nil {
		t.Fatal(err)
	}
	e.SetTime(time.Date(2026, 11, 21, 3, 4, 5, 678900000, time.UTC))
	e.SetDataSchema("https://ringback.example/schemas/events/media.changed.v1.json")
	e.SetExtension("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	e.SetExtension("partitionkey", "ä ö")
	return e
}

func TestEncode_DecodeGivesTheEventBack(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]event.Event{"Full": full(t), "WithoutData": bare(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			msg, err := events.Encode("ringback.evt.a.result.b", e)
			if err != nil {
				t.Fatal(err)
			}
			for header, values := range msg.Header {
				if value := values[0]; strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' }) {
					t.Errorf("header %s is %q, which is not percent-encoded", header, value)
				}
			}
			got, err := events.Decode(msg.Header, msg.Data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(document(t, e), document(t, got)); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDecode_Structured takes what the CloudEvents SDK writes in structured mode.
func TestDecode_Structured(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(full(t))
	if err != nil {
		t.Fatal(err)
	}
	got, err := events.Decode(nats.Header{"content-type": {"application/cloudevents+json; charset=UTF-8"}}, body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(document(t, full(t)), document(t, got)); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

// TestEncode_OverTheWire sends an event through a broker, whose headers are its own.
func TestEncode_OverTheWire(t *testing.T) {
	t.Parallel()
	nc := startBroker(t, nil).connect()
	sub, err := nc.SubscribeSync("x")
	if err != nil {
		t.Fatal(err)
	}
	msg, err := events.Encode("x", full(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.PublishMsg(msg); err != nil {
		t.Fatal(err)
	}
	received, err := sub.NextMsg(patience)
	if err != nil {
		t.Fatal(err)
	}
	got, err := events.Decode(received.Header, received.Data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(document(t, full(t)), document(t, got)); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

func TestDecode_Refuses(t *testing.T) {
	t.Parallel()
	change := func(name, value string) nats.Header {
		h := nats.Header{"ce-specversion": {"1.0"}, "ce-id": {"1"}, "ce-source": {"/x"}, "ce-type": {"t"}}
		if value == "" {
			delete(h, name)
		} else {
			h[name] = []string{value}
		}
		return h
	}
	for name, header := range map[string]nats.Header{
		"NoHeaders":     nil,
		"NoID":          change("ce-id", ""),
		"NoSource":      change("ce-source", ""),
		"NoType":        change("ce-type", ""),
		"OldVersion":    change("ce-specversion", "0.3"),
		"CutEscape":     change("ce-subject", "a%2"),
		"WrongEscape":   change("ce-subject", "a%+2"),
		"NotUTF8":       change("ce-subject", "%FF"),
		"WrongTime":     change("ce-time", "yesterday"),
		"BrokenContent": {"Content-Type": {"application/cloudevents+json"}},
	} {
		if _, err := events.Decode(header, []byte("{")); !errors.Is(err, events.ErrInvalidEvent) {
			t.Errorf("%s: got %v, want ErrInvalidEvent", name, err)
		}
	}
}

func TestNew_IDsTellOccurrencesApart(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, data := range []any{
		events.Media{Revision: 1},
		events.Media{Revision: 2},
		events.Progress{Stage: "fetch", Percent: 10},
		events.Progress{Stage: "fetch", Percent: 20},
		events.Progress{Stage: "render", Percent: 20},
		events.Delivery{ID: "d", Attempt: 1},
		events.Delivery{ID: "d", Attempt: 2},
		events.Delivery{ID: "e", Attempt: 2},
		nil,
	} {
		first, err := events.New("dev.ringback.x.y.v1", "/x", "s", data)
		if err != nil {
			t.Fatal(err)
		}
		again, err := events.New("dev.ringback.x.y.v1", "/x", "s", data)
		if err != nil || again.ID() != first.ID() || seen[first.ID()] {
			t.Errorf("%+v: id %s, then %s, %v", data, first.ID(), again.ID(), err)
		}
		seen[first.ID()] = true
	}
}

func TestDecodeResult(t *testing.T) {
	t.Parallel()
	want := events.Result{ID: "1", State: events.StateFailed, Outputs: []events.Output{}, Errors: []events.Failure{{Code: "c", Message: "m"}}}
	e, err := events.New(events.TypeJobFailed, "/x", "1", want)
	if err != nil {
		t.Fatal(err)
	}
	if e.ID() != "1:job.failed" {
		t.Errorf("id %s, want 1:job.failed", e.ID())
	}
	got, err := events.DecodeResult(e)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, result (-want +got):\n%s", err, diff)
	}
	for _, wrong := range []event.Event{full(t), bare(t)} {
		if _, err := events.DecodeResult(wrong); !errors.Is(err, events.ErrInvalidEvent) {
			t.Errorf("%s: got %v, want ErrInvalidEvent", wrong.Type(), err)
		}
	}
}

func bare(t *testing.T) event.Event {
	t.Helper()
	e, err := events.New(events.TypeJobAccepted, "/ringback/test", "job1", nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// document is the event as the CloudEvents SDK writes it, which also validates it.
func document(t *testing.T, e event.Event) map[string]any {
	t.Helper()
	if err := e.Validate(); err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}
