package eventbridge_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/sinks/eventbridge"
	"github.com/ringback/ringback/services/sinks/eventbridge/eventbridgetest"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

func TestNative(t *testing.T) {
	t.Parallel()
	h, server := sinktest.Open(t), eventbridgetest.Start(t, nil)
	sink := sinkAt(server.URL)
	h.Start(sink)
	result := h.NewResult()
	result.Metadata = json.RawMessage(`{"order":"Grüße"}`)
	if err := h.Publish(result, asking(native.Dialect, nil)); err != nil {
		t.Fatal(err)
	}
	eachTaken(t, server, []string{result.ID})
	e := server.Taken()[0]
	if e.Bus != "default" || e.Source != "dev.ringback" || e.DetailType != events.TypeJobCompleted {
		t.Errorf("came from %q as %q on %q", e.Source, e.DetailType, e.Bus)
	}
	want, err := native.StatusReply(result)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(e.Detail)); diff != "" {
		t.Errorf("detail (-want +got):\n%s", diff)
	}
	if err := sinktest.ValidEvent(events.TypeJobCompleted, e.Detail); err != nil {
		t.Error(err)
	}
	stored := h.Stored(bus.Events, events.ResultSubject(sinktest.Application, result.ID))[0].Stored
	if off := e.Time.Sub(stored).Abs(); off > time.Second {
		t.Errorf("timed %s, want %s, when the result was stored", e.Time, stored)
	}
	entry := h.Logs(events.TypeDeliveryDelivered, result.ID)
	if entry.Attempt != 1 || entry.Status != 200 || entry.Sink != "eventbridge" || entry.Endpoint == "" ||
		!strings.HasSuffix(entry.Target, "/default") {
		t.Errorf("log has %+v", entry)
	}
}

func TestBlitline(t *testing.T) {
	t.Parallel()
	h, server := sinktest.Open(t), eventbridgetest.Start(t, nil)
	change(t, h, application.Settings{Bridge: &application.Bridge{Always: true}})
	h.Start(sinkAt(server.URL))
	details := blitline.Details{Version: 1.1, Images: []blitline.Image{{Output: "a", Identifier: "MY_ID"}}, PostbackErrorOnly: true}
	quiet, failed := h.NewResult(), h.NewResult()
	failed.State, failed.Outputs = events.StateFailed, []events.Output{}
	failed.Errors = []events.Failure{{Code: "source_status", Message: "the source answered 404"}}
	for _, result := range []events.Result{quiet, failed} { // the first succeeds, and only errors are wanted
		if err := h.Publish(result, job.Record{Dialect: blitline.Dialect, Details: details.Encode()}); err != nil {
			t.Fatal(err)
		}
	}
	server.Until("an event came", func() bool { return len(server.Taken()) > 0 })
	e := server.Taken()[0]
	var detail map[string][]byte
	if err := json.Unmarshal(e.Detail, &detail); err != nil || len(detail) != 1 {
		t.Fatalf("detail %s, want base64_json alone: %v", e.Detail, err)
	}
	if diff := cmp.Diff(string(blitline.Result(failed, details)), string(detail["base64_json"])); diff != "" {
		t.Errorf("base64_json (-want +got):\n%s", diff)
	}
	if e.DetailType != events.TypeJobFailed {
		t.Errorf("came as %q", e.DetailType)
	}
}

// TestOwnBus sends an application's events where it says, under its names, whether its jobs ask or not.
func TestOwnBus(t *testing.T) {
	t.Parallel()
	h, server := sinktest.Open(t), eventbridgetest.Start(t, nil)
	sink := sinkAt(server.URL, func(c *eventbridge.Config) { c.Bus, c.DetailType = "ours", "Picture made" })
	h.Start(sink)
	eachTaken(t, server, tell(h, sink, 1))
	const arn = "arn:aws:events:eu-central-1:123456789012:event-bus/theirs"
	change(t, h, application.Settings{Bridge: &application.Bridge{Bus: arn, Source: "shop", DetailType: "Done", Always: true}})
	silent := h.NewResult()
	if err := h.Publish(silent, job.Record{Dialect: native.Dialect}); err != nil {
		t.Fatal(err)
	}
	eachTaken(t, server, []string{silent.ID})
	var got []string
	for _, e := range server.Taken() {
		got = append(got, fmt.Sprint(e.Bus, " ", e.Source, " ", e.DetailType))
	}
	if diff := cmp.Diff([]string{"ours dev.ringback Picture made", arn + " shop Done"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	first := h.Logs(events.TypeDeliveryDelivered, about(server.Taken()[0]))
	second := h.Logs(events.TypeDeliveryDelivered, silent.ID)
	if first.Endpoint == second.Endpoint || !strings.HasSuffix(second.Target, "/"+arn) {
		t.Errorf("endpoints %s and %s, the second at %s: want two buses told apart", first.Endpoint, second.Endpoint, second.Target)
	}
}

// TestSizes has events that do not fit together, one that fits alone only, and one that does not fit at all.
func TestSizes(t *testing.T) {
	t.Parallel()
	sized := func(result events.Result, n int) events.Result {
		result.Metadata = json.RawMessage(`"` + strings.Repeat("x", n) + `"`)
		return result
	}

	t.Run("RequestsStayBelowTheOldLimit", func(t *testing.T) {
		t.Parallel()
		const backlog = 20
		h := sinktest.Open(t)
		release := make(chan struct{})
		server := eventbridgetest.Start(t, func(eventbridgetest.Request) eventbridgetest.Reply {
			<-release
			return eventbridgetest.Reply{}
		}).Narrow(256_000)
		sink := sinkAt(server.URL, func(c *eventbridge.Config) { c.InFlight = 1 })
		var told []string
		for range backlog {
			result := sized(h.NewResult(), 60_000)
			told = append(told, result.ID)
			if err := h.Publish(result, sink.Record()); err != nil {
				t.Fatal(err)
			}
		}
		h.Start(sink)
		handedOut(h, backlog)
		close(release)
		once(t, eachTaken(t, server, told))
		if n, _ := server.Requests(); n > backlog/2 {
			t.Errorf("%d events of 60 kB took %d requests, want about four to a request", backlog, n)
		}
	})

	t.Run("ALargeOneGoesAloneAndATooLargeOneIsBuried", func(t *testing.T) {
		t.Parallel()
		h, server := sinktest.Open(t), eventbridgetest.Start(t, nil)
		sink := sinkAt(server.URL)
		large, tooLarge, small := sized(h.NewResult(), 900_000), sized(h.NewResult(), 1_010_000), h.NewResult()
		for _, result := range []events.Result{large, tooLarge, small} {
			if err := h.Publish(result, sink.Record()); err != nil {
				t.Fatal(err)
			}
		}
		h.Start(sink, time.Hour)
		once(t, eachTaken(t, server, []string{large.ID, small.ID}))
		dead := h.Buried("bridge", 1)
		if reason := dead[0].Header.Get("Ringback-Reason"); !strings.HasPrefix(reason, "too_large: the event has 1010") {
			t.Errorf("buried for %q", reason)
		}
		if entry := h.Logs(events.TypeDeliveryExhausted, tooLarge.ID); entry.Error != "too_large" || entry.Attempt != 0 {
			t.Errorf("log has %+v", entry)
		}
	})
}
