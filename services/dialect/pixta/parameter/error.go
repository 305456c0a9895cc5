package parameter

import (
	"fmt"
	"strings"
)

// Error lists everything that is wrong with the parameters of one picture. Its message is meant for the client.
type Error struct {
	// Unknown are names that mean nothing, in the order of the alphabet.
	Unknown []string
	// Unsupported are parameters and values that have a meaning which cannot be had here, each with the reason.
	Unsupported []Problem
	// Invalid are values that no picture can have.
	Invalid []Problem
}

// Problem is what is wrong with one parameter.
type Problem struct {
	// Name is the parameter as it is spelt out: width is w.
	Name string
	// Value is what was given, shortened.
	Value string
	// Why is the reason, or what would have been right, as a phrase.
	Why string
}

// Error is one line: first what cannot be read, then what is unknown, then what cannot be done.
func (e *Error) Error() string {
	var parts []string
	for _, p := range e.Invalid {
		parts = append(parts, fmt.Sprintf("Invalid parameter %s=%s: want %s.", p.Name, p.Value, p.Why))
	}
	if len(e.Unknown) > 0 {
		parts = append(parts, "Unknown parameters: "+strings.Join(e.Unknown, ", ")+".")
	}
	for _, p := range e.Unsupported {
		parts = append(parts, fmt.Sprintf("Unsupported parameter %s=%s: %s.", p.Name, p.Value, p.Why))
	}
	return strings.Join(parts, " ")
}

// orNil is nil in place of an error that says nothing.
func (e *Error) orNil() error {
	if len(e.Invalid)+len(e.Unknown)+len(e.Unsupported) == 0 {
		return nil
	}
	return e
}

func (e *Error) invalid(name, value, want string) {
	e.Invalid = append(e.Invalid, Problem{name, shortened(value), want})
}

func (e *Error) unsupported(name, value, why string) {
	e.Unsupported = append(e.Unsupported, Problem{name, shortened(value), why})
}

// shortened keeps a message readable whatever the client sent.
func shortened(value string) string {
	const most = 60
	if len(value) > most {
		return strings.ToValidUTF8(value[:most], "") + "…"
	}
	return strings.ToValidUTF8(value, "?")
}
