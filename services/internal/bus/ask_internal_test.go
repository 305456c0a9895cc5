package bus

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
)

func TestInsist(t *testing.T) {
	t.Parallel()
	refusal := func(code jetstream.ErrorCode, text string) error {
		return fmt.Errorf("declare stream: %w", &jetstream.APIError{Code: 400, ErrorCode: code, Description: text})
	}
	for name, row := range map[string]struct {
		first error
		asked int
	}{
		"a server is still to come": {refusal(10005, "no suitable peers for placement, peer offline"), 2},
		"JetStream is starting":     {refusal(10008, "JetStream system temporarily unavailable"), 2},
		"no answer":                 {context.DeadlineExceeded, 1}, // of a question that was not cut off
		"too few servers":           {refusal(10005, "no suitable peers for placement, insufficient storage"), 1},
		"another refusal":           {errors.New("no"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			err := insist(t.Context(), func(context.Context) error {
				if asked++; asked == 1 {
					return row.first
				}
				return nil
			})
			if asked != row.asked || (row.asked == 1) != (err != nil) {
				t.Errorf("asked %d times, in the end %v; want %d", asked, err, row.asked)
			}
		})
	}
}

func TestInsist_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	offline := &jetstream.APIError{ErrorCode: 10005, Description: "peer offline"}
	err := insist(ctx, func(context.Context) error { cancel(); return offline })
	if !errors.Is(err, offline) {
		t.Errorf("got %v, want the refusal", err)
	}
}
