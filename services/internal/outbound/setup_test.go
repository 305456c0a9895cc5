package outbound_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/outbound"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// short is a deadline that has to pass in a test.
const short = 100 * time.Millisecond

// testConfig lets loopback through, as RINGBACK_OUTBOUND_ALLOW=127.0.0.0/8 does.
func testConfig(t *testing.T) outbound.Config {
	t.Helper()
	cfg := outbound.DefaultConfig()
	if err := config.Load(&cfg, map[string]string{"RINGBACK_OUTBOUND_ALLOW": "127.0.0.0/8"}); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func newClient(t *testing.T, cfg outbound.Config, deps outbound.Deps) *outbound.Client {
	t.Helper()
	client, err := outbound.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// serveRaw reads the beginning of a request on every connection, hands it to talk, which need not speak HTTP, and closes
// it afterwards.
func serveRaw(t *testing.T, talk func(conn *net.TCPConn)) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			talk(conn.(*net.TCPConn))
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	return "http://" + listener.Addr().String() + "/"
}

// names is a resolver of one answer.
type names struct {
	addrs []string
	err   error
	hang  bool
}

func (n names) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	if n.hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var addrs []netip.Addr
	for _, addr := range n.addrs {
		addrs = append(addrs, netip.MustParseAddr(addr))
	}
	return addrs, n.err
}

func wantError(t *testing.T, err error, class, message string) {
	t.Helper()
	var failure *outbound.Error
	if !errors.As(err, &failure) {
		t.Fatalf("error = %v, want an *outbound.Error of class %s", err, class)
	}
	if failure.Class != class || failure.Message != message {
		t.Errorf("error is %s %q (%v), want %s %q", failure.Class, failure.Message, failure.Err, class, message)
	}
}
