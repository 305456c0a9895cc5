package outbound_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/outbound"
)

func TestClient_Fetch(t *testing.T) {
	t.Parallel()
	headers := make(chan http.Header, 1)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		headers <- r.Header
		w.Header().Set("Content-Type", "image/jpeg")
		_, _ = io.WriteString(w, "picture")
	})
	body, err := newClient(t, testConfig(t), outbound.Deps{Version: "1.2"}).Fetch(t.Context(), server.URL+"/a.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if string(body.Data) != "picture" || body.ContentType != "image/jpeg" || body.Bytes != 7 {
		t.Errorf("body = %q %+v", body.Data, body)
	}
	header := <-headers
	if header.Get("User-Agent") != "Ringback/1.2" || header.Get("Accept-Encoding") != "identity" {
		t.Errorf("request header = %v", header)
	}
}

func TestClient_FetchStatus(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(r.URL.Path[1:])
		w.WriteHeader(status)
	})
	client := newClient(t, testConfig(t), outbound.Deps{})
	for status, temporary := range map[int]bool{204: false, 206: false, 304: false, 403: false, 404: false, 408: true, 429: true, 500: true, 503: true} {
		_, err := client.Fetch(t.Context(), fmt.Sprintf("%s/%d", server.URL, status))
		wantError(t, err, outbound.ClassStatus, fmt.Sprintf("the source answered %d", status))
		var failure *outbound.Error
		if errors.As(err, &failure); failure.Status != status || failure.Temporary() != temporary {
			t.Errorf("%d: status %d, temporary %t", status, failure.Status, failure.Temporary())
		}
	}
}

func TestClient_FetchBounds(t *testing.T) {
	t.Parallel()
	cfg := testConfig(t)
	cfg.FetchMaxSize = 64 * config.KiB
	exact := bytes.Repeat([]byte{1}, 64<<10)
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	_, _ = zip.Write(make([]byte, 10<<20))
	zip.Close()

	for name, row := range map[string]struct {
		handler        http.HandlerFunc
		class, message string
		size           int
	}{
		"TakesTheLimit":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(exact) }, "", "", len(exact)},
		"RefusesPromised": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "65537") }, outbound.ClassTooLarge, "the source is larger than 64KiB", 0},
		"RefusesEndless": {func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(exact[:1000]); err != nil {
					return
				}
			}
		}, outbound.ClassTooLarge, "the source is larger than 64KiB", 0},
		"LeavesBombPacked": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		}, "", "", bomb.Len()},
		"RefusesNineMegabytesOfHeader": {func(w http.ResponseWriter, _ *http.Request) {
			for i := range 9 {
				w.Header().Set("X-"+strconv.Itoa(i), strings.Repeat("x", 1<<20))
			}
		}, outbound.ClassProtocol, "the source broke off or did not answer in proper HTTP", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := newClient(t, cfg, outbound.Deps{}).Fetch(t.Context(), serve(t, row.handler).URL)
			if row.class != "" {
				wantError(t, err, row.class, row.message)
				return
			}
			if err != nil || len(body.Data) != row.size {
				t.Errorf("%d bytes, %v, want %d", len(body.Data), err, row.size)
			}
		})
	}
}

func TestClient_FetchBrokenAnswers(t *testing.T) {
	t.Parallel()
	const protocol = "the source broke off or did not answer in proper HTTP"
	for name, row := range map[string]struct {
		talk           func(conn *net.TCPConn)
		class, message string
	}{
		"ResetMidBody": {func(conn *net.TCPConn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
			_ = conn.SetLinger(0)
		}, outbound.ClassProtocol, protocol},
		"EndMidBody": {func(conn *net.TCPConn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
		}, outbound.ClassProtocol, protocol},
		"NotHTTP": {func(conn *net.TCPConn) { _, _ = io.WriteString(conn, "220 mail.example ESMTP\r\n") }, outbound.ClassProtocol, protocol},
		"Silence": {func(conn *net.TCPConn) { _, _ = io.Copy(io.Discard, conn) }, outbound.ClassTimeout, "the source did not answer in time"},
		"SlowHeader": {func(conn *net.TCPConn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nX-A")
			_, _ = io.Copy(io.Discard, conn)
		}, outbound.ClassTimeout, "the source did not answer in time"},
		"DrippingBody": {func(conn *net.TCPConn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n1")
			_, _ = io.Copy(io.Discard, conn)
		}, outbound.ClassTimeout, "the source did not answer in time"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := testConfig(t)
			if row.class == outbound.ClassTimeout {
				cfg.FetchTimeout = short
			}
			_, err := newClient(t, cfg, outbound.Deps{}).Fetch(t.Context(), serveRaw(t, row.talk))
			wantError(t, err, row.class, row.message)
		})
	}
}

