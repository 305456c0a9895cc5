package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
)

// settleWait is the pause before a cluster is asked again that said itself that it is not ready.
const settleWait = 250 * time.Millisecond

// patience is how long a read and a write wait for their answer before they are sent again.
type patience struct{ read, write time.Duration }

var (
	// ofCluster is short: what a stream or a consumer is asked while the server that led it is dead is never answered, for
	// the others do not speak for it. A write waits longer, because a busy disk is no dead server; that costs nothing, for
	// in the first three seconds after the death of a leader there is no other.
	ofCluster = patience{read: time.Second, write: 2 * time.Second}
	// ofOne is for a server that has no other beside it: what it does not answer, it is still busy with.
	ofOne = patience{read: publishTimeout, write: publishTimeout}
)

// ask puts a question to the broker again and again until it is answered, for as long as ctx lives; each try waits for
// its answer no longer than wait. It is for what may be asked twice: a first try that was never answered may have been
// carried out.
func ask(ctx context.Context, wait time.Duration, try func(context.Context) error) error {
	for {
		trying, cancel := context.WithTimeoutCause(ctx, wait, errAckLate)
		err := try(trying)
		unanswered := trying.Err() != nil
		cancel()
		if err == nil || ctx.Err() != nil || !unanswered && !unsettled(err) {
			return err
		}
		if unanswered {
			continue
		}
		if sleep(ctx, settleWait); ctx.Err() != nil {
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		}
	}
}

// answer is ask for a question that is answered with a value.
func answer[T any](ctx context.Context, wait time.Duration, try func(context.Context) (T, error)) (value T, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, publishTimeout, errAckLate)
	defer cancel()
	err = ask(ctx, wait, func(ctx context.Context) error {
		value, err = try(ctx)
		return err
	})
	return value, err
}

// waitFor is how long messages wait for their answer before they are sent again, if they may be. One that the broker would
// refuse a second time keeps its whole batch out, and a timer replaces itself.
func (b *Bus) waitFor(outs ...Out) time.Duration {
	timers := true
	for _, out := range outs {
		if out.ID != "" || out.Last != nil {
			return b.wait.write
		}
		timers = timers && !out.At.IsZero()
	}
	if timers {
		return b.wait.write
	}
	return publishTimeout
}

// unsettled tells whether a cluster refused for the moment, and did nothing: there is no leader, or it has not seen a
// batch from its beginning, or it is about to store the first try of the same message; a server that was just started is
// not ready, and one that is still to come counts as offline, or is not known yet: then no reason is given.
func unsettled(err error) bool {
	if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrNoStreamResponse) {
		return true
	}
	switch code, text := apiError(err); code {
	case codeNotReady, codeInProgress, jetstreamext.JSErrCodeBatchPublishIncomplete:
		return true
	case codeNoPeers:
		return strings.Contains(text, "offline") || strings.HasSuffix(text, "no suitable peers for placement")
	default:
		return false
	}
}
