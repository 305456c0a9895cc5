package blob

import (
	"context"
	"net/http"
	"time"

	"cloud.google.com/go/storage"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/googleapis/gax-go/v2"
)

// One request is made tries times at most: again after a lost connection, a timeout, a 5xx, and the two 4xx that ask for
// it (408 and 429), with a growing pause. The repeating itself is left to the three SDKs, because they alone can rewind a
// part of an upload and sign it anew; this file is where all of them are told the same.
const (
	tries        = 4
	firstPause   = 200 * time.Millisecond
	longestPause = 5 * time.Second
)

// transport makes the connections of one store. An answer that does not begin in time is a lost connection.
func transport(timeout time.Duration) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = timeout
	t.MaxIdleConnsPerHost = 64 // pictures come many at a time, all to one host
	return t
}

// s3Retryer has no bucket of tokens: its emptiness would fail requests without one try while a bucket recovers.
func s3Retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = tries
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) { return pause(attempt), nil })
	})
}

// retryGCS repeats writes too: they replace whole blobs, so that twice is as good as once.
func retryGCS(client *storage.Client) {
	client.SetRetry(
		storage.WithPolicy(storage.RetryAlways),
		storage.WithMaxAttempts(tries),
		storage.WithBackoff(gax.Backoff{Initial: firstPause, Max: longestPause, Multiplier: 2}),
	)
}

func azureRetry() policy.RetryOptions {
	return policy.RetryOptions{MaxRetries: tries - 1, RetryDelay: firstPause, MaxRetryDelay: longestPause}
}

// pause is how long to wait after a number of attempts, from 0 on.
func pause(attempt int) time.Duration { return min(firstPause<<min(attempt, tries), longestPause) }

// sleep returns the cause of ctx when it ends before d is over.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// patience ends a context when nothing has got on for its length. Time that the other side of a transfer takes, a slow
// client say, is not the bucket's and does not count.
type patience struct {
	timer  *time.Timer
	length time.Duration
}

func newPatience(ctx context.Context, length time.Duration) (context.Context, *patience, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	p := &patience{timer: time.AfterFunc(length, func() { cancel(errPatience) }), length: length}
	return ctx, p, func() { p.timer.Stop(); cancel(context.Canceled) }
}

// wait begins anew to wait for the bucket.
func (p *patience) wait() { p.timer.Reset(p.length) }

// rest stops waiting: it is not the bucket's turn.
func (p *patience) rest() { p.timer.Stop() }
