package imaging_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/imaging"
)

func TestConfig_Validate(t *testing.T) {
	t.Parallel()
	if err := imaging.DefaultConfig().Validate(); err != nil {
		t.Errorf("the default is invalid: %v", err)
	}
	bad := imaging.Config{Timeout: time.Millisecond, RecycleMemory: 1 << 30, MaxMemory: 1 << 20}
	err := bad.Validate()
	if err == nil {
		t.Fatal("got no error")
	}
	for _, name := range []string{"WORKERS", "TIMEOUT", "EXECUTABLE", "MAX_JOBS", "MAX_MEMORY", "MAX_OUTPUT"} {
		if !strings.Contains(err.Error(), "RINGBACK_RENDER_"+name+" is ") {
			t.Errorf("error does not name RINGBACK_RENDER_%s: %v", name, err)
		}
	}
}

func TestBytes_Text(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]imaging.Bytes{
		"0B": 0, "1B": 1, "1023B": 1023, "1KiB": 1024, "512MiB": 512 << 20, "2GiB": 2 << 30,
	} {
		var got imaging.Bytes
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want || got.String() != text {
			t.Errorf("%s is read as %d and printed as %s (%v)", text, got, got, err)
		}
	}
	for _, text := range []string{"", "1", "MiB", "-1B", "1.5GiB", "9999999999GiB", "1 MiB"} {
		if err := new(imaging.Bytes).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}
