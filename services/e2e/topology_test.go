package e2e_test

import (
	"net"
	"os"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/app"
	"github.com/ringback/ringback/services/internal/storage/servertest"
)

// installation is a running Ringback, in whichever topology.
type installation struct {
	tb        testing.TB
	base      string
	data      string
	environ   []string
	processes []*process
	servers   cluster // where they are processes of their own
}

// everyTopology tells a story in both topologies.
func everyTopology(t *testing.T, story func(*testing.T, *installation)) {
	t.Helper()
	t.Run("OneProcess", func(t *testing.T) {
		t.Parallel()
		story(t, oneProcess(t))
	})
	t.Run("ProcessPerServiceOnThreeServers", func(t *testing.T) {
		t.Parallel()
		story(t, processPerService(t))
	})
}

// oneProcess runs everything in one process, with the embedded server.
func oneProcess(tb testing.TB, environ ...string) *installation {
	tb.Helper()
	in := &installation{tb: tb, data: tb.TempDir()}
	in.environ = append(append(in.settings(), "RINGBACK_NATS_ADDR=127.0.0.1:0"), environ...)
	in.start()
	return in
}

// start starts the one process, also again after a kill.
func (in *installation) start() {
	in.tb.Helper()
	p := launch(in.tb, nil, in.environ...)
	in.processes = []*process{p}
	base := p.base()
	// Links must not move when a restart takes another port, so the first port is kept.
	if in.base == "" {
		in.base = base
		in.environ = append(in.environ, "RINGBACK_HTTP_ADDR="+strings.TrimPrefix(in.base, "http://"), "RINGBACK_PUBLIC_URL="+in.base)
	}
}

// processPerService runs each service as a process of its own, against three nats-servers.
func processPerService(tb testing.TB, environ ...string) *installation {
	tb.Helper()
	in := &installation{tb: tb, data: tb.TempDir()}
	in.servers = startCluster(tb)
	in.environ = append(in.settings(), "RINGBACK_NATS_URL="+in.servers.urls(), "RINGBACK_NATS_REPLICAS=3")
	in.environ = append(in.environ, environ...)
	for _, name := range app.Names() { // all at once: on a first start they declare the same streams side by side
		in.processes = append(in.processes, launch(tb, []string{name}, in.environ...))
	}
	for i, name := range app.Names() {
		// Operations are served, as HTTP is, once the topology is in place.
		if base := in.processes[i].base(); name == "ingest" {
			in.base = base
		}
	}
	return in
}

func (in *installation) settings() []string {
	return []string{
		"RINGBACK_DATA=" + in.data, "RINGBACK_HTTP_ADDR=127.0.0.1:0", "RINGBACK_OUTBOUND_ALLOW=127.0.0.1",
		"RINGBACK_CALLBACK_WINDOW=2s", "RINGBACK_INBOX=true", "RINGBACK_RENDER_WORKERS=2",
		"RINGBACK_POLL_RATE=10000", // a test may ask about a hundred jobs one after the other
	}
}

// freePort is a port that nobody listened on a moment ago.
func freePort(tb testing.TB) int {
	tb.Helper()
	held := heldPorts(tb, 1)[0]
	defer held.Close()
	return held.Addr().(*net.TCPAddr).Port
}

// heldPorts are listeners on free ports, to be closed when the port is wanted.
func heldPorts(tb testing.TB, n int) []net.Listener {
	tb.Helper()
	held := make([]net.Listener, n)
	for i := range held {
		held[i] = servertest.Hold(tb)
	}
	return held
}

// ringback runs a command of the command line against the installation and returns what it printed.
func (in *installation) ringback(args ...string) string {
	in.tb.Helper()
	output, err := in.command(args...).Output()
	if err != nil {
		in.tb.Fatalf("ringback %v: %v", args, err)
	}
	return string(output)
}

func readFile(tb testing.TB, path string) []byte {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}
