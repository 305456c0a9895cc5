package guard_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// settings is the list of all settings, made by `ringback config --doc`.
const settings = "services/CONFIG.md"

var settingName = regexp.MustCompile(`\bRINGBACK_[A-Z][A-Z0-9_]*\b`)

func TestSettingsInDeployExist(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(filepath.Join(root, settings)); err != nil {
		t.Fatalf("%s is missing, and with it the list of settings; `go tool task generate` writes it", settings)
	}
	known := settingName.FindAllString(read(t, settings), -1)
	known = append(known, streams(t)...)
	for _, name := range tracked(t) {
		if !strings.HasPrefix(name, "deploy/") || strings.HasSuffix(name, ".go") {
			continue
		}
		for _, setting := range settingName.FindAllString(read(t, name), -1) {
			if !slices.Contains(known, setting) {
				t.Errorf("%s sets %s, which is not in %s: nothing reads it", name, setting, settings)
			}
		}
	}
}

// streams are names that look like settings and are streams of the bus.
func streams(tb testing.TB) []string {
	tb.Helper()
	return settingName.FindAllString(read(tb, "services/internal/bus/topology.go")+read(tb, "events/subject.go"), -1)
}

var serviceRow = regexp.MustCompile(`\{\s*Name: "([a-z]+)"`)

// The table of services is the only list; what deploy says about them must be the same.
func TestServicesInDeployAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	const table = "services/internal/app/services.go"
	var want []string
	for _, match := range serviceRow.FindAllStringSubmatch(read(t, table), -1) {
		want = append(want, match[1])
	}
	if len(want) == 0 {
		t.Fatalf("%s: no services found", table)
	}
	for name, row := range map[string]*regexp.Regexp{
		"deploy/compose/cluster.yaml": regexp.MustCompile(`command: \[run, ([a-z]+)\]`),
		"deploy/nats/users.conf":      regexp.MustCompile(`user: ([a-z]+), password: \$`),
	} {
		var got []string
		for _, match := range row.FindAllStringSubmatch(read(t, name), -1) {
			got = append(got, match[1])
		}
		for _, service := range want {
			if !slices.Contains(got, service) {
				t.Errorf("%s has no %s, which is in %s", name, service, table)
			}
		}
		for _, service := range got {
			if !slices.Contains(append(want, "reader", "admin"), service) {
				t.Errorf("%s has a %s, which is not in %s", name, service, table)
			}
		}
	}
}
