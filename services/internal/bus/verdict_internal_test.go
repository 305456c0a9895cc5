package bus

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/job"
)

// A row for each line of the law in verdict.go.
func TestJudge(t *testing.T) {
	t.Parallel()
	errAny := errors.New("the store is slow")
	stopped, stop := context.WithCancelCause(context.Background())
	stop(errShutdown)
	tests := []struct {
		name       string
		work       context.Context //nolint:containedctx // a row of a table
		err        error
		tries      int
		deliveries uint64
		want       verdict
		delay      time.Duration
	}{
		{name: "NilIsDone", err: nil, tries: 1, want: done},
		{name: "DoneStaysDoneDuringShutdown", work: stopped, err: nil, tries: 1, want: done},
		{name: "LaterComesBackAfterItsDelay", err: Later(errAny, 7*time.Second), tries: 1, want: later, delay: 7 * time.Second},
		{name: "LaterIsNeverTooOften", err: Later(errAny, time.Second), tries: 99, want: later, delay: time.Second},
		{name: "RejectIsBuriedAtOnce", err: Reject(errAny), tries: 1, want: reject},
		{name: "WrappedRejectIsBuried", err: errors.Join(errAny, Reject(errAny)), tries: 1, want: reject},
		{name: "FirstErrorIsTriedAgain", err: errAny, tries: 1, want: again, delay: time.Second},
		{name: "PauseGrows", err: errAny, tries: 3, want: again, delay: 16 * time.Second},
		{name: "PauseEndsAtAMinute", err: errAny, tries: 4, want: again, delay: time.Minute},
		{name: "LastTryIsBuried", err: errAny, tries: 5, want: reject},
		{name: "TooManyHandOutsAreBuried", err: errAny, tries: 1, deliveries: maxDeliveries, want: reject},
		{name: "ShutdownIsNotCounted", work: stopped, err: errAny, tries: 5, want: cancelled},
		{name: "ShutdownComesBeforeReject", work: stopped, err: Reject(errAny), tries: 1, want: cancelled},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			work := test.work
			if work == nil {
				work = t.Context()
			}
			got, delay := judge(work, test.err, test.tries, 5, test.deliveries)
			if got != test.want || delay != test.delay {
				t.Errorf("judged %d after %s, want %d after %s", got, delay, test.want, test.delay)
			}
		})
	}
}

func TestTurns(t *testing.T) {
	t.Parallel()

	t.Run("ClassesShareTwelveTurnsEightThreeOne", func(t *testing.T) {
		t.Parallel()
		turns := newTurns()
		got := map[string]int{}
		for range 120 {
			for _, class := range []string{"high", "std", "bulk"} {
				turns.wake(job.Class(class), "00")
			}
			class, _, _ := turns.next()
			got[string(class)]++
		}
		if got["high"] != 80 || got["std"] != 30 || got["bulk"] != 10 {
			t.Errorf("turns %v, want high 80, std 30, bulk 10", got)
		}
	})

	t.Run("LanesTakeTurns", func(t *testing.T) {
		t.Parallel()
		turns := newTurns()
		var order string
		for _, lane := range []string{"03", "01", "02"} {
			turns.wake("std", lane)
		}
		for range 6 {
			_, lane, _ := turns.next()
			order += lane + " "
			turns.wake("std", lane)
		}
		if want := "03 01 02 03 01 02 "; order != want {
			t.Errorf("order %q, want %q", order, want)
		}
	})

	t.Run("CloseEndsTheWait", func(t *testing.T) {
		t.Parallel()
		turns := newTurns()
		ended := make(chan bool)
		go func() { _, _, ok := turns.next(); ended <- ok }()
		turns.close()
		if <-ended {
			t.Error("a turn was given after close")
		}
	})
}

// TestSecondDeclarationChangesNothing sees every stream as declared when it is looked at again: otherwise each start of
// each process would update all of them.
func TestSecondDeclarationChangesNothing(t *testing.T) {
	t.Parallel()
	b, err := Open(t.Context(), Config{Addr: "127.0.0.1:0", Replicas: 1}, t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, want := range streams(1) {
		have, err := b.js.Stream(t.Context(), want.Name)
		if err != nil {
			t.Fatal(err)
		}
		if !sameStream(have.CachedInfo().Config, want) {
			t.Errorf("stream %s is %+v, want %+v", want.Name, have.CachedInfo().Config, want)
		}
	}
}
