package eventbridge_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/sinks/eventbridge"
	"github.com/ringback/ringback/services/sinks/eventbridge/eventbridgetest"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// sinkAt is the sink with a bus at an address. The suite of package sinktest tells of one HTTP endpoint for each target;
// here there is one bus for all, so what the suite demands is told again in this package's own tests.
func sinkAt(url string, changes ...func(*eventbridge.Config)) sinktest.Sink {
	return sinktest.Sink{
		New: func(deps sinktest.Deps) (sinktest.Runner, error) {
			c := eventbridge.DefaultConfig()
			c.Region, c.Endpoint = eventbridgetest.Region, url
			c.AccessKeyID, c.SecretAccessKey = eventbridgetest.AccessKeyID, config.Secret(eventbridgetest.SecretAccessKey)
			c.Timeout, c.Grace = time.Minute, time.Second // none ends an attempt because the machine is busy
			for _, change := range changes {
				change(&c)
			}
			return eventbridge.New(c, eventbridge.Deps{
				Bus: deps.Bus, Applications: deps.Applications, Key: deps.Key, Metrics: deps.Metrics, Log: deps.Log,
				Schedule: deps.Schedule,
			})
		},
		Record: func(...string) job.Record { return asking(native.Dialect, nil) },
	}
}

// asking is the record of a job that wants to be told by EventBridge.
func asking(dialect string, details json.RawMessage) job.Record {
	return job.Record{Dialect: dialect, Details: details, Targets: []job.Target{{Sink: job.SinkEventBridge}}}
}

// about is the job that an entry of a native job is about.
func about(e eventbridgetest.Entry) string {
	var result events.Result
	_ = json.Unmarshal(e.Detail, &result) // what cannot be read is about nothing
	return result.ID
}

// change gives the application settings and waits until the sinks know them.
func change(t *testing.T, h *sinktest.House, to application.Settings) {
	t.Helper()
	bucket, err := h.Bus.Bucket(t.Context(), bus.ApplicationBucket)
	if err != nil {
		t.Fatal(err)
	}
	store := application.NewStore(bucket, h.Key)
	if _, err := store.Change(t.Context(), sinktest.Application, func(s *application.Settings) error { *s = to; return nil }); err != nil {
		t.Fatal(err)
	}
	h.Await("the settings are known", func() bool {
		app, _ := h.Directory.ByID(sinktest.Application)
		return (app.Settings.Bridge != nil) == (to.Bridge != nil) && len(app.Settings.Schedules) == len(to.Schedules)
	})
}

// tell publishes the results of n new jobs.
func tell(h *sinktest.House, sink sinktest.Sink, n int) []string {
	var told []string
	for range n {
		told = append(told, h.Tell(sink))
	}
	return told
}

// otherLanes adds an application in each lane that the suite's own is not in.
func otherLanes(t *testing.T, h *sinktest.House) []string {
	t.Helper()
	bucket, err := h.Bus.Bucket(t.Context(), bus.ApplicationBucket)
	if err != nil {
		t.Fatal(err)
	}
	store, seen := application.NewStore(bucket, h.Key), map[string]bool{bus.BridgeLane(sinktest.Application): true}
	var added []string
	for i := 0; len(seen) < bus.BridgeLanes; i++ {
		app := fmt.Sprint("app", i)
		if seen[bus.BridgeLane(app)] {
			continue
		}
		seen[bus.BridgeLane(app)] = true
		if _, err := store.Add(t.Context(), app); err != nil {
			t.Fatal(err)
		}
		h.Await(app+" is known", func() bool { _, ok := h.Directory.ByID(app); return ok })
		added = append(added, app)
	}
	return added
}

// tellOf publishes the result of a new job of an application.
func tellOf(t *testing.T, h *sinktest.House, app string) string {
	t.Helper()
	result := h.NewResult()
	id, err := events.ParseID(result.ID)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := asking(native.Dialect, nil).Seal(h.Key, app, id)
	if err != nil {
		t.Fatal(err)
	}
	out, err := bus.Event(events.ResultSubject(app, result.ID), result.State.Type(), "/ringback/processor", result.ID, result)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Bus.PublishAtomic(t.Context(), []bus.Out{{Subject: bus.RecordSubject(app, result.ID), Data: sealed}, out}); err != nil {
		t.Fatal(err)
	}
	return result.ID
}

// handedOut waits until the broker has given all n events of the suite's own application to the sink, which must be in
// the middle of a request: none of them is settled.
func handedOut(h *sinktest.House, n int) {
	h.Await(fmt.Sprintf("%d events wait for their request", n), func() bool {
		pending, err := h.Bus.Pending(context.Background(), bus.Bridge, bus.BridgeConsumer(bus.BridgeLane(sinktest.Application)))
		return err == nil && pending == n
	})
}

// eachTaken waits until every job is on the bus, and counts how often each is.
func eachTaken(t *testing.T, server *eventbridgetest.Server, told []string) map[string]int {
	t.Helper()
	count := func() map[string]int {
		times := map[string]int{}
		for _, e := range server.Taken() {
			times[about(e)]++
		}
		return times
	}
	server.Until("every job is on the bus", func() bool {
		times := count()
		for _, job := range told {
			if times[job] == 0 {
				return false
			}
		}
		return true
	})
	if refused := server.Refused(); len(refused) > 0 {
		t.Errorf("the bus refused requests: %v", refused)
	}
	return count()
}

// once demands that each job is on the bus exactly once.
func once(t *testing.T, times map[string]int) {
	t.Helper()
	for job, n := range times {
		if n != 1 {
			t.Errorf("job %s is on the bus %d times", job, n)
		}
	}
}
