package events_test

import (
	"encoding/base64"
	"errors"
	"sort"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/ringback/ringback/events"
)

var key = []byte("an installation's secret")

func TestID_Spellings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name             string
		id               events.ID
		native, blitline string
	}{
		{"Zero", events.ID{}, "00000000000000000000000000", "0AAAAAAAAAAAAAAAAAAAAAA"},
		{
			"Counting",
			events.ID{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
			"000g40r40m30e209185gr38e1w", "3AAECAwQFBgcICQoLDA0ODw",
		},
		{"Ones", events.ID([]byte(strings.Repeat("\xff", 16))), "zzzzzzzzzzzzzzzzzzzzzzzzzw", "5_____________________w"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.id.String(); got != tt.native {
				t.Errorf("native %q, want %q", got, tt.native)
			}
			if got := tt.id.Blitline(); got != tt.blitline {
				t.Errorf("blitline %q, want %q", got, tt.blitline)
			}
			if events.Token(tt.native) != tt.native {
				t.Error("the native spelling is not a token")
			}
		})
	}
}

func TestID_SpellingsComeBack(t *testing.T) {
	t.Parallel()
	property := func(id events.ID) bool {
		native, err1 := events.ParseID(id.String())
		blitline, err2 := events.ParseBlitlineID(id.Blitline())
		return err1 == nil && err2 == nil && native == id && blitline == id && len(id.String()) == 26 && len(id.Blitline()) == 23
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
}

func TestID_Pixta(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	for range 100 {
		id := events.NewShortID(now, "shop", key)
		text := id.Pixta()
		if len(text) != 24 || !id.Valid(key) || !id.Time().Equal(now) || id.Tag() != events.Tag("shop") {
			t.Fatalf("%s of %v", text, id)
		}
		if back, err := events.ParsePixtaID(text, "shop"); err != nil || back != id {
			t.Errorf("read %s back as %v, %v", text, back, err)
		}
		if other, err := events.ParsePixtaID(text, "other"); err != nil || other.Valid(key) {
			t.Errorf("%s is another application's, too (%v)", text, err) // one in 65,536 would be
		}
	}
	for _, text := range []string{"", "2cade2860ffd188f2c4bd89", "2cade2860ffd188f2c4bd89e0", "2CADE2860ffd188f2c4bd89e", "zcade2860ffd188f2c4bd89e"} {
		if _, err := events.ParsePixtaID(text, "shop"); !errors.Is(err, events.ErrInvalidID) {
			t.Errorf("%q: got %v, want ErrInvalidID", text, err)
		}
	}
}

func TestParseID_Refuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"Empty": "", "Short": "0000", "Long": strings.Repeat("0", 27), "UpperCase": strings.Repeat("A", 26),
		"LetterOutsideTheAlphabet": strings.Repeat("u", 26), "SpareBits": strings.Repeat("z", 26), "LineBreak": strings.Repeat("0", 25) + "\n",
	} {
		if _, err := events.ParseID(text); !errors.Is(err, events.ErrInvalidID) {
			t.Errorf("%s: got %v, want ErrInvalidID", name, err)
		}
	}
	for name, text := range map[string]string{
		"Empty": "", "Short": "0AAAA", "WrongDigit": "1AAAAAAAAAAAAAAAAAAAAAA", "NoDigit": "xAAAAAAAAAAAAAAAAAAAAAA",
		"SpareBits": "5______________________", "StandardAlphabet": "5+++++++++++++++++++++w",
	} {
		if _, err := events.ParseBlitlineID(text); !errors.Is(err, events.ErrInvalidID) {
			t.Errorf("blitline %s: got %v, want ErrInvalidID", name, err)
		}
	}
}

func TestNewID_TellsTimeApplicationAndInstallation(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 3, 4, 5, 6_789_000, time.FixedZone("", 3600))
	id := events.NewID(now, "shop", key)
	if got := id.Time(); !got.Equal(now.Truncate(time.Millisecond)) || got.Location() != time.UTC {
		t.Errorf("time %s, want %s in UTC", got, now)
	}
	if id.Tag() != events.Tag("shop") || id.Tag() == events.Tag("shop2") {
		t.Errorf("tag %d, want that of the application, %d", id.Tag(), events.Tag("shop"))
	}
	if !id.Valid(key) {
		t.Error("not valid under its own key")
	}
}

func TestID_ValidNoticesEveryChangedBit(t *testing.T) {
	t.Parallel()
	id := events.NewID(time.Now(), "shop", key)
	passed := 0
	for bit := range 128 {
		changed := id
		changed[bit/8] ^= 1 << (bit % 8)
		if changed.Valid(key) {
			passed++
		}
	}
	// The check has 16 bits, so one of 65,536 passes by chance; two of 128 would be a fault.
	if passed > 1 || id.Valid([]byte("another secret")) && id.Valid(nil) {
		t.Errorf("%d changed ids passed", passed)
	}
}

func TestNewID_SortsByTimeAndNeverRepeats(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var ids []string
	seen := map[string]bool{}
	for i := range 2000 {
		id := events.NewID(start.Add(time.Duration(i)*time.Millisecond), "shop", key).String()
		ids = append(ids, id)
		seen[id] = true
	}
	if !sort.StringsAreSorted(ids) || len(seen) != len(ids) {
		t.Errorf("sorted %v, %d of %d are different", sort.StringsAreSorted(ids), len(seen), len(ids))
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("000g40r40m30e209185gr38e1w")
	f.Add("3AAECAwQFBgcICQoLDA0ODw")
	f.Add("5" + base64.RawURLEncoding.EncodeToString(make([]byte, 16)))
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := events.ParseID(text); err == nil && id.String() != text {
			t.Errorf("%q is a second spelling of %s", text, id)
		}
		if id, err := events.ParseBlitlineID(text); err == nil && id.Blitline() != text {
			t.Errorf("%q is a second spelling of %s", text, id.Blitline())
		}
	})
}
