package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/signing"
)

// verifyCommand checks a request as its receiver should, and says what is wrong with one that fails.
type verifyCommand struct {
	keyFlags
	File   string    `arg:"" optional:"" help:"The body as it came; standard input when it is missing or -."`
	Header []string  `short:"H" sep:"none" placeholder:"'NAME: VALUE'" help:"A header of the request; @FILE reads a list of them; may be given again."`
	Now    time.Time `format:"2006-01-02T15:04:05Z07:00" placeholder:"TIME" help:"When it came, such as 2026-11-21T08:00:00Z; now when not given."`
}

// Help says what the flags have no room for.
func (verifyCommand) Help() string { return keysHelp }

var errBadSignature = errors.New("the signature cannot be accepted")

// Run checks a signature.
func (c verifyCommand) Run(ctx context.Context, t *terminal) error {
	header, err := parseHeaders(c.Header)
	if err != nil {
		return err
	}
	now := c.Now
	if now.IsZero() {
		now = time.Now()
	}
	keys, err := c.keys(ctx, now, true)
	if err != nil {
		return err
	}
	body, err := readBody(t.in, c.File)
	if err != nil {
		return err
	}
	scheme := signing.Scheme(c.Scheme)
	err = signing.Verify(scheme, keys, header, body, now)
	if err == nil {
		fmt.Fprintf(t.out, "ok: signed as %s says, %d bytes of body\n", scheme, len(body))
		return nil
	}
	return fmt.Errorf("%w: %w\n%s", errBadSignature, err, advice(err, signing.Explain(scheme, keys, header, body, now), len(body)))
}

// advice says what to look at next.
func advice(err error, explained string, size int) string {
	switch {
	case explained != "":
		return "  " + explained
	case errors.Is(err, events.ErrStaleSignature):
		return "  The signature itself is right. Is the clock right? Or was an old request recorded and sent again?"
	case strings.HasSuffix(err.Error(), "matches") || strings.HasSuffix(err.Error(), "match"):
		return fmt.Sprintf("  The headers are as they should be. Either the secret is another one, or the body is: here are %d bytes of it.", size)
	}
	return "  Give every header of the request as it came."
}

func parseHeaders(flags []string) (http.Header, error) {
	header := http.Header{}
	for _, flag := range flags {
		lines := []string{flag}
		if name, isFile := strings.CutPrefix(flag, "@"); isFile {
			raw, err := os.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("read -H: %w", err)
			}
			lines = strings.FieldsFunc(string(raw), func(r rune) bool { return r == '\n' || r == '\r' })
		}
		for _, line := range lines {
			name, value, ok := strings.Cut(line, ":")
			if name = strings.TrimSpace(name); !ok || name == "" {
				return nil, fmt.Errorf("-H %q: want 'name: value'", line)
			}
			header.Add(name, strings.TrimSpace(value))
		}
	}
	return header, nil
}
