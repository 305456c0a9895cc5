package test_test

import (
	"context"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
)

func TestSubscribeLive(t *testing.T) {
	t.Parallel()
	nc := startBroker(t, nil).connect()
	js := stream(t, nc)
	ctx, cancel := context.WithCancel(t.Context())
	seen, ended := make(chan string, 100), make(chan error, 1)
	go func() {
		ended <- events.SubscribeLive(ctx, nc, func(_ context.Context, e event.Event) {
			seen <- e.Type() + " " + e.Subject()
		}, events.WithApplication("shop"), events.WithTypes(events.TypeJobProgress, events.TypeJobFailed))
	}()
	// A live event is for those who listen already: repeat the first until it is heard.
	progress := progressMessage(t, "shop", "job0")
	for heard := false; !heard; {
		if err := nc.PublishMsg(progress); err != nil {
			t.Fatal(err)
		}
		select {
		case <-seen:
			heard = true
		case <-time.After(10 * time.Millisecond):
		}
	}
	publish(t, js, "other", "job1", events.StateFailed)
	publish(t, js, "shop", "job2", events.StateCompleted)
	if err := nc.Publish(events.LiveProgressSubject("shop", "junk"), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	publish(t, js, "shop", "job3", events.StateFailed)
	var got string
	for got = range seen {
		if got != events.TypeJobProgress+" job0" {
			break
		}
	}
	if diff := cmp.Diff(events.TypeJobFailed+" job3", got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v, want nil", err)
	}
}
