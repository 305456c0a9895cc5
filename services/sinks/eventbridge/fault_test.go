package eventbridge_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/sinks/eventbridge"
	"github.com/ringback/ringback/services/sinks/eventbridge/eventbridgetest"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

type (
	request = eventbridgetest.Request
	reply   = eventbridgetest.Reply
)

// TestPartialFailure fails two of ten entries, and wants those two again, as they were, and no other.
func TestPartialFailure(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	failing := map[string]bool{}
	server := eventbridgetest.Start(t, func(r request) reply {
		codes := map[int]string{}
		for i, e := range r.Entries {
			if e.Try == 1 && failing[about(e)] {
				codes[i] = []string{"InternalFailure", "ThrottlingException"}[len(codes)%2]
			}
		}
		return reply{Codes: codes}
	})
	sink := sinkAt(server.URL)
	told := tell(h, sink, 10)
	failing[told[3]], failing[told[7]] = true, true
	h.Start(sink, 300*time.Millisecond)
	once(t, eachTaken(t, server, told))
	for _, e := range server.Arrived() {
		if want := failing[about(e)]; e.Try == 2 && !want || e.Try > 2 {
			t.Errorf("job %s came %d times", about(e), e.Try)
		}
	}
	entry := h.Logs(events.TypeDeliveryScheduled, told[3])
	if entry.Attempt != 1 || entry.Error == "" || entry.NextAt == nil || entry.Status != 200 || entry.Answer == "" {
		t.Errorf("log has %+v, want attempt 1 with the code of its entry and the time of the next", entry)
	}
	if entry := h.Logs(events.TypeDeliveryDelivered, told[3]); entry.Attempt != 2 {
		t.Errorf("log has %+v, want attempt 2", entry)
	}
}

// TestBadDays has everything that can go wrong with a whole request, and wants all events on the bus in the end.
func TestBadDays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		reply reply
		code  string
	}{
		{"Throttled", reply{Status: 400, Code: "ThrottlingException"}, "ThrottlingException"},
		{"TooManyRequests", reply{Status: 429}, "status"},
		{"InternalError", reply{Status: 500, Code: "InternalException"}, "InternalException"},
		{"NoBodyAtAll", reply{Status: 503}, "status"},
		{"NoSuchBus", reply{Status: 400, Code: "ResourceNotFoundException"}, "ResourceNotFoundException"},
		{"ForbiddenForNow", reply{Status: 400, Code: "AccessDeniedException"}, "AccessDeniedException"},
		{"Hangs", reply{Hang: true}, "timeout"},
		{"ConnectionIsReset", reply{Reset: true}, "protocol"},
		{"AnswerIsNoJSON", reply{Raw: "<html>a proxy was here</html>"}, "protocol"},
		{"AnswerIsCutShort", reply{Raw: `{"FailedEntryCount":0,"Entries":[{"EventId":"1"`}, "protocol"},
		{"AnswerIsEmpty", reply{Raw: `{}`}, "protocol"},
		{"TooFewResults", reply{Drop: 1}, "protocol"},
		{"TooManyResults", reply{Drop: -1}, "protocol"},
		{"NeitherIDNorError", reply{Blank: true}, "protocol"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := sinktest.Open(t)
			server := eventbridgetest.Start(t, func(r request) reply {
				if slices.ContainsFunc(r.Entries, func(e eventbridgetest.Entry) bool { return e.Try == 1 }) {
					return tt.reply
				}
				return reply{}
			})
			sink := sinkAt(server.URL, func(c *eventbridge.Config) {
				if tt.reply.Hang {
					c.Timeout = 3 * time.Second
				}
			})
			told := tell(h, sink, 3)
			h.Start(sink, 100*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond)
			eachTaken(t, server, told)
			if entry := h.Logs(events.TypeDeliveryScheduled, told[0]); entry.Error != tt.code || entry.Attempt != 1 || entry.Status != tt.reply.Status && tt.reply.Status != 0 {
				t.Errorf("log has %+v, want attempt 1 with %s and status %d", entry, tt.code, tt.reply.Status)
			}
			h.Logs(events.TypeDeliveryDelivered, told[0])
			if dead := h.Stored(bus.Dead, bus.DeadSubject("bridge", sinktest.Application)); len(dead) > 0 {
				t.Errorf("buried for %s", dead[0].Header.Get("Ringback-Reason"))
			}
		})
	}
}

