package sinktest

import (
	"slices"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
)

// Run holds a sink to what every sink promises.
func Run(t *testing.T, sink Sink) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(*testing.T, Sink)
	}{
		{"ResultReachesItsTarget", resultReaches},
		{"EveryTargetOfAJobIsTold", everyTarget},
		{"RestartNeitherLosesNorRenames", restart},
		{"RepeatedResultIsRefused", repeated},
		{"TwoInstancesShareUnderOneID", sideBySide},
		{"SecondInstanceTakesOver", takeOver},
		{"PoisonIsBuriedAndTheNextGoesOut", poison},
		{"FailureIsRepeatedWithTheSameID", failure},
		{"SilentEndpointHoldsUpNobodyElse", silence},
		{"RetryOutlivesTheHouse", outlives},
		{"RetryAfterIsAMinimum", retryAfter},
		{"GoneStopsAtOnce", gone},
		{"LastAttemptIsOnRecord", exhausted},
		{"NameThatMovesIsBlocked", rebound},
		{"AttemptInProgressEndsBeforeTheStop", endsWell},
		{"AttemptThatIsCutIsRepeated", cut},
		{statesInOrder, order},
	} {
		if c.name == statesInOrder && sink.Width == nil {
			continue // each of its arrivals is about a result of its own
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, sink)
		})
	}
}

// statesInOrder is the case for sinks that tell of items that change.
const statesInOrder = "StatesComeInTheirOrder"

// Receive starts an endpoint at which every arrival is checked.
func (h *House) Receive(sink Sink, answer Answer) *Receiver {
	h.tb.Helper()
	return Receive(h.tb, answer, func(a Arrival) {
		app, _ := h.Directory.ByID(Application)
		if err := sink.Check(a, app); err != nil {
			h.tb.Errorf("arrival %d, delivery %s: %v", a.Nth, a.ID, err)
		}
	})
}

func resultReaches(t *testing.T, sink Sink) {
	h := Open(t)
	receiver := h.Receive(sink, Accept)
	h.Start(sink)
	about := h.Tell(sink, receiver.URL)
	a := receiver.Next(t)
	if sink.About(a) != about || a.ID == "" {
		t.Errorf("delivery %q is about %s, want %s", a.ID, sink.About(a), about)
	}
	entry := h.Logs(events.TypeDeliveryDelivered, about)
	if entry.ID != a.ID || entry.Attempt != 1 || entry.Target != receiver.URL {
		t.Errorf("log has %+v, want attempt 1 of %s at %s", entry, a.ID, receiver.URL)
	}
}

// everyTarget applies to sinks that let a job have several; the others tell the first.
func everyTarget(t *testing.T, sink Sink) {
	h := Open(t)
	one, two := h.Receive(sink, Accept), h.Receive(sink, Accept)
	h.Start(sink)
	record := sink.Record(one.URL, two.URL)
	result := h.NewResult()
	if err := h.Publish(result, record); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{one.Next(t).ID: true}
	if len(record.Targets) > 1 {
		ids[two.Next(t).ID] = true
	}
	if len(ids) != len(record.Targets) {
		t.Errorf("%d targets were told under %d ids", len(record.Targets), len(ids))
	}
}

// restart tells of some jobs before and some after, and takes the broker away in between while the sink is at work.
func restart(t *testing.T, sink Sink) {
	h := Open(t)
	receiver := h.Receive(sink, Accept)
	h.Start(sink)
	var told []string
	for round := range 3 {
		for range 10 {
			told = append(told, h.Tell(sink, receiver.URL))
		}
		if round == 1 {
			receiver.Next(t)
		}
		h.Rebuild()
		h.Start(sink)
	}
	eachOnce(t, sink, receiver, told)
}

// eachOnce waits for all of the jobs and then demands that each came under one id.
func eachOnce(t *testing.T, sink Sink, receiver *Receiver, told []string) {
	t.Helper()
	list := receiver.Until(t, "every job arrived", func(list []Arrival) bool {
		seen := map[string]bool{}
		for _, a := range list {
			seen[sink.About(a)] = true
		}
		return len(seen) >= len(told)
	})
	ids, about := map[string]string{}, map[string]string{}
	for _, a := range list {
		job := sink.About(a)
		if id, known := ids[job]; known && id != a.ID {
			t.Errorf("job %s came as %s and as %s", job, id, a.ID)
		}
		if other, known := about[a.ID]; known && other != job {
			t.Errorf("delivery %s was about %s and about %s", a.ID, other, job)
		}
		ids[job], about[a.ID] = a.ID, job
	}
	for _, job := range told {
		if ids[job] == "" {
			t.Errorf("nothing came about job %s", job)
		}
	}
}

