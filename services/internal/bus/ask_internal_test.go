package bus

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func TestAsk(t *testing.T) {
	t.Parallel()
	refusal := func(code jetstream.ErrorCode, text string) error {
		return fmt.Errorf("declare stream: %w", &jetstream.APIError{Code: 400, ErrorCode: code, Description: text})
	}
	for name, row := range map[string]struct {
		first error
		asked int
	}{
		"a server is still to come": {refusal(10005, "no suitable peers for placement, peer offline"), 2},
		"a server is not known yet": {refusal(10005, "no suitable peers for placement"), 2},
		"JetStream is starting":     {refusal(10008, "JetStream system temporarily unavailable"), 2},
		"nobody leads":              {nats.ErrNoResponders, 2},
		"nobody leads the stream":   {jetstream.ErrNoStreamResponse, 2},
		"the first try is stored":   {refusal(10158, "duplicate message id is in process"), 2},
		"the leader changed within": {refusal(10176, "batch publish is incomplete"), 2},
		"no answer":                 {context.DeadlineExceeded, 1}, // of a question that was not cut off
		"too few servers":           {refusal(10005, "no suitable peers for placement, insufficient storage"), 1},
		"another refusal":           {errors.New("no"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			err := ask(t.Context(), ofCluster.read, func(context.Context) error {
				if asked++; asked == 1 {
					return row.first
				}
				return nil
			})
			if asked != row.asked || (row.asked == 1) != (err != nil) {
				t.Errorf("asked %d times, in the end %v; want %d", asked, err, row.asked)
			}
		})
	}
}

func TestAsk_UnansweredIsAskedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun, asked := time.Now(), 0
		value, err := answer(t.Context(), ofCluster.read, func(ctx context.Context) (int, error) {
			if asked++; asked < 3 {
				<-ctx.Done()
				return 0, ctx.Err()
			}
			return asked, nil
		})
		if value != 3 || err != nil || time.Since(begun) != 2*ofCluster.read {
			t.Errorf("got %d, %v after %s; want the third try after two waits", value, err, time.Since(begun))
		}
	})
}

func TestAsk_GivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		_, err := answer(t.Context(), ofCluster.write, func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != publishTimeout {
			t.Errorf("got %v after %s, want the end of the time after %s", err, time.Since(begun), publishTimeout)
		}
	})
}

// TestAsk_TellsWhatItWaitedFor is refused until its time is over, as by a cluster that lacks a server for good.
func TestAsk_TellsWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), declareTimeout)
		defer cancel()
		err := ask(ctx, answerTimeout, func(context.Context) error {
			return &jetstream.APIError{Code: 400, ErrorCode: codeNoPeers, Description: "no suitable peers for placement"}
		})
		if code, _ := apiError(err); code != codeNoPeers || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the end of the time and the refusal", err)
		}
	})
}

func TestWaitFor(t *testing.T) {
	t.Parallel()
	b := &Bus{wait: ofCluster}
	timer := Out{At: time.Now()}
	for name, row := range map[string]struct {
		outs  []Out
		again bool
	}{
		"an id":                          {[]Out{{ID: "x"}}, true},
		"an expected sequence":           {[]Out{{Last: MustBeNew()}}, true},
		"a timer":                        {[]Out{timer}, true},
		"one that guards its batch":      {[]Out{{}, timer, {ID: "x"}}, true},
		"what would be stored twice":     {[]Out{{}}, false},
		"a timer with what would be too": {[]Out{timer, {}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if again := b.waitFor(row.outs...) < publishTimeout; again != row.again {
				t.Errorf("sent again: %v, want %v", again, row.again)
			}
		})
	}
}

func TestAsk_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	offline := &jetstream.APIError{ErrorCode: 10005, Description: "peer offline"}
	err := ask(ctx, ofCluster.read, func(context.Context) error { cancel(); return offline })
	if !errors.Is(err, offline) {
		t.Errorf("got %v, want the refusal", err)
	}
}
