package delivery

import (
	"errors"
	"fmt"
)

// ErrInvalidFilter is returned for a question about deliveries that cannot be answered.
var ErrInvalidFilter = errors.New("invalid filter")

// ErrNotReplayable is returned for a delivery whose event is no longer kept, or that is not of this sink.
var ErrNotReplayable = errors.New("the delivery cannot be made again")

// FieldError is returned for a field of a [Filter] or an [Order] that cannot be as it was given. It is an
// [ErrInvalidFilter].
type FieldError struct {
	// Field is the path of the field: "filter.state".
	Field string
	// Value is what was found, or what is wrong with it.
	Value string
	// Want is what would have been right, as a phrase.
	Want string
}

// Error names the field, the value and what was expected.
func (e *FieldError) Error() string {
	return fmt.Sprintf("%v: %s is %s, want %s", ErrInvalidFilter, e.Field, e.Value, e.Want)
}

// Unwrap makes it one of the errors of invalid filters.
func (e *FieldError) Unwrap() error { return ErrInvalidFilter }

// FieldErrors lists every [FieldError] in an error of [Filter.Validate] or [Order.Validate].
func FieldErrors(err error) []*FieldError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*FieldError
		for _, one := range joined.Unwrap() {
			all = append(all, FieldErrors(one)...)
		}
		return all
	}
	if one, ok := errors.AsType[*FieldError](err); ok {
		return []*FieldError{one}
	}
	return nil
}