func repeated(t *testing.T, sink Sink) {
	h := Open(t)
	receiver := h.Receive(sink, Accept)
	h.Start(sink)
	result, record := h.NewResult(), sink.Record(receiver.URL)
	if err := h.Publish(result, record); err != nil {
		t.Fatal(err)
	}
	receiver.Next(t)
	mustExist(t, h.Publish(result, record))
	h.Rebuild()
	mustExist(t, h.Publish(result, record))
	h.Start(sink)
	next := h.Tell(sink, receiver.URL)
	if a := receiver.Next(t); sink.About(a) != next && a.Try == 1 {
		t.Errorf("job %s came again as %s", sink.About(a), a.ID)
	}
}

func sideBySide(t *testing.T, sink Sink) {
	h := Open(t)
	receiver := h.Receive(sink, FailFirst(1, 500))
	h.Start(sink, 200*time.Millisecond)
	h.Start(sink, 200*time.Millisecond)
	var told []string
	for range 40 {
		told = append(told, h.Tell(sink, receiver.URL))
	}
	eachOnce(t, sink, receiver, told)
	receiver.Until(t, "everything was taken", func(list []Arrival) bool { return taken(list) == len(told) })
	for _, a := range receiver.Arrivals() {
		if a.Try > 2 {
			t.Errorf("delivery %s came %d times; no instance was stopped", a.ID, a.Try)
		}
	}
}

// taken counts the deliveries that came more than once, which means that [FailFirst] took them.
func taken(list []Arrival) int {
	ids := map[string]bool{}
	for _, a := range list {
		if a.Try > 1 {
			ids[a.ID] = true
		}
	}
	return len(ids)
}

func takeOver(t *testing.T, sink Sink) {
	h := Open(t)
	receiver := h.Receive(sink, Accept)
	first := h.Start(sink)
	told := []string{h.Tell(sink, receiver.URL)}
	receiver.Next(t)
	h.Start(sink)
	told = append(told, h.Tell(sink, receiver.URL))
	receiver.Next(t)
	first.Stop()
	begun := time.Now()
	told = append(told, h.Tell(sink, receiver.URL))
	eachOnce(t, sink, receiver, told)
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("the second instance took over in %s, want seconds", took)
	}
}

func poison(t *testing.T, sink Sink) {
	h := Open(t)
	receiver := h.Receive(sink, Accept)
	h.Start(sink)
	h.publishNonsense(sink)
	unreadable := h.NewResult()
	if err := h.publishSealed(unreadable, []byte("not sealed by anybody")); err != nil {
		t.Fatal(err)
	}
	good := h.Tell(sink, receiver.URL)
	if a := receiver.Next(t); sink.About(a) != good {
		t.Errorf("%s came, want %s", sink.About(a), good)
	}
	dead := h.Buried(sink.EventKind, 2)
	subjects := []string{dead[0].Header.Get("Ringback-Subject"), dead[1].Header.Get("Ringback-Subject")}
	if !slices.Contains(subjects, events.ResultSubject(Application, unreadable.ID)) {
		t.Errorf("buried from %v, want the result without a readable record among them", subjects)
	}
	for _, m := range dead {
		if m.Header.Get("Ringback-Reason") == "" {
			t.Errorf("%s was buried without a reason", m.Header.Get("Ringback-Subject"))
		}
	}
}

// order changes one media item while its endpoint is slow: what comes last must be the last state, whatever was late.
func order(t *testing.T, sink Sink) {
	h := Open(t)
	receiver := h.Receive(sink, slowly(1500*time.Millisecond))
	h.Start(sink)
	item, last := "item", 0
	for i := range 6 {
		result := h.NewResult()
		result.Media.ID, result.Outputs[0].Width = item, i+1
		if err := h.Publish(result, sink.Record(receiver.URL)); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			receiver.Next(t)
		}
	}
	list := receiver.Until(t, "the last state came", func(list []Arrival) bool {
		return sink.Width(list[len(list)-1]) == 6
	})
	for _, a := range list {
		if sink.Width(a) < last {
			t.Errorf("state %d came after state %d", sink.Width(a), last)
		}
		last = sink.Width(a)
	}
	if most := receiver.Most(); most > 1 {
		t.Errorf("%d requests about one item were under way at a time", most)
	}
}