// TestRedirect is followed nowhere: a signature is for one host, and so are the pictures' addresses.
func TestRedirect(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	elsewhere := eventbridgetest.Start(t, nil)
	server := eventbridgetest.Start(t, func(r request) reply {
		if r.Nth > 1 {
			return reply{}
		}
		return reply{Status: http.StatusFound, Location: elsewhere.URL}
	})
	sink := sinkAt(server.URL)
	h.Start(sink, 100*time.Millisecond)
	job := h.Tell(sink)
	if entry := h.Logs(events.TypeDeliveryScheduled, job); entry.Error != "status" || entry.Status != http.StatusFound {
		t.Errorf("log has %+v, want the status", entry)
	}
	eachTaken(t, server, []string{job})
	if came, refused := elsewhere.Arrived(), elsewhere.Refused(); len(came) > 0 || len(refused) > 0 {
		t.Errorf("the address of a redirect was asked: %v %v", came, refused)
	}
}

// TestRefusedEntry buries what another attempt cannot change, at once and with the code, and nothing beside it.
func TestRefusedEntry(t *testing.T) {
	t.Parallel()
	for _, code := range []string{
		"AccessDeniedException", "InvalidAccountIdException", "InvalidArgument", "MalformedDetail", "RedactionFailure",
		"NotAuthorizedForSourceException", "NotAuthorizedForDetailTypeException",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			h := sinktest.Open(t)
			bad := make(chan string, 1)
			server := eventbridgetest.Start(t, func(r request) reply {
				name := <-bad
				bad <- name
				i := slices.IndexFunc(r.Entries, func(e eventbridgetest.Entry) bool { return about(e) == name })
				return reply{Codes: map[int]string{i: code}}
			})
			sink := sinkAt(server.URL)
			told := tell(h, sink, 3)
			bad <- told[1]
			h.Start(sink, 50*time.Millisecond)
			once(t, eachTaken(t, server, []string{told[0], told[2]}))
			onlyBuried(t, h, server, told[1], code)
		})
	}
}

// onlyBuried demands that a job was tried once and is on record with a code.
func onlyBuried(t *testing.T, h *sinktest.House, server *eventbridgetest.Server, job, code string) {
	t.Helper()
	dead := h.Buried("bridge", 1)
	if reason := dead[0].Header.Get("Ringback-Reason"); !strings.HasPrefix(reason, code+": ") || dead[0].Header.Get("Ringback-Job") != job {
		t.Errorf("buried is %v, want job %s with %s", dead[0].Header, job, code)
	}
	if entry := h.Logs(events.TypeDeliveryExhausted, job); entry.Error != code || entry.Attempt != 1 || entry.NextAt != nil {
		t.Errorf("log has %+v, want attempt 1 with %s and no next", entry, code)
	}
	if n := len(h.Stored(bus.Dead, bus.DeadSubject("bridge", sinktest.Application))); n != 1 {
		t.Errorf("%d are buried, want one", n)
	}
	for _, e := range server.Arrived() {
		if about(e) == job && e.Try > 2 { // once with others, and once alone where the whole request was refused
			t.Errorf("it came %d times", e.Try)
		}
	}
}

// TestRefusedRequest has one event for which the bus refuses whole requests, and wants the others on the bus.
func TestRefusedRequest(t *testing.T) {
	t.Parallel()
	for _, refusal := range []reply{{Status: 400, Code: "ValidationException"}, {Status: http.StatusRequestEntityTooLarge, Code: "RequestEntityTooLargeException"}} {
		t.Run(refusal.Code, func(t *testing.T) {
			t.Parallel()
			h := sinktest.Open(t)
			bad := make(chan string, 1)
			server := eventbridgetest.Start(t, func(r request) reply {
				name := <-bad
				bad <- name
				if slices.ContainsFunc(r.Entries, func(e eventbridgetest.Entry) bool { return about(e) == name }) {
					return refusal
				}
				return reply{}
			})
			sink := sinkAt(server.URL)
			told := tell(h, sink, 10)
			bad <- told[4]
			h.Start(sink, 50*time.Millisecond)
			once(t, eachTaken(t, server, slices.Delete(slices.Clone(told), 4, 5)))
			onlyBuried(t, h, server, told[4], refusal.Code)
		})
	}
}

