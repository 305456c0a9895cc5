package guard_test

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// maxLines is the one limit on size: the median of a codebase does not tell good from bad, the tail does.
const maxLines = 500

func TestFiles(t *testing.T) {
	t.Parallel()
	files := tracked(t)

	t.Run("TheTopLevelIsShort", func(t *testing.T) {
		t.Parallel()
		allowed := []string{
			".ci", ".gitignore", ".golangci.yml", "LICENSE", "README.md", "Taskfile.yml", "go.work",
			"deploy", "events", "schemas", "services",
		}
		for _, name := range files {
			if top, _, _ := strings.Cut(name, "/"); !slices.Contains(allowed, top) {
				t.Errorf("%s: the top level holds %s and nothing else", name, strings.Join(allowed, ", "))
			}
		}
	})

	t.Run("NoneIsLong", func(t *testing.T) {
		t.Parallel()
		for _, name := range files {
			if path.Ext(name) != ".go" {
				continue
			}
			if lines := strings.Count(read(t, name), "\n"); lines > maxLines {
				t.Errorf("%s has %d lines, want %d at most: split it by noun", name, lines, maxLines)
			}
		}
	})

	t.Run("CStaysInTheRenderer", func(t *testing.T) {
		t.Parallel()
		for _, name := range files {
			if path.Ext(name) != ".go" || strings.HasPrefix(name, "services/internal/imaging/vips/") {
				continue
			}
			if importC.MatchString(read(t, name)) {
				t.Errorf("%s uses C, which services/internal/imaging/vips alone may: it must not be mapped into a process that holds secrets", name)
			}
		}
	})

	t.Run("NothingOfABuildMachine", func(t *testing.T) {
		t.Parallel()
		for _, name := range files {
			text := read(t, name)
			if strings.ContainsRune(text, 0) {
				continue // pictures
			}
			for i, line := range strings.Split(text, "\n") {
				if found := foreign.FindString(line); found != "" && !slices.Contains(known, found) {
					t.Errorf("%s:%d: %q belongs to one machine; it must work on every other", name, i+1, found)
				}
			}
		}
	})
}

// importC is C in an import of its own or in a list; the linter does not see it.
var importC = regexp.MustCompile(`(?m)^(import )?\s*"C"$`)

// foreign finds folders of the machine that something was built on, and hosts of package registries. The hosts are
// put together from halves, so that this file does not find itself.
var foreign = regexp.MustCompile(`(/home/[a-z]\w*/|/Users/[A-Za-z]\w*/|/root` + `/|/work` + `/[a-z]|/tmp/bash` + `_|C:\\Users)` +
	`|\b(proxy\.golang|sum\.golang|goproxy|registry\.npmjs|registry\.yarnpkg|pypi|files\.pythonhosted|deb\.debian|` +
	`security\.debian|archive\.ubuntu|dl-cdn\.alpinelinux|index\.docker)\.(org|io|com|cn)\b`)

// known are matches that mean something else.
var known = []string{}
