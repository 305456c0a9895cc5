package retention_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/retention"
)

func TestAge_RoundTrip(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		age  retention.Age
		text string
	}{
		"forever": {retention.Forever, "forever"},
		"30d":     {retention.Age(30 * day), "30d"},
		"720h":    {retention.Age(30 * day), "30d"},
		"25h":     {retention.Age(25 * time.Hour), "25h"},
		"26h30m":  {retention.Age(26*time.Hour + 30*time.Minute), "26h30m"},
		"0s":      {0, "0s"},
	} {
		var got retention.Age
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want.age || got.String() != want.text {
			t.Errorf("%s: %s, %v, want %s", text, got, err, want.text)
		}
	}
	for _, text := range []string{"", "30", "d", "-1d", "-1h", "a month", "99999999d"} {
		var got retention.Age
		if err := got.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "expected an age") {
			t.Errorf("%q: %s, %v", text, got, err)
		}
	}
}

func TestSize_RoundTrip(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]retention.Size{"unlimited": retention.Unlimited, "500GB": retention.Size(500 * config.GB)} {
		var got retention.Size
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want || got.String() != text {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	var got retention.Size
	if err := got.UnmarshalText([]byte("much")); err == nil || !strings.Contains(err.Error(), "unlimited") {
		t.Errorf("much: %v", err)
	}
}

func TestConfig_Validate(t *testing.T) {
	t.Parallel()
	if err := retention.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	err := retention.Config{Outputs: retention.Age(time.Hour), Pause: -1}.Validate()
	for _, name := range []string{"OUTPUTS", "DERIVED", "QUARANTINE", "UPLOADS", "INTERVAL", "PAUSE"} {
		if err == nil || !strings.Contains(err.Error(), "RINGBACK_RETENTION_"+name+":") {
			t.Errorf("%v does not name %s", err, name)
		}
	}
}