// TestWrongSecret keeps what cannot be sent for now: a person can repair it.
func TestWrongSecret(t *testing.T) {
	t.Parallel()
	h, server := sinktest.Open(t), eventbridgetest.Start(t, nil)
	wrong := sinkAt(server.URL, func(c *eventbridge.Config) { c.SecretAccessKey = config.Secret("wrong") })
	instance := h.Start(wrong, 2*time.Second)
	job := h.Tell(wrong)
	entry := h.Logs(events.TypeDeliveryScheduled, job)
	if entry.Error != "InvalidSignatureException" || entry.Status != http.StatusForbidden {
		t.Errorf("log has %+v, want what the bus said", entry)
	}
	if refused := server.Refused(); len(refused) != 1 || len(server.Arrived()) != 0 {
		t.Errorf("the bus refused %v and took in %d entries", refused, len(server.Arrived()))
	}
	instance.Stop()
	h.Start(sinkAt(server.URL), time.Second)
	server.Until("it is on the bus", func() bool { return len(server.Taken()) == 1 })
}

func TestExhausted(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	server := eventbridgetest.Start(t, func(request) reply { return reply{Status: 500, Code: "InternalFailure"} })
	sink := sinkAt(server.URL)
	h.Start(sink, 50*time.Millisecond, 50*time.Millisecond)
	job := h.Tell(sink)
	if entry := h.Logs(events.TypeDeliveryExhausted, job); entry.Attempt != 3 || entry.NextAt != nil || entry.Error != "InternalFailure" {
		t.Errorf("log has %+v, want attempt 3 and no next", entry)
	}
	dead := h.Buried("bridge", 1)
	if reason := dead[0].Header.Get("Ringback-Reason"); !strings.HasPrefix(reason, "InternalFailure: ") {
		t.Errorf("buried for %q", reason)
	}
	if n := len(server.Arrived()); n != 3 {
		t.Errorf("came %d times, want 3", n)
	}
}

// TestPoison buries what cannot be read, and goes on.
func TestPoison(t *testing.T) {
	t.Parallel()
	h, server := sinktest.Open(t), eventbridgetest.Start(t, nil)
	sink := sinkAt(server.URL)
	h.Start(sink)
	for _, out := range []bus.Out{
		{Subject: events.ResultSubject(sinktest.Application, "nonsense"), Data: []byte("<not json>")},
		{Subject: bus.BridgeFirst(sinktest.Application), Data: []byte("no headers"), Header: bus.Header{bus.HeaderApplication: {sinktest.Application}}},
	} {
		if _, err := h.Bus.Publish(t.Context(), out); err != nil {
			t.Fatal(err)
		}
	}
	eachTaken(t, server, tell(h, sink, 1))
	for _, kind := range []string{"event", "bridge"} {
		if dead := h.Buried(kind, 1); dead[0].Header.Get("Ringback-Reason") == "" {
			t.Errorf("buried without a reason: %v", dead[0].Header)
		}
	}
}

// TestRepeatedResult is refused by the stream, and nothing comes of it.
func TestRepeatedResult(t *testing.T) {
	t.Parallel()
	h, server := sinktest.Open(t), eventbridgetest.Start(t, nil)
	sink := sinkAt(server.URL)
	h.Start(sink)
	result := h.NewResult()
	if err := h.Publish(result, sink.Record()); err != nil {
		t.Fatal(err)
	}
	eachTaken(t, server, []string{result.ID})
	h.Rebuild()
	if err := h.Publish(result, sink.Record()); !errors.Is(err, bus.ErrExists) {
		t.Errorf("the same result once more: %v, want ErrExists", err)
	}
	h.Start(sink)
	eachTaken(t, server, tell(h, sink, 1))
	for _, e := range server.Taken() {
		if e.Try > 1 && about(e) != result.ID { // a kill may repeat an attempt whose acknowledgement was lost
			t.Errorf("job %s came again", about(e))
		}
	}
}
