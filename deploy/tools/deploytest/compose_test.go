package deploytest_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// composeFile is the part of a compose file that the rules below are about. Unknown keys are faults.
type composeFile struct {
	Name     string                    `yaml:"name"`
	Services map[string]composeService `yaml:"services"`
	Volumes  map[string]any            `yaml:"volumes"`
	Rest     map[string]any            `yaml:",inline"`
}

type composeService struct {
	Build *struct {
		Context    string `yaml:"context"`
		Dockerfile string `yaml:"dockerfile"`
	} `yaml:"build"`
	Image           string            `yaml:"image"`
	Command         []string          `yaml:"command"`
	Environment     map[string]string `yaml:"environment"`
	Ports           []string          `yaml:"ports"`
	Volumes         []string          `yaml:"volumes"`
	Tmpfs           []string          `yaml:"tmpfs"`
	ReadOnly        bool              `yaml:"read_only"`
	CapDrop         []string          `yaml:"cap_drop"`
	SecurityOpt     []string          `yaml:"security_opt"`
	StopGracePeriod string            `yaml:"stop_grace_period"`
	Restart         string            `yaml:"restart"`
	DependsOn       map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	Healthcheck map[string]any `yaml:"healthcheck"`
}

func TestCompose(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"all-in-one.yaml", "cluster.yaml"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := read(t, filepath.Join("compose", name))
			var file composeFile
			decoder := yaml.NewDecoder(strings.NewReader(text))
			decoder.KnownFields(true)
			if err := decoder.Decode(&file); err != nil {
				t.Fatal(err)
			}
			for key := range file.Rest {
				if !strings.HasPrefix(key, "x-") {
					t.Errorf("%s: no such part of a compose file", key)
				}
			}
			checkVariables(t, text)
			for service, s := range file.Services {
				checkService(t, file, service, s)
			}
		})
	}
}

// Where there is a docker with compose, it has the last word.
func TestComposeAcceptsTheFiles(t *testing.T) {
	t.Parallel()
	if err := exec.CommandContext(t.Context(), "docker", "compose", "version").Run(); err != nil {
		t.Log("there is no docker compose here: its judgement is left to machines that have one")
		return
	}
	for _, name := range []string{"all-in-one.yaml", "cluster.yaml"} {
		cmd := exec.CommandContext(t.Context(), "docker", "compose", "-f", filepath.Join(deploy, "compose", name), "config", "--quiet")
		cmd.Env = os.Environ()
		for user, password := range passwords(t) {
			cmd.Env = append(cmd.Env, "NATS_"+strings.ToUpper(user)+"_PASSWORD="+password)
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("docker compose config %s: %v\n%s", name, err, out)
		}
	}
}

func checkService(t *testing.T, file composeFile, service string, s composeService) {
	t.Helper()
	if _, tag, _ := strings.Cut(s.Image, ":"); s.Build == nil && (tag == "" || tag == "latest") {
		t.Errorf("%s: pin the tag of image %q", service, s.Image)
	}
	if s.Build != nil {
		context := filepath.Join(deploy, "compose", s.Build.Context)
		if _, err := os.Stat(filepath.Join(context, s.Build.Dockerfile)); err != nil {
			t.Errorf("%s: %v", service, err)
		}
		if !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") || len(s.SecurityOpt) == 0 {
			t.Errorf("%s: wants a read-only root, no capabilities and no new privileges", service)
		}
	}
	if s.Restart != "unless-stopped" || s.StopGracePeriod == "" {
		t.Errorf("%s: wants a restart policy and time to stop", service)
	}
	for _, port := range s.Ports {
		if !strings.HasPrefix(port, "127.0.0.1:") {
			t.Errorf("%s: port %s is open to everybody", service, port)
		}
	}
	for _, volume := range s.Volumes {
		source, _, _ := strings.Cut(volume, ":")
		if strings.HasPrefix(source, ".") {
			if _, err := os.Stat(filepath.Join(deploy, "compose", source)); err != nil {
				t.Errorf("%s: %v", service, err)
			}
		} else if _, ok := file.Volumes[source]; !ok {
			t.Errorf("%s: there is no volume %s", service, source)
		}
	}
	for other, on := range s.DependsOn {
		if _, ok := file.Services[other]; !ok || on.Condition != "service_healthy" {
			t.Errorf("%s: cannot wait for %s to be %q", service, other, on.Condition)
		}
	}
}

var variable = regexp.MustCompile(`\$\{([A-Z_]+)(:[-?][^}]*)?\}`)

// writtenOut finds secrets where every variable is a "$".
var writtenOut = regexp.MustCompile(`(?i)(password|secret|token)\w*["']?: *[^$\s].*|://[a-z]+:[^$][^@/]*@`)

// checkVariables finds variables that nothing sets, and secrets that are written out.
func checkVariables(t *testing.T, text string) {
	t.Helper()
	made := slices.Collect(maps.Keys(passwords(t)))
	for _, match := range variable.FindAllStringSubmatch(text, -1) {
		user := strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(match[1], "NATS_"), "_PASSWORD"))
		if !strings.HasPrefix(match[2], ":-") && !slices.Contains(made, user) {
			t.Errorf("%s: make-env.sh does not set it, and it has no default", match[1])
		}
	}
	for _, match := range writtenOut.FindAllString(variable.ReplaceAllString(text, "$$"), -1) {
		t.Errorf("%s: a secret is written out", match)
	}
}
