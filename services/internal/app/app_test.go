package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/app"
)

// root is the repository.
const root = "../../.."

func TestServicesInREADME(t *testing.T) {
	t.Parallel()
	readme := read(t, "README.md")
	var want []string
	for _, row := range app.Services {
		want = append(want, "| `"+row.Name+"` | "+row.Summary+" |")
	}
	_, table, found := strings.Cut(readme, "<!-- services:")
	if !found {
		t.Fatal("README.md has no table of services")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	got := regexp.MustCompile("(?m)^\\| `.*$").FindAllString(table, -1)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table of services (-services.go +README.md):\n%s", diff)
	}
}

func TestRoomsInREADMEExist(t *testing.T) {
	t.Parallel()
	_, table, found := strings.Cut(read(t, "README.md"), "<!-- rooms:")
	if !found {
		t.Fatal("README.md has no table of rooms")
	}
	links := regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(table, -1)
	if len(links) < 10 {
		t.Fatalf("the table of rooms has %d links", len(links))
	}
	for _, link := range links {
		if _, err := os.Stat(filepath.Join(root, link[1])); err != nil {
			t.Errorf("room %s: %v", link[1], err)
		}
	}
}

func TestSettingsReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(app.SettingsReference(), read(t, "services/CONFIG.md")); diff != "" {
		t.Errorf("services/CONFIG.md is old; `go tool task generate` rewrites it (-code +file):\n%s", diff)
	}
}

func TestDefaultConfigIsValid(t *testing.T) {
	t.Parallel()
	config, err := app.LoadConfig(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := config.Validate(nil); err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()

	t.Run("UnknownServiceIsNamedWithThoseThereAre", func(t *testing.T) {
		t.Parallel()
		err := app.DefaultConfig().Validate([]string{"ingest", "procesor"})
		if !errors.Is(err, app.ErrUnknownService) || !strings.Contains(err.Error(), "procesor") || !strings.Contains(err.Error(), "processor") {
			t.Errorf("got %v", err)
		}
	})

	t.Run("OnlyChosenServicesAreLookedAt", func(t *testing.T) {
		t.Parallel()
		config := app.DefaultConfig()
		config.Callback.Window = 0
		if err := config.Validate([]string{"ingest"}); err != nil {
			t.Errorf("ingest alone: %v", err)
		}
		if err := config.Validate(nil); err == nil || !strings.Contains(err.Error(), "RINGBACK_CALLBACK_WINDOW") {
			t.Errorf("all: %v, want an error that names RINGBACK_CALLBACK_WINDOW", err)
		}
	})

	t.Run("EveryMistakeIsReportedAtOnce", func(t *testing.T) {
		t.Parallel()
		_, err := app.LoadConfig(map[string]string{"RINGBACK_CALLBACK_WINDOW": "soon", "RINGBACK_RENDER_WORKERS": "many"})
		if err == nil || !strings.Contains(err.Error(), "RINGBACK_CALLBACK_WINDOW") || !strings.Contains(err.Error(), "RINGBACK_RENDER_WORKERS") {
			t.Errorf("got %v, want both variables named", err)
		}
	})
}

func read(tb testing.TB, path string) string {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}
