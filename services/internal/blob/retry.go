package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
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

// retryGCS repeats writes too: they replace whole blobs, so that twice is as good as once. The errors are named although
// they are the default, because uploads have another one, which does not know a connection that was closed.
func retryGCS(client *storage.Client) {
	client.SetRetry(
		storage.WithPolicy(storage.RetryAlways),
		storage.WithMaxAttempts(tries),
		storage.WithErrorFunc(func(err error) bool { return !errors.Is(err, errExhausted) && storage.ShouldRetry(err) }),
		storage.WithBackoff(gax.Backoff{Initial: firstPause, Max: longestPause, Multiplier: 2}),
	)
}

// lastTry bounds the tries of uploads to GCS, for which the SDK has no number. It reads off the request which one it is.
type lastTry struct{ http.RoundTripper }

// attemptCount comes before the number of a try, from 1 on, in what the SDK says of itself.
const attemptCount = "gccl-attempt-count/"

func (l lastTry) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := l.RoundTripper.RoundTrip(r)
	_, after, _ := strings.Cut(r.Header.Get("X-Goog-Api-Client"), attemptCount)
	number, _, _ := strings.Cut(after, " ")
	if n, unknown := strconv.Atoi(number); unknown != nil || n < tries {
		return answer, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errExhausted, err)
	}
	if answer.StatusCode >= 500 || answer.StatusCode == http.StatusRequestTimeout || answer.StatusCode == http.StatusTooManyRequests {
		_ = answer.Body.Close() // nobody reads it
		return nil, fmt.Errorf("%w: %s", errExhausted, answer.Status)
	}
	return answer, nil
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
