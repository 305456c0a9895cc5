package events

import (
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	defaultAckWait = 30 * time.Second
	// minAckWait leaves room for the heartbeats, which are sent at a third of it.
	minAckWait = 300 * time.Millisecond
	// maxInFlight stays below the number of pull requests that a consumer holds, 512 unless the server is told
	// otherwise, with room for a second subscriber of the same name.
	maxInFlight = 250
	maxName     = 200
)

// Option changes what [Subscribe] or [SubscribeLive] reads and how. An option with a value that cannot work makes them
// fail with [ErrInvalidOption].
type Option func(*options) error

type options struct {
	name        string
	application string
	types       []string
	deliver     jetstream.DeliverPolicy
	since       time.Time
	ackWait     time.Duration
	inFlight    int
	// stored are the options given so far that only make sense for stored events.
	stored []string
}

func newOptions(list []Option) (options, error) {
	o := options{deliver: jetstream.DeliverNewPolicy, ackWait: defaultAckWait, inFlight: 1}
	for _, apply := range list {
		if err := apply(&o); err != nil {
			return o, err
		}
	}
	return o, nil
}

// wants tells whether an event of the type is asked for.
func (o options) wants(eventType string) bool {
	return len(o.types) == 0 || slices.Contains(o.types, eventType)
}

// WithDurable names the subscription. The broker remembers for it what was handled: a program that starts again under
// the same name goes on where it stopped, and several that run under one name share its events. The name has up to 200
// letters, digits, '-' and '_'. Without a name the subscription is forgotten five minutes after it was last used.
func WithDurable(name string) Option {
	return func(o *options) error {
		o.stored = append(o.stored, "WithDurable")
		for i := range len(name) {
			if !plainByte(name[i]) {
				return fmt.Errorf("%w: durable name %q has more than letters, digits, '-' and '_'", ErrInvalidOption, name)
			}
		}
		if name == "" || len(name) > maxName {
			return fmt.Errorf("%w: durable name of %d bytes, want 1 to %d", ErrInvalidOption, len(name), maxName)
		}
		o.name = name
		return nil
	}
}

// WithApplication reads the events of one application only. The id is that of the application's record, in any
// characters; it must not be empty.
func WithApplication(id string) Option {
	return func(o *options) error {
		if id == "" {
			return fmt.Errorf("%w: empty application id", ErrInvalidOption)
		}
		o.application = id
		return nil
	}
}

// WithTypes reads events of these types only, such as [TypeJobFailed]. The others count as handled. There must be at
// least one.
func WithTypes(types ...string) Option {
	return func(o *options) error {
		if len(types) == 0 || slices.Contains(types, "") {
			return fmt.Errorf("%w: empty list of types, or an empty type in it", ErrInvalidOption)
		}
		o.types = slices.Clone(types)
		return nil
	}
}

// WithFromStart begins with the oldest event that is still stored, instead of the first one after the subscription was
// made. For a durable name that the broker knows it changes nothing.
func WithFromStart() Option {
	return func(o *options) error {
		o.stored = append(o.stored, "WithFromStart")
		return o.start(jetstream.DeliverAllPolicy, time.Time{})
	}
}

// WithSince begins with the first event that was stored at or after t, which must not be zero. For a durable name that
// the broker knows it changes nothing.
func WithSince(t time.Time) Option {
	return func(o *options) error {
		o.stored = append(o.stored, "WithSince")
		if t.IsZero() {
			return fmt.Errorf("%w: zero time to begin from", ErrInvalidOption)
		}
		return o.start(jetstream.DeliverByStartTimePolicy, t.UTC())
	}
}

func (o *options) start(policy jetstream.DeliverPolicy, since time.Time) error {
	if o.deliver != jetstream.DeliverNewPolicy {
		return fmt.Errorf("%w: two places to begin from", ErrInvalidOption)
	}
	o.deliver, o.since = policy, since
	return nil
}

// WithAckWait sets how long an event may be without a sign of life before the broker hands it out again, 30 seconds by
// default and at least 300 milliseconds. It bounds what a program that was killed delays; slow handlers need nothing,
// because a sign of life is sent while they run.
func WithAckWait(d time.Duration) Option {
	return func(o *options) error {
		o.stored = append(o.stored, "WithAckWait")
		if d < minAckWait {
			return fmt.Errorf("%w: ack wait %s, want at least %s", ErrInvalidOption, d, minAckWait)
		}
		o.ackWait = d
		return nil
	}
}

// WithMaxInFlight lets up to n handlers run at once, 1 to 250. By default there is one, and events come in the order in
// which they were stored, but for those that are tried again.
func WithMaxInFlight(n int) Option {
	return func(o *options) error {
		o.stored = append(o.stored, "WithMaxInFlight")
		if n < 1 || n > maxInFlight {
			return fmt.Errorf("%w: %d in flight, want 1 to %d", ErrInvalidOption, n, maxInFlight)
		}
		o.inFlight = n
		return nil
	}
}