func TestClient_FetchRedirects(t *testing.T) {
	t.Parallel()
	requests := make(chan *http.Request, 32)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests <- r
		if to := r.URL.Query().Get("to"); to != "" {
			w.Header().Set("Set-Cookie", "a=b")
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		if left, _ := strconv.Atoi(r.URL.Path[1:]); left > 0 {
			http.Redirect(w, r, "/"+strconv.Itoa(left-1), http.StatusFound)
		}
		_, _ = io.WriteString(w, "end")
	})
	client := newClient(t, testConfig(t), outbound.Deps{})

	if body, err := client.Fetch(t.Context(), server.URL+"/5"); err != nil || string(body.Data) != "end" {
		t.Errorf("five redirects: %q, %v", body.Data, err)
	}
	_, err := client.Fetch(t.Context(), server.URL+"/6")
	wantError(t, err, outbound.ClassRedirect, "the source redirects too many times")
	for to, want := range map[string]string{
		"http://169.254.169.254/latest/meta-data/": "the source cannot be used: the address is not public",
		"http://[::ffff:10.0.0.1]/":                "the source cannot be used: the address is not public",
		"file:///etc/passwd":                       "the source cannot be used: the address does not begin with http:// or https://",
		"https://user:pw@example.com/":             "the source cannot be used: the address holds a user name or password",
	} {
		_, err := client.Fetch(t.Context(), server.URL+"/?to="+url.QueryEscape(to))
		wantError(t, err, outbound.ClassBlocked, want)
	}
	for len(requests) > 0 {
		<-requests
	}
	if _, err := client.Fetch(t.Context(), server.URL+"/?signature=secret&to=/0"); err != nil {
		t.Fatal(err)
	}
	<-requests
	if second := <-requests; second.Header.Get("Referer") != "" || second.Header.Get("Cookie") != "" {
		t.Errorf("header after a redirect = %v, want neither Referer nor Cookie", second.Header)
	}
}

func TestClient_FetchNames(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		reached.Add(1)
		_, _ = io.WriteString(w, "ok")
	})
	port := server.Listener.Addr().(*net.TCPAddr).Port
	address := fmt.Sprintf("http://pictures.example:%d/", port)
	const refused = "the source cannot be used: the address is not public"
	for name, row := range map[string]struct {
		resolver       names
		allow          []string
		class, message string
	}{
		// The name was checked when the job was taken, and answers otherwise now.
		"RebindingIsRefused":   {names{addrs: []string{"127.0.0.1"}}, nil, outbound.ClassBlocked, refused},
		"MappedIsRefused":      {names{addrs: []string{"::ffff:127.0.0.1"}}, nil, outbound.ClassBlocked, refused},
		"MixedAnswerIsRefused": {names{addrs: []string{"127.0.0.1", "10.0.0.1"}}, []string{"127.0.0.1"}, outbound.ClassBlocked, refused},
		"NextAddressIsTried":   {names{addrs: []string{"127.0.0.2", "127.0.0.1"}}, []string{"127.0.0.0/8"}, "", ""},
		"UnknownName":          {names{err: &net.DNSError{Err: "no such host", IsNotFound: true}}, nil, outbound.ClassDNS, "the source has a host name that does not exist"},
		"NoAddresses":          {names{}, nil, outbound.ClassDNS, "the source has a host name that does not exist"},
		"HangingResolver":      {names{hang: true}, nil, outbound.ClassDNS, "the source has a host name that could not be resolved"},
		"BrokenResolver":       {names{err: errors.New("no servers")}, nil, outbound.ClassDNS, "the source has a host name that could not be resolved"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t)
			cfg.Allow, cfg.DNSTimeout = row.allow, short
			client := newClient(t, cfg, outbound.Deps{Resolver: row.resolver})
			if err := client.Guard().CheckURL(address); err != nil {
				t.Errorf("refused before it was resolved: %v", err)
			}
			before := reached.Load()
			body, err := client.Fetch(t.Context(), address)
			if row.class == "" {
				if err != nil || string(body.Data) != "ok" {
					t.Errorf("%q, %v", body.Data, err)
				}
				return
			}
			wantError(t, err, row.class, row.message)
			if reached.Load() != before {
				t.Error("the server was reached")
			}
		})
	}
}

