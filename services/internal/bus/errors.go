package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var (
	// ErrExists is returned when a message was published to a subject that must be new, or whose last message is
	// another than expected. Where the broker did not answer at first, that may be the very message: who must know reads
	// what is there.
	ErrExists = errors.New("already stored")

	// ErrNotFound is returned when a subject or key holds nothing.
	ErrNotFound = errors.New("not found")

	// ErrQueueFull is returned when an application has as many waiting jobs as it may.
	ErrQueueFull = errors.New("queue of the application is full")

	// ErrUnavailable is returned when the broker did not store a message, or when it is not known whether it did.
	ErrUnavailable = errors.New("broker is not available")

	// ErrTopology is returned when a stream has a setting that cannot be changed while it lives.
	ErrTopology = errors.New("stream cannot be changed")

	// ErrInUse is returned when another process has the data folder or the listener's address.
	ErrInUse = errors.New("already in use")
)

// Codes of the JetStream API that mean more than "failed".
const (
	codeWrongLastSequence         = jetstream.ErrorCode(10071)
	codeWrongLastSequenceConstant = jetstream.ErrorCode(10164)
	codeStoreFailed               = jetstream.ErrorCode(10077)
	codeNoPeers                   = jetstream.ErrorCode(10005)
	codeNotReady                  = jetstream.ErrorCode(10008)
	codeInProgress                = jetstream.ErrorCode(10158)
)

// publishError translates a refusal of the broker. The code for a failed store covers a full queue and a full disk
// alike; only the text tells them apart.
func publishError(subject string, err error) error {
	if err == nil {
		return nil
	}
	code, text := apiError(err)
	switch {
	case code == codeWrongLastSequence || code == codeWrongLastSequenceConstant:
		return fmt.Errorf("publish to %s: %w", subject, ErrExists)
	case code == codeStoreFailed && strings.Contains(text, "per subject"):
		return fmt.Errorf("publish to %s: %w", subject, ErrQueueFull)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("publish to %s: %w", subject, err)
	default:
		return fmt.Errorf("publish to %s: %w: %w", subject, ErrUnavailable, err)
	}
}

func apiError(err error) (jetstream.ErrorCode, string) {
	if err == nil {
		return 0, ""
	}
	if api, ok := errors.AsType[*jetstream.APIError](err); ok {
		return api.ErrorCode, api.Description
	}
	return 0, err.Error()
}

func readError(what string, err error) error {
	if errors.Is(err, jetstream.ErrMsgNotFound) || errors.Is(err, jetstream.ErrKeyNotFound) {
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	if errors.Is(err, nats.ErrTimeout) || errors.Is(err, nats.ErrNoResponders) {
		return fmt.Errorf("%s: %w: %w", what, ErrUnavailable, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}
