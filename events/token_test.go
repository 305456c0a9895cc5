package events_test

import (
	"errors"
	"strings"
	"testing"
	"testing/quick"

	"github.com/ringback/ringback/events"
)

func TestToken(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":             "=",
		"demo":         "demo",
		"Shop_1-a":     "Shop_1-a",
		"a.b":          "a=2Eb",
		"*":            "=2A",
		">":            "=3E",
		"=":            "=3D",
		"a b/c":        "a=20b=2Fc",
		"é":            "=C3=A9",
		"ringback.>\n": "ringback=2E=3E=0A",
	} {
		if got := events.Token(text); got != want {
			t.Errorf("Token(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestParseToken_RefusesWhatTokenDoesNotWrite(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", "a.b", "a b", "=2", "=2e", "=41", "a=", "==", "*", ">", "=3D=", "é", "=GG"} {
		if _, err := events.ParseToken(token); !errors.Is(err, events.ErrInvalidToken) {
			t.Errorf("ParseToken(%q): got %v, want ErrInvalidToken", token, err)
		}
	}
}

func TestToken_IsOneTokenAndComesBack(t *testing.T) {
	t.Parallel()
	property := func(text string) bool {
		token := events.Token(text)
		back, err := events.ParseToken(token)
		return err == nil && back == text && token != "" && !strings.ContainsAny(token, ".*> \t\r\n\x00")
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
}

func FuzzToken(f *testing.F) {
	for _, seed := range []string{"", "=", "a.b", "=2E", "é", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if back, err := events.ParseToken(events.Token(text)); err != nil || back != text {
			t.Errorf("%q came back as %q, %v", text, back, err)
		}
		// Read as a token, a text is refused or is the only spelling of what it says.
		if parsed, err := events.ParseToken(text); err == nil && events.Token(parsed) != text {
			t.Errorf("%q is a second spelling of %q", text, parsed)
		}
	})
}

func TestSubjects(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		events.ResultSubject("my shop", "01j"): "ringback.evt.my=20shop.result.01j",
		events.ResultFilter("a.b"):             "ringback.evt.a=2Eb.result.*",
		events.ResultFilter(""):                "ringback.evt.*.result.*",
		events.LiveResultSubject("a", "01j"):   "ringback.live.a.result.01j",
		events.LiveResultFilter(""):            "ringback.live.*.result.*",
		events.LiveProgressSubject("a", "01j"): "ringback.live.a.progress.01j",
		events.LiveMediaSubject("a", "item 1"): "ringback.live.a.media.item=201",
		events.LiveEndpointSubject("a", "e"):   "ringback.live.a.endpoint.e",
		events.LiveEndpointFilter("a"):         "ringback.live.a.endpoint.*",
		events.LiveEndpointFilter(""):          "ringback.live.*.endpoint.*",
		events.LiveFilter("a"):                 "ringback.live.a.>",
		events.LiveFilter(""):                  "ringback.live.*.>",
		events.StatusKey("a.b", "01j"):         "a=2Eb.01j",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
