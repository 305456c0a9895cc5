package deploytest_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// deploy is the folder deploy, seen from this package.
const deploy = "../.."

// cluster is three nats-servers in this process that were configured by deploy/nats/cluster.conf.
type cluster struct {
	servers   []*server.Server
	passwords map[string]string
}

// startCluster sets the environment of this process, as that is where the configuration reads it from.
func startCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{passwords: passwords(t)}
	for user, password := range c.passwords {
		t.Setenv("NATS_"+strings.ToUpper(user)+"_PASSWORD", password)
	}
	ports := freePorts(t, 3)
	var routes []string
	for _, port := range ports {
		routes = append(routes, fmt.Sprintf("nats-route://ringback:%s@127.0.0.1:%d", c.passwords["route"], port))
	}
	t.Setenv("NATS_ROUTES", "["+strings.Join(routes, ", ")+"]")
	for i, port := range ports {
		t.Setenv("NATS_SERVER_NAME", fmt.Sprintf("nats-%d", i+1))
		t.Setenv("NATS_STORE_DIR", t.TempDir())
		options, err := server.ProcessConfigFile(filepath.Join(deploy, "nats", "cluster.conf"))
		if err != nil {
			t.Fatal(err)
		}
		// Three on one machine need ports of their own, and no test serves beyond it.
		options.Host, options.Port, options.HTTPPort = "127.0.0.1", server.RANDOM_PORT, 0
		options.Cluster.Host, options.Cluster.Port = "127.0.0.1", port
		options.NoSigs, options.NoLog = true, true
		s, err := server.NewServer(options)
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		c.servers = append(c.servers, s)
	}
	c.waitForLeader(t)
	return c
}

// passwords are what make-env.sh makes, by user.
func passwords(tb testing.TB) map[string]string {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), filepath.Join(deploy, "compose", "make-env.sh")).Output()
	if err != nil {
		tb.Fatal(err)
	}
	made := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, password, _ := strings.Cut(strings.TrimSpace(line), "=")
		if user, ok := strings.CutPrefix(name, "NATS_"); ok {
			made[strings.ToLower(strings.TrimSuffix(user, "_PASSWORD"))] = password
		}
	}
	return made
}

func (c *cluster) waitForLeader(tb testing.TB) {
	tb.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		for _, s := range c.servers {
			if s.JetStreamIsLeader() && len(s.JetStreamClusterPeers()) == len(c.servers) {
				return
			}
		}
	}
	tb.Fatal("the three servers elected no leader: their routes do not work")
}

// urls is RINGBACK_NATS_URL of a user.
func (c *cluster) urls(user string) string {
	var urls []string
	for _, s := range c.servers {
		urls = append(urls, fmt.Sprintf("nats://%s:%s@%s", user, c.passwords[user], s.Addr()))
	}
	return strings.Join(urls, ",")
}

// connect logs in as people do, or with the inboxes of services.
func (c *cluster) connect(tb testing.TB, user string) *nats.Conn {
	tb.Helper()
	options := []nats.Option{nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})}
	if user != "reader" && user != "admin" {
		options = append(options, nats.CustomInboxPrefix("_RINGBACK_INBOX"))
	}
	nc, err := nats.Connect(c.urls(user), options...)
	if err != nil {
		tb.Fatalf("log in as %s: %v", user, err)
	}
	tb.Cleanup(nc.Close)
	return nc
}

// freePorts finds ports that nobody listens on, below those that systems give to connections on their way out: one of these
// might be there before a server is. All are held until the last is found, so that none comes twice.
func freePorts(tb testing.TB, n int) []int {
	tb.Helper()
	const lowest, highest, tries = 11000, 18000, 1000
	var ports []int
	for range tries {
		if len(ports) == n {
			return ports
		}
		port := lowest + rand.IntN(highest-lowest)
		var config net.ListenConfig
		listener, err := config.Listen(tb.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		defer func() { _ = listener.Close() }()
		ports = append(ports, port)
	}
	tb.Fatalf("%d free ports were found, want %d", len(ports), n)
	return nil
}
