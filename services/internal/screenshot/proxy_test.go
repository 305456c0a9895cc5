package screenshot

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ringback/ringback/services/internal/outbound"
)

// newDialer lets addresses through beyond the public ones.
func newDialer(t *testing.T, allow ...string) *outbound.Client {
	t.Helper()
	config := outbound.DefaultConfig()
	config.Allow = allow
	client, err := outbound.New(config, outbound.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// startProxy starts a proxy and a client that goes through it.
func startProxy(t *testing.T, allow ...string) (*proxy, *http.Client) {
	t.Helper()
	p, err := openProxy(t.Context(), newDialer(t, allow...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	transport := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: p.address()}), DisableKeepAlives: true}
	t.Cleanup(transport.CloseIdleConnections)
	return p, &http.Client{Transport: transport}
}

// serve counts requests.
func serve(t *testing.T, asked *atomic.Int32) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("X-Path", r.URL.Path)
		_, _ = io.WriteString(w, "hello")
	}))
	t.Cleanup(server.Close)
	return server
}

func get(t *testing.T, client *http.Client, address string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// connect asks for a tunnel and returns the status and the connection.
func connect(t *testing.T, p *proxy, to string) (string, net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", p.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %[1]s\r\n\r\n", to); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	line, err := reader.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), conn, reader
}

func TestProxy_Forwards(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := serve(t, &asked)
	p, client := startProxy(t, "127.0.0.1")
	answer, body := get(t, client, server.URL+"/a%20b?c")
	if answer.StatusCode != http.StatusOK || body != "hello" || answer.Header.Get("X-Path") != "/a b" {
		t.Errorf("%d %q %v", answer.StatusCode, body, answer.Header)
	}
	status, conn, reader := connect(t, p, strings.TrimPrefix(server.URL, "http://"))
	if status != "HTTP/1.1 200 OK" {
		t.Fatalf("tunnel: %s", status)
	}
	_, _ = reader.ReadString('\n')
	if _, err := io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if through, err := io.ReadAll(reader); err != nil || !strings.HasSuffix(string(through), "hello") {
		t.Errorf("through the tunnel came %q, %v", through, err)
	}
	if p.failure("127.0.0.1") != nil {
		t.Error("a host that was reached failed")
	}
}

// TestProxy_KeepsTheHouseShut asks for what nobody outside may see, in every way.
func TestProxy_KeepsTheHouseShut(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := serve(t, &asked)
	p, client := startProxy(t)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1", "0.0.0.0", "2130706433"} {
		if answer, body := get(t, client, "http://"+host+":"+port+"/"); answer.StatusCode < 400 {
			t.Errorf("%s answered %d %q", host, answer.StatusCode, body)
		}
		if status, _, _ := connect(t, p, host+":"+port); strings.Contains(status, "200") {
			t.Errorf("a tunnel to %s: %s", host, status)
		}
	}
	if p.failure("127.0.0.1") == nil || asked.Load() != 0 {
		t.Errorf("failure %v, the server was asked %d times", p.failure("127.0.0.1"), asked.Load())
	}
}

// TestProxy_BoundsWhatAPageLoads cuts a page off that has had enough.
func TestProxy_BoundsWhatAPageLoads(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := serve(t, &asked)
	p, client := startProxy(t, "127.0.0.1")
	p.mu.Lock()
	p.left = 10
	p.mu.Unlock()
	if answer, _ := get(t, client, server.URL); answer.StatusCode != http.StatusBadGateway {
		t.Errorf("answered %d", answer.StatusCode)
	}
}
