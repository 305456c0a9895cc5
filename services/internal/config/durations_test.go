package config_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/config"
)

func TestDurations_RoundTrip(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.Durations{
		"5s,30s,2m,1h,4h30m,1m30s": {5 * time.Second, 30 * time.Second, 2 * time.Minute, time.Hour, 270 * time.Minute, 90 * time.Second},
		"250ms":                    {250 * time.Millisecond},
		"":                         nil,
	} {
		var got config.Durations
		if err := got.UnmarshalText([]byte(text)); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
		if got.String() != text {
			t.Errorf("%q is written as %q", text, got)
		}
	}
	raw, err := json.Marshal(config.Durations{time.Hour, 2 * time.Second})
	if err != nil || string(raw) != `"1h,2s"` {
		t.Errorf("JSON is %s, %v", raw, err)
	}
}

func TestDurations_RefusesAnythingElse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"5", "5s,soon", "5s;6s"} {
		got := config.Durations{time.Second}
		if err := got.UnmarshalText([]byte(text)); !errors.Is(err, config.ErrDurations) || len(got) != 1 {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
