package transformation

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// Error is a transformation that cannot be done, in the provider's words. Its message is meant for the client.
type Error struct {
	// Message is one sentence, such as "Invalid width in transformation: abc".
	Message string
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

func errorf(format string, args ...any) *Error { return &Error{Message: fmt.Sprintf(format, args...)} }

// invalid is a value that no transformation can have.
func invalid(what, value string) *Error {
	return errorf("Invalid %s in transformation: %s", what, shortened(value))
}

// unsupported is a value that the provider knows and this service does not.
func unsupported(what, value, why string) *Error {
	return errorf("Unsupported %s in transformation: %s (%s)", what, shortened(value), why)
}

// shortened keeps a message readable whatever the client sent.
func shortened(value string) string {
	const most = 100
	if len(value) <= most {
		return strings.ToValidUTF8(value, "?")
	}
	return strings.ToValidUTF8(value[:most], "") + "…"
}

// asError puts what the recipe says of an operation into an [Error].
func asError(err error) error {
	if own, ok := errors.AsType[*Error](err); ok {
		return own
	}
	if said, ok := errors.AsType[*recipe.Error](err); ok {
		return errorf("Invalid transformation: %s", strings.TrimPrefix(said.Message, "step.params."))
	}
	return errorf("Invalid transformation: %s", strings.TrimPrefix(err.Error(), "step.params."))
}
