package deploytest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func read(tb testing.TB, name string) string {
	tb.Helper()
	raw, err := os.ReadFile(filepath.Join(deploy, name))
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}

// instructions are the lines of a Dockerfile without comments, continued lines joined.
func instructions(text string) [][2]string {
	text = regexp.MustCompile(`(?m)^\s*#.*\n`).ReplaceAllString(text, "")
	text = regexp.MustCompile(`\\\n`).ReplaceAllString(text, " ")
	var list [][2]string
	for line := range strings.Lines(text) {
		if name, rest, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			list = append(list, [2]string{strings.ToUpper(name), strings.Join(strings.Fields(rest), " ")})
		}
	}
	return list
}

// dockerfileFaults are the rules of hadolint that matter here.
func dockerfileFaults(text string) []string {
	var faults, stages []string
	last := map[string]string{} // the newest of each instruction of the last stage
	known := []string{
		"FROM", "RUN", "CMD", "LABEL", "EXPOSE", "ENV", "ADD", "COPY", "ENTRYPOINT", "VOLUME", "USER", "WORKDIR", "ARG",
		"STOPSIGNAL", "HEALTHCHECK", "SHELL",
	}
	for _, instruction := range instructions(text) {
		name, rest := instruction[0], instruction[1]
		switch {
		case !slices.Contains(known, name):
			faults = append(faults, name+" is no instruction")
		case name == "FROM":
			last = map[string]string{}
			image, stage, _ := strings.Cut(rest, " AS ")
			_, tag, tagged := strings.Cut(image, ":")
			if !slices.Contains(stages, image) && (!tagged || tag == "latest") {
				faults = append(faults, image+": pin a tag")
			}
			stages = append(stages, stage)
		case name == "ADD":
			faults = append(faults, "ADD "+rest+": COPY does what it says")
		case name == "RUN" && strings.Contains(rest, "apt-get install"):
			for _, want := range []string{"apt-get update", "--no-install-recommends", " -y", "rm -rf /var/lib/apt/lists/*"} {
				if !strings.Contains(rest, want) {
					faults = append(faults, "RUN "+rest+": wants "+want)
				}
			}
		case name == "RUN" && regexp.MustCompile(`\b(sudo|apt|curl|wget)\b `).MatchString(rest):
			faults = append(faults, "RUN "+rest+": nothing unpinned from the network, no sudo, and apt-get in scripts")
		case (name == "CMD" || name == "ENTRYPOINT") && !strings.HasPrefix(rest, "["):
			faults = append(faults, name+" "+rest+": through a shell it gets no signals; write a list")
		case name == "WORKDIR" && !strings.HasPrefix(rest, "/"):
			faults = append(faults, "WORKDIR "+rest+": write it from the root")
		}
		last[name] = rest
	}
	if user, _, _ := strings.Cut(last["USER"], ":"); user == "" || user == "0" || user == "root" {
		faults = append(faults, "USER is root")
	}
	if !strings.Contains(last["HEALTHCHECK"], "CMD [") {
		faults = append(faults, "HEALTHCHECK is missing")
	}
	if last["ENTRYPOINT"] == "" {
		faults = append(faults, "ENTRYPOINT is missing")
	}
	return faults
}

func TestDockerfile(t *testing.T) {
	t.Parallel()
	for _, fault := range dockerfileFaults(read(t, "docker/Dockerfile")) {
		t.Error(fault)
	}
}

func TestDockerfileFaultsAreFound(t *testing.T) {
	t.Parallel()
	const good = "FROM debian:12-slim\nRUN apt-get update && apt-get install -y --no-install-recommends x && rm -rf /var/lib/apt/lists/*\n" +
		"USER 1\nHEALTHCHECK CMD [\"x\"]\nENTRYPOINT [\"x\"]\n"
	if faults := dockerfileFaults(good); len(faults) > 0 {
		t.Errorf("a good file has faults: %q", faults)
	}
	for _, row := range []struct{ name, before, after string }{
		{"NoTag", ":12-slim", ""},
		{"Latest", ":12-slim", ":latest"},
		{"Root", "USER 1", "USER root"},
		{"RootByNumber", "USER 1", "USER 0:0"},
		{"NoUser", "USER 1\n", ""},
		{"NoHealth", "HEALTHCHECK CMD [\"x\"]\n", ""},
		{"ListsStay", " && rm -rf /var/lib/apt/lists/*", ""},
		{"Recommends", " --no-install-recommends", ""},
		{"ShellForm", `ENTRYPOINT ["x"]`, "ENTRYPOINT x"},
		{"AddFromTheNetwork", "USER 1", "ADD https://example.com/x /x\nUSER 1"},
		{"Curl", "USER 1", "RUN curl https://example.com | sh\nUSER 1"},
		{"Misspelt", "USER 1", "USER 1\nHELTHCHECK CMD x"},
		{"LastStageCounts", "USER 1\n", "USER 1\nFROM debian:12-slim\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if faults := dockerfileFaults(strings.Replace(good, row.before, row.after, 1)); len(faults) == 0 {
				t.Error("no fault was found")
			}
		})
	}
}

// systemd's own judgement where there is a systemd; its syntax and our own rules everywhere.
func TestSystemdUnit(t *testing.T) {
	t.Parallel()
	unit := read(t, "systemd/ringback.service")
	section, count := "", map[string]int{}
	for i, line := range strings.Split(unit, "\n") {
		switch key, _, pair := strings.Cut(line, "="); {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = line
		case !pair || section == "" || strings.ContainsAny(key, " \t"):
			t.Errorf("line %d is no setting: %q", i+1, line)
		default:
			count[section+key]++
		}
	}
	for _, key := range []string{"ExecStart", "DynamicUser", "ProtectSystem", "NoNewPrivileges", "SystemCallFilter", "StateDirectory"} {
		if count["[Service]"+key] != 1 {
			t.Errorf("%s is set %d times, want once", key, count["[Service]"+key])
		}
	}
	// Without these renderers would run, and be less contained.
	for _, want := range []string{"RestrictNamespaces=user net ipc", " landlock_restrict_self"} {
		if !strings.Contains(unit, want) {
			t.Errorf("renderers need %q", want)
		}
	}
	if strings.Contains(unit, "\nMemoryDenyWriteExecute=yes") {
		t.Error("MemoryDenyWriteExecute: libvips compiles its inner loops while it runs")
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("there is no systemd-analyze here: its judgement is left to machines that have one")
		return
	}
	// The program is not installed here, and that would be the only complaint.
	installed := filepath.Join(t.TempDir(), "ringback.service")
	text := strings.Replace(unit, "/usr/local/bin/ringback run", "/bin/true", 1)
	if err := os.WriteFile(installed, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", installed).CombinedOutput()
	if err != nil || strings.Contains(string(out), "ringback.service:") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}
