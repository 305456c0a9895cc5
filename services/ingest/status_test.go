package ingest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/ingest"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
)

// soon is far less than the time that a request waits in these tests: whoever answers by then did not wait it out.
const soon = 30 * time.Second

func completed() events.Result {
	return events.Result{
		State: events.StateCompleted, Source: &events.Source{Width: 2, Height: 1, Format: "jpeg", Bytes: 9},
		Outputs: []events.Output{{ID: "gray", URL: "http://h/gray.jpg", Width: 2, Height: 1, Format: "jpeg", Bytes: 7}},
	}
}

func TestGetJob(t *testing.T) {
	t.Parallel()
	h := open(t, nil)

	t.Run("QueuedUntilItHasAResult", func(t *testing.T) {
		t.Parallel()
		h := h.in(t)
		id := h.submit(native)
		if got := read[events.Result](h, h.get("/v1/jobs/"+id.String()), http.StatusOK); got.State != events.StateQueued {
			t.Errorf("state is %s, want queued", got.State)
		}
	})

	t.Run("ResultIsReadableOnceItIsStored", func(t *testing.T) {
		t.Parallel()
		h := h.in(t)
		// Without a pause: the server's copy in the status bucket is most often not there yet, and EVENTS answers.
		for range 20 {
			id := h.newID("demo")
			h.publish("demo", id, job.Record{}, completed())
			want := completed()
			want.ID = id.String()
			got := read[events.Result](h, h.get("/v1/jobs/"+id.String()), http.StatusOK)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("status (-want +got):\n%s", diff)
			}
		}
	})

	t.Run("ResultIsReadFromTheStatusBucket", func(t *testing.T) {
		t.Parallel()
		h := h.in(t)
		id := h.newID("demo")
		h.publish("demo", id, job.Record{}, completed())
		h.untilStatus("demo", id)
		h.must(h.deps.Bus.Trim(t.Context(), bus.Events, events.ResultSubject("demo", id.String()), 1<<60))
		if got := read[events.Result](h, h.get("/v1/jobs/"+id.String()), http.StatusOK); got.State != events.StateCompleted {
			t.Errorf("state is %s, want completed", got.State)
		}
	})

	forged := h.newID("demo")
	forged[9] ^= 1
	old := events.NewID(time.Now().Add(-bus.ResultRetention-time.Hour), "demo", h.deps.Key.Derive("job ids"))
	foreign := h.newID("other")
	h.publish("other", foreign, job.Record{}, completed())
	for name, id := range map[string]string{
		"NotAnID": "none", "Forged": forged.String(), "Old": old.String(), "OfAnotherApplication": foreign.String(),
		"InAnotherSpelling": h.newID("demo").Blitline(),
	} {
		t.Run(name+"IsUnknown", func(t *testing.T) {
			t.Parallel()
			wantProblem(t, h.in(t).get("/v1/jobs/"+id), "not-found")
			wantProblem(t, h.in(t).get("/v1/jobs/"+id+"?wait=60"), "not-found")
		})
	}

	t.Run("NeedsTheToken", func(t *testing.T) {
		t.Parallel()
		wantProblem(t, h.in(t).get("/v1/jobs/"+foreign.String(), "Authorization", ""), "unauthorized")
	})

	t.Run("BadWait", func(t *testing.T) {
		t.Parallel()
		for _, wait := range []string{"-1", "soon", "NaN", "-0.5s", "Inf"} {
			wantProblem(t, h.in(t).get("/v1/jobs/"+h.newID("demo").String()+"?wait="+wait), "invalid-request", "wait")
		}
	})

	t.Run("ShortWaitEndsInQueued", func(t *testing.T) {
		t.Parallel()
		h := h.in(t)
		for _, wait := range []string{"0", "0.01", "10ms"} {
			got := read[events.Result](h, h.get("/v1/jobs/"+h.newID("demo").String()+"?wait="+wait), http.StatusOK)
			if got.State != events.StateQueued {
				t.Errorf("wait=%s: state is %s, want queued", wait, got.State)
			}
		}
	})
}

