package events

import "errors"

var (
	// ErrInvalidToken is returned when a subject token was not written by [Token].
	ErrInvalidToken = errors.New("invalid subject token")

	// ErrInvalidID is returned when a text is not the spelling of an [ID].
	ErrInvalidID = errors.New("invalid id")

	// ErrInvalidEvent is returned when a message is not a CloudEvent 1.0 in binary or structured mode.
	ErrInvalidEvent = errors.New("invalid event")

	// ErrInvalidOption is returned when an option of [Subscribe] has a value that cannot work.
	ErrInvalidOption = errors.New("invalid option")

	// ErrInvalidSignature is returned when no signature of a postback matches, or when a signature header is
	// missing or malformed.
	ErrInvalidSignature = errors.New("invalid signature")

	// ErrStaleSignature is returned when a postback's timestamp is too far from now to be accepted.
	ErrStaleSignature = errors.New("stale signature")
)
