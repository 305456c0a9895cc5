package bus

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The law. A handler returns an error, of a batch one for each message, and the bus does the rest; nothing else
// acknowledges.
//
//	handler returns           means                           bus does
//	nil                       done                            acknowledge (and wait for it where a repeat is dear)
//	Later(err, d)             not now; not the message's fault  hand out again after d, not counted
//	Reject(err)               never will work                 copy to RINGBACK_DEAD, then terminate
//	any other error           try again                       hand out again after a growing pause; past the limit as Reject
//	anything, after shutdown  nothing happened                hand out again at once, not counted
//
// The count of tries is ours and in memory: the broker's own counts every hand-out, also those that a kill or a
// shutdown cut short. A kill is no try, so it forgets them; maxDeliveries bounds what that could be abused for, such as
// a message that kills the process each time.
type verdict int

const (
	done verdict = iota
	later
	reject
	again
	cancelled
)

const (
	maxDeliveries = 100
	firstPause    = time.Second
	longestPause  = time.Minute
)

type laterError struct {
	err   error
	delay time.Duration
}

func (e *laterError) Error() string { return fmt.Sprintf("later, in %s: %v", e.delay, e.err) }
func (e *laterError) Unwrap() error { return e.err }

type rejectError struct{ err error }

func (e *rejectError) Error() string { return e.err.Error() }
func (e *rejectError) Unwrap() error { return e.err }

// Later says that the message cannot be handled now, through no fault of its own; it comes back after delay and the
// try is not counted.
func Later(err error, delay time.Duration) error { return &laterError{err: err, delay: delay} }

// Reject says that the message can never be handled; it is kept in RINGBACK_DEAD and not handed out again.
func Reject(err error) error { return &rejectError{err: err} }

// Rejected tells whether an error is one of [Reject].
func Rejected(err error) bool {
	var never *rejectError
	return errors.As(err, &never)
}

// judge applies the law to what a handler returned. tries counts this one; deliveries is the broker's count.
func judge(work context.Context, err error, tries, limit int, deliveries uint64) (verdict, time.Duration) {
	var put *laterError
	var never *rejectError
	switch {
	case err == nil:
		return done, 0
	case work.Err() != nil:
		return cancelled, 0
	case errors.As(err, &never):
		return reject, 0
	case errors.As(err, &put):
		return later, put.delay
	case tries >= limit || deliveries >= maxDeliveries:
		return reject, 0
	default:
		return again, pause(tries)
	}
}

// pause grows fourfold with each try.
func pause(tries int) time.Duration {
	d := firstPause
	for range tries - 1 {
		if d *= 4; d >= longestPause {
			return longestPause
		}
	}
	return d
}