func TestGetJob_Wait(t *testing.T) {
	t.Parallel()

	t.Run("EndedJobAnswersAtOnce", func(t *testing.T) {
		t.Parallel()
		h := open(t, nil)
		id := h.newID("demo")
		h.publish("demo", id, job.Record{}, completed())
		begun := time.Now()
		got := read[events.Result](h, h.get("/v1/jobs/"+id.String()+"?wait=60"), http.StatusOK)
		if took := time.Since(begun); got.State != events.StateCompleted || took > soon {
			t.Errorf("state %s after %s, want completed at once", got.State, took)
		}
	})

	t.Run("ManyWaitersOneResult", func(t *testing.T) {
		t.Parallel()
		const waiters = 50
		h := open(t, func(c *ingest.Config) { c.Waiters = waiters })
		id := h.newID("demo")
		answers := make(chan events.Result, waiters)
		for range waiters {
			go func() { answers <- h.wait(id) }()
		}
		h.untilFull(id)
		begun := time.Now()
		h.publish("demo", id, job.Record{}, completed())
		for range waiters {
			if got := <-answers; got.State != events.StateCompleted {
				t.Errorf("state is %s, want completed", got.State)
			}
		}
		if took := time.Since(begun); took > soon {
			t.Errorf("answered after %s, want at once", took)
		}
		// All places are free again.
		h.get("/v1/jobs/" + h.newID("demo").String() + "?wait=1ms")
	})

	t.Run("StopAnswersAtOnce", func(t *testing.T) {
		t.Parallel()
		h := open(t, func(c *ingest.Config) { c.Waiters = 1 })
		id := h.newID("demo")
		answer := make(chan events.Result)
		go func() { answer <- h.wait(id) }()
		h.untilFull(id)
		h.client.CloseIdleConnections() // one that was never used would be waited for
		stopped := make(chan error)
		go func() { stopped <- h.stop() }()
		if got := <-answer; got.State != events.StateQueued {
			t.Errorf("state is %s, want queued", got.State)
		}
		if err := <-stopped; err != nil { // as one does that has to cut requests short
			t.Errorf("stop: %v", err)
		}
	})
}

func (h *house) get(route string, header ...string) reply {
	h.Helper()
	return h.send(http.MethodGet, route, nil, header...)
}

// wait waits for a result, and tries again while untilFull has its place.
func (h *house) wait(id events.ID) (result events.Result) {
	for {
		answer := h.get("/v1/jobs/" + id.String() + "?wait=60")
		if answer.StatusCode == http.StatusServiceUnavailable {
			continue
		}
		if err := json.Unmarshal([]byte(answer.body), &result); err != nil {
			h.Error(err)
		}
		return result
	}
}

// untilFull returns once as many requests wait as may, and has seen that one more is told to come back.
func (h *house) untilFull(id events.ID) {
	h.Helper()
	for {
		answer := h.get("/v1/jobs/" + id.String() + "?wait=1ms")
		if answer.StatusCode == http.StatusServiceUnavailable {
			wantProblem(h, answer, "unavailable")
			if answer.Header.Get("Retry-After") == "" {
				h.Error("no Retry-After")
			}
			return
		}
	}
}

// untilStatus returns once the server has copied a result into the status bucket.
func (h *house) untilStatus(app string, id events.ID) {
	h.Helper()
	bucket, err := h.deps.Bus.Bucket(h.Context(), bus.StatusBucket)
	h.must(err)
	for h.Context().Err() == nil {
		if _, err := bucket.Get(h.Context(), events.StatusKey(app, id.String())); err == nil {
			return
		} else if !strings.Contains(err.Error(), "not found") {
			h.Fatal(err)
		}
	}
}
