package guard_test

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outside are the modules that are kept out of the workspace, with the reason.
var outside = map[string]string{
	"deploy/tools/lint": "a workspace has one list of versions, and the linters' needs would move those of the product",
}

func TestModules(t *testing.T) {
	t.Parallel()
	var modules []string
	for _, name := range tracked(t) {
		if path.Base(name) == "go.mod" {
			modules = append(modules, path.Dir(name))
		}
	}
	slices.Sort(modules)

	t.Run("EveryOneIsInTheWorkspace", func(t *testing.T) {
		t.Parallel()
		want := append(used(t), slices.Collect(maps.Keys(outside))...)
		slices.Sort(want)
		if diff := cmp.Diff(want, modules); diff != "" {
			t.Errorf("go.work and the tracked go.mod files differ: `go test work` skips what is missing (-go.work +go.mod):\n%s", diff)
		}
	})

	t.Run("AllWantTheSameGo", func(t *testing.T) {
		t.Parallel()
		var work modFile
		decode(t, mustCommand(t, "", "go", "work", "edit", "-json"), &work)
		for _, folder := range modules {
			mod := readMod(t, folder)
			if mod.Go != work.Go || mod.Toolchain != work.Toolchain {
				t.Errorf("%s/go.mod wants go %s %s, go.work wants go %s %s", folder, mod.Go, mod.Toolchain, work.Go, work.Toolchain)
			}
		}
	})

	// Whoever imports these has no workspace, and a replacement in them would not reach him.
	for _, folder := range []string{"schemas", "events"} {
		t.Run("StandsAlone/"+folder, func(t *testing.T) {
			t.Parallel()
			if replaced := readMod(t, folder).Replace; len(replaced) > 0 {
				t.Errorf("%s/go.mod replaces %v: whoever imports it does not get the replacement", folder, replaced)
			}
			for _, verb := range []string{"build", "vet"} {
				if out, err := command(t, folder, []string{"GOWORK=off"}, "go", verb, "./..."); err != nil {
					t.Errorf("GOWORK=off go %s ./... in %s: %v\n%s", verb, folder, err, out)
				}
			}
		})
	}

	t.Run("TheKitIsLight", func(t *testing.T) {
		t.Parallel()
		want := []string{"github.com/cloudevents/sdk-go/v2", "github.com/nats-io/nats.go"}
		var direct []string
		for _, require := range readMod(t, "events").Require {
			if !require.Indirect {
				direct = append(direct, require.Path)
			}
		}
		slices.Sort(direct)
		if diff := cmp.Diff(want, direct); diff != "" {
			t.Errorf("events/go.mod: whoever subscribes pays for every requirement (-want +got):\n%s", diff)
		}
		if schemas := readMod(t, "schemas").Require; len(schemas) > 0 {
			t.Errorf("schemas/go.mod requires %v, want nothing but the standard library", schemas)
		}
	})

	for _, folder := range modules {
		t.Run("IsTidy/"+folder, func(t *testing.T) {
			t.Parallel()
			var env []string
			if outside[folder] != "" {
				env = []string{"GOWORK=off"}
			}
			if out, err := command(t, folder, env, "go", "mod", "tidy", "-diff"); err != nil {
				t.Errorf("%s is not tidy; `go tool task tidy` mends it:\n%s", folder, strings.TrimSpace(out))
			}
		})
	}
}