func TestGuard_Control(t *testing.T) {
	t.Parallel()
	guard := newGuard(t, "10.0.0.0/8")
	for address, open := range map[string]bool{
		"tcp4 8.8.8.8:80": true, "tcp4 10.0.0.1:22": true, "tcp6 [2606:4700::1111]:443": true, "udp4 8.8.8.8:443": false,
		"tcp4 127.0.0.1:80": false, "tcp6 [::ffff:127.0.0.1]:80": false, "tcp6 [fe80::1%eth0]:80": false, "tcp4 name:80": false,
	} {
		network, hostPort, _ := strings.Cut(address, " ")
		if err := guard.Control(t.Context(), network, hostPort, nil); (err == nil) != open {
			t.Errorf("%s: %v, want open %t", address, err, open)
		}
	}
}

func TestClient_FetchTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto)
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = discardLog()
	server.StartTLS()
	t.Cleanup(server.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	const untrusted = "the source has a certificate or TLS setup that cannot be trusted"

	_, err := newClient(t, testConfig(t), outbound.Deps{}).Fetch(t.Context(), server.URL)
	wantError(t, err, outbound.ClassTLS, untrusted)

	client := newClient(t, testConfig(t), outbound.Deps{RootCAs: trusted, Resolver: names{addrs: []string{"127.0.0.1"}}})
	if body, err := client.Fetch(t.Context(), server.URL); err != nil || string(body.Data) != "HTTP/2.0" {
		t.Errorf("with a trusted certificate: %q, %v, want HTTP/2", body.Data, err)
	}
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	_, err = client.Fetch(t.Context(), "https://another.name:"+port)
	wantError(t, err, outbound.ClassTLS, untrusted)

	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, err = client.Fetch(t.Context(), strings.Replace(plain.URL, "http:", "https:", 1))
	wantError(t, err, outbound.ClassTLS, untrusted)
}

func TestClient_FetchRefused(t *testing.T) {
	t.Parallel()
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	server.Close()
	_, err := newClient(t, testConfig(t), outbound.Deps{}).Fetch(t.Context(), server.URL)
	wantError(t, err, outbound.ClassRefused, "the source refused the connection")

	_, err = newClient(t, outbound.DefaultConfig(), outbound.Deps{}).Fetch(t.Context(), server.URL)
	wantError(t, err, outbound.ClassBlocked, "the source cannot be used: the address is not public")
}

func TestClient_FetchEndsWithCaller(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	shutdown := errors.New("shutting down")
	address := serveRaw(t, func(conn *net.TCPConn) {
		cancel(shutdown)
		_, _ = io.Copy(io.Discard, conn)
	})
	_, err := newClient(t, testConfig(t), outbound.Deps{}).Fetch(ctx, address)
	var failure *outbound.Error
	if !errors.Is(err, shutdown) || errors.As(err, &failure) {
		t.Errorf("error = %v, want the cause of the context and no verdict on the source", err)
	}
}
