package config_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/config"
)

type section struct {
	Addr     string          `env:"RINGBACK_HTTP_ADDR" doc:"Where to listen."`
	Debug    bool            `env:"RINGBACK_DEBUG" doc:"Say more."`
	Workers  int             `env:"RINGBACK_WORKERS" doc:"How many at once."`
	Timeout  time.Duration   `env:"RINGBACK_TIMEOUT" doc:"How long | at most."`
	MaxSize  config.ByteSize `env:"RINGBACK_MAX_SIZE" doc:"How large."`
	Token    config.Secret   `env:"RINGBACK_TOKEN" doc:"What to show."`
	Allow    []string        `env:"RINGBACK_ALLOW" doc:"Whom to let through."`
	Networks []netip.Prefix  `env:"RINGBACK_NETWORKS" doc:"Which networks."`
	Bus      *url.URL        `env:"RINGBACK_BUS_URL" doc:"Where the bus is."`
	Level    slog.Level      `env:"RINGBACK_LEVEL" doc:"How loud."`
}

type all struct {
	First  section
	Second struct {
		Name string `env:"RINGBACK_NAME" doc:"A name."`
		// Internal is no setting.
		Internal int
	}
}

func defaults() *all {
	a := &all{First: section{Addr: ":8080", Workers: 4, Timeout: 30 * time.Second, MaxSize: 100 * config.MB, Token: "hunter2"}}
	a.First.Allow = []string{"127.0.0.1"}
	a.Second.Internal = 7
	return a
}

func TestLoad(t *testing.T) {
	t.Parallel()

	t.Run("SetsEveryKind", func(t *testing.T) {
		t.Parallel()
		got := defaults()
		err := config.Load(got, map[string]string{
			"RINGBACK_HTTP_ADDR": "127.0.0.1:0", "RINGBACK_DEBUG": "true", "RINGBACK_WORKERS": "9", "RINGBACK_TIMEOUT": "1m30s",
			"RINGBACK_MAX_SIZE": "2GiB", "RINGBACK_TOKEN": "s3cret", "RINGBACK_ALLOW": "10.0.0.0/8, ::1,",
			"RINGBACK_NETWORKS": "10.0.0.0/8,fd00::/8", "RINGBACK_BUS_URL": "nats://h:4222", "RINGBACK_LEVEL": "debug",
			"RINGBACK_NAME": "n", "PATH": "/bin",
		})
		if err != nil {
			t.Fatal(err)
		}
		want := &all{First: section{
			Addr: "127.0.0.1:0", Debug: true, Workers: 9, Timeout: 90 * time.Second, MaxSize: 2 * config.GiB, Token: "s3cret",
			Allow:    []string{"10.0.0.0/8", "::1"},
			Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")},
			Bus:      &url.URL{Scheme: "nats", Host: "h:4222"},
			Level:    slog.LevelDebug,
		}}
		want.Second.Name, want.Second.Internal = "n", 7
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
			t.Errorf("loaded (-want +got):\n%s", diff)
		}
		if got.First.Token.Reveal() != "s3cret" {
			t.Errorf("secret = %q, want s3cret", got.First.Token.Reveal())
		}
	})

	t.Run("KeepsDefaultsOfAbsentAndEmpty", func(t *testing.T) {
		t.Parallel()
		got := defaults()
		if err := config.Load(got, map[string]string{"RINGBACK_HTTP_ADDR": "", "HOME": "/"}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(defaults(), got); diff != "" {
			t.Errorf("loaded (-want +got):\n%s", diff)
		}
	})

	t.Run("ReportsEveryMistakeAtOnce", func(t *testing.T) {
		t.Parallel()
		got := defaults()
		err := config.Load(got, map[string]string{
			"RINGBACK_HTTP_ADDR": ":1", "RINGBACK_DEBUG": "perhaps", "RINGBACK_WORKERS": "many", "RINGBACK_TIMEOUT": "soon",
			"RINGBACK_MAX_SIZE": "big", "RINGBACK_NETWORKS": "10.0.0.0/99", "RINGBACK_BUS_URL": "nats://u:pw@h:port",
			"RINGBACK_LEVEL": "loud", "RINGBACK_TIMEOUTS": "secret-value", "RINGBACK_ENTIRELY_DIFFERENT_THING": "x",
		})
		if err == nil {
			t.Fatal("no error")
		}
		want := strings.Join([]string{
			`RINGBACK_DEBUG="perhaps": expected true or false`,
			`RINGBACK_WORKERS="many": expected a whole number`,
			`RINGBACK_TIMEOUT="soon": expected a duration such as 500ms, 30s or 5m`,
			`RINGBACK_MAX_SIZE="big": expected a size such as 512KiB, 20MB or a plain number of bytes`,
			`RINGBACK_NETWORKS="10.0.0.0/99": expected networks such as 10.0.0.0/8`,
			`RINGBACK_BUS_URL="•••": expected an absolute address such as nats://127.0.0.1:4222`,
			`RINGBACK_LEVEL="loud": expected debug, info, warn or error`,
			"RINGBACK_ENTIRELY_DIFFERENT_THING: no such setting; `ringback config` lists them all",
			`RINGBACK_TIMEOUTS: no such setting; did you mean RINGBACK_TIMEOUT?`,
		}, "\n")
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if got.First.Addr != ":1" {
			t.Errorf("address = %q, want the good value set", got.First.Addr)
		}
	})

	t.Run("PanicsOnTwoSettingsOfOneName", func(t *testing.T) {
		t.Parallel()
		defer func() {
			if got := fmt.Sprint(recover()); !strings.Contains(got, "RINGBACK_A is the name of two settings") {
				t.Errorf("panic = %q", got)
			}
		}()
		_ = config.Load(&struct {
			A string `env:"RINGBACK_A"`
			B string `env:"RINGBACK_A"`
		}{}, nil)
	})
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	target := defaults()
	got := config.Describe(target, map[string]string{
		"RINGBACK_TOKEN": "s3cret", "RINGBACK_MAX_SIZE": "1024KiB", "RINGBACK_WORKERS": "many", "RINGBACK_BUS_URL": "nats://tok@h:1",
	})
	want := map[string]config.Setting{
		"RINGBACK_HTTP_ADDR": {Value: ":8080", Default: ":8080", Origin: "default", Doc: "Where to listen."},
		"RINGBACK_TOKEN":     {Value: "•••", Default: "•••", Origin: "environment", Doc: "What to show."},
		"RINGBACK_MAX_SIZE":  {Value: "1MiB", Default: "100MB", Origin: "environment", Doc: "How large."},
		"RINGBACK_WORKERS":   {Value: "many", Default: "4", Origin: "environment", Doc: "How many at once."},
		"RINGBACK_BUS_URL":   {Value: "nats://xxxxx@h:1", Origin: "environment", Doc: "Where the bus is."},
		"RINGBACK_ALLOW":     {Value: "127.0.0.1", Default: "127.0.0.1", Origin: "default", Doc: "Whom to let through."},
		"RINGBACK_NAME":      {Origin: "default", Doc: "A name."},
	}
	if len(got) != 11 {
		t.Fatalf("%d settings, want 11", len(got))
	}
	for _, s := range got {
		name := s.Name
		s.Name = ""
		if w, ok := want[name]; ok && w != s {
			t.Errorf("%s = %+v, want %+v", name, s, w)
		}
	}
	if diff := cmp.Diff(defaults(), target); diff != "" {
		t.Errorf("target was changed (-want +got):\n%s", diff)
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	got := config.Markdown(config.Describe(defaults(), nil)[2:6])
	want := "| Variable | Default | Meaning |\n|---|---|---|\n" +
		"| `RINGBACK_WORKERS` | `4` | How many at once. |\n" +
		"| `RINGBACK_TIMEOUT` | `30s` | How long \\| at most. |\n" +
		"| `RINGBACK_MAX_SIZE` | `100MB` | How large. |\n" +
		"| `RINGBACK_TOKEN` | `•••` | What to show. |\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("markdown (-want +got):\n%s", diff)
	}
}

func TestSecret_NeverShows(t *testing.T) {
	t.Parallel()
	secret := config.Secret("hunter2")
	holder := struct{ S config.Secret }{secret}
	for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x", "%X", "%d", "%t", "%10v"} {
		for _, value := range []any{secret, holder, &holder, []config.Secret{secret}} {
			if got := fmt.Sprintf(verb, value); strings.Contains(got, "hunter2") || strings.Contains(got, "68756e74") ||
				!strings.Contains(got, "•••") {
				t.Errorf("%s of %T = %s", verb, value, got)
			}
		}
	}
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "secret", secret, "holder", holder)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "secret", secret, "holder", holder)
	encoded, err := json.Marshal(map[string]any{"secret": secret, "holder": holder})
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{logged.String(), string(encoded), secret.String(), secret.GoString()} {
		if strings.Contains(got, "hunter2") || !strings.Contains(got, "•••") {
			t.Errorf("shown: %s", got)
		}
	}
}

func TestByteSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]config.ByteSize{
		"0": 0, "512": 512, "512B": 512, "512KiB": 512 << 10, "1GiB": 1 << 30, "20MB": 20_000_000, "20 mb": 20_000_000,
		" 3kib ": 3 << 10, "2TB": 2e12, "8388607TiB": 8388607 << 40,
	} {
		got, err := config.ParseByteSize(text)
		if err != nil || got != want {
			t.Errorf("ParseByteSize(%q) = %d, %v, want %d", text, got, err, want)
		}
		again, err := config.ParseByteSize(got.String())
		if err != nil || again != got {
			t.Errorf("%q was printed as %q and read back as %d, %v", text, got, again, err)
		}
	}
	for _, text := range []string{"", "MB", "-1", "+1", "1.5GB", "1e3", "1XB", "1 G B", "8388608TiB", "99999999999999999999"} {
		if got, err := config.ParseByteSize(text); err == nil {
			t.Errorf("ParseByteSize(%q) = %d, want an error", text, got)
		}
	}
	for size, want := range map[config.ByteSize]string{0: "0B", 1: "1B", 1536: "1536B", 100 * config.MB: "100MB", config.GiB: "1GiB"} {
		if got := size.String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
}
