package outbound_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/outbound"
)

// drip writes the text a byte at a time, again and again, until the other side has enough.
func drip(conn net.Conn, text string) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		if _, err := conn.Write([]byte{text[i%len(text)]}); err != nil {
			return
		}
		<-tick.C
	}
}

// TestClient_PostDrippingAnswer has receivers that never come to an end, though something comes all the time: each read
// by itself is quick.
func TestClient_PostDrippingAnswer(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		head      string
		text      string
		timeout   time.Duration
		class     string
		status    int
		atLeast   time.Duration
		withBytes bool
	}{
		// After the status, a second is all.
		"BodyWithLength":  {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "y", time.Minute, "", 200, 900 * time.Millisecond, true},
		"BodyInChunks":    {"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\ny\r\n", time.Minute, outbound.ClassStatus, 500, 900 * time.Millisecond, true},
		"BodyUntilClosed": {"HTTP/1.1 204 OK\r\n\r\n", "y", time.Minute, "", 204, 0, false},
		// The deadline of the request holds within that second, too, and over the header.
		"BodyPastTheDeadline": {"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "y", short, "", 200, 0, true},
		"Header":              {"HTTP/1.1 200 OK\r\n", "X: y\r\n", short, outbound.ClassTimeout, 0, 0, false},
		"StatusLine":          {"HTTP/1.1 2", "0", short, outbound.ClassTimeout, 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address := serveRaw(t, func(conn *net.TCPConn) {
				_, _ = io.WriteString(conn, row.head)
				drip(conn, row.text)
			})
			got, err := newClient(t, testConfig(t), outbound.Deps{}).Post(t.Context(), outbound.Request{URL: address, Timeout: row.timeout})
			if err != nil || got.Class != row.class || got.Status != row.status || (len(got.Body) > 0) != row.withBytes {
				t.Errorf("attempt = %+v, %v, want class %q and status %d", got, err, row.class, row.status)
			}
			if got.Total < row.atLeast || got.Total > 20*time.Second {
				t.Errorf("took %s, want about a second, or its deadline", got.Total)
			}
		})
	}
}

func TestClient_PostHugeAnswers(t *testing.T) {
	t.Parallel()
	var bomb bytes.Buffer
	zip := gzip.NewWriter(&bomb)
	_, _ = zip.Write(make([]byte, 32<<20)) // a thousandth of it goes over the wire
	zip.Close()
	var wrote atomic.Int64
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/body":
			w.Header().Set("Content-Length", "10000000000")
			chunk := make([]byte, 64<<10)
			for {
				n, err := w.Write(chunk)
				wrote.Add(int64(n))
				if err != nil {
					return
				}
			}
		case "/bomb":
			if r.Header.Get("Accept-Encoding") != "" {
				t.Errorf("asked for %s", r.Header.Get("Accept-Encoding"))
			}
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		case "/header":
			for i := range 9 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 1<<20))
			}
		}
	})
	client := newClient(t, testConfig(t), outbound.Deps{})
	got, err := client.Post(t.Context(), outbound.Request{URL: server.URL + "/body"})
	if err != nil || got.Class != "" || len(got.Body) != 16<<10 {
		t.Errorf("10 GB: class %q, %d bytes, %v, want the first 16 KiB", got.Class, len(got.Body), err)
	}
	server.CloseClientConnections()
	if n := wrote.Load(); n > 32<<20 { // what the sockets of both sides take
		t.Errorf("10 GB: %d bytes were taken", n)
	}
	got, err = client.Post(t.Context(), outbound.Request{URL: server.URL + "/bomb"})
	if err != nil || got.Class != "" || !bytes.Equal(got.Body, bomb.Bytes()[:16<<10]) {
		t.Errorf("bomb: class %q, %d bytes, %v, want the first 16 KiB as they came", got.Class, len(got.Body), err)
	}
	got, err = client.Post(t.Context(), outbound.Request{URL: server.URL + "/header"})
	if err != nil || got.Class != outbound.ClassProtocol || got.Status != 0 {
		t.Errorf("9 MB of header: %+v, %v, want class protocol", got, err)
	}
}

// TestClient_PostResetInTheBody has the status, and then the connection torn down: the endpoint took it, or did not.
func TestClient_PostResetInTheBody(t *testing.T) {
	t.Parallel()
	for status, class := range map[int]string{200: "", 503: outbound.ClassStatus} {
		read := make(chan struct{})
		address := serveRaw(t, func(conn *net.TCPConn) {
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d X\r\nContent-Length: 1000\r\n\r\nhalf", status)
			<-read
			_ = conn.SetLinger(0)
		})
		client := newClient(t, testConfig(t), outbound.Deps{})
		time.AfterFunc(short, func() { close(read) }) // so that the status is there before the reset
		got, err := client.Post(t.Context(), outbound.Request{URL: address})
		if err != nil || got.Status != status || got.Class != class || string(got.Body) != "half" {
			t.Errorf("%d: %+v, %v, want class %q and what came of the body", status, got, err, class)
		}
		if got.Total >= outbound.DefaultConfig().PostTimeout {
			t.Errorf("%d: took %s, want no wait for the deadline after the reset", status, got.Total)
		}
	}
}

func TestClient_PostDoesNotFollowToMetadata(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		address := serveRaw(t, func(conn *net.TCPConn) {
			_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d X\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\n\r\n", status)
		})
		got, err := newClient(t, testConfig(t), outbound.Deps{}).Post(t.Context(), outbound.Request{URL: address, Body: []byte("signed")})
		if err != nil || got.Status != status || got.Class != outbound.ClassRedirect || strings.Contains(got.Addr, "169.254") {
			t.Errorf("%d: %+v, %v, want class redirect", status, got, err)
		}
	}
}

// TestClient_PostCertificates has certificates that must not be trusted, and one that may.
func TestClient_PostCertificates(t *testing.T) {
	t.Parallel()
	authority, key := issue(t, nil, nil, "", time.Hour)
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	for name, row := range map[string]struct {
		parent *x509.Certificate
		host   string
		lasts  time.Duration
		class  string
	}{
		"Good":       {authority, "hook.example", time.Hour, ""},
		"Expired":    {authority, "hook.example", -time.Hour, outbound.ClassTLS},
		"WrongHost":  {authority, "other.example", time.Hour, outbound.ClassTLS},
		"SelfSigned": {nil, "hook.example", time.Hour, outbound.ClassTLS},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parentKey := key
			if row.parent == nil {
				parentKey = nil
			}
			leaf, leafKey := issue(t, row.parent, parentKey, row.host, row.lasts)
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			server.TLS = &tls.Config{
				Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw}, PrivateKey: leafKey}}, MinVersion: tls.VersionTLS12,
			}
			server.Config.ErrorLog = discardLog()
			server.StartTLS()
			t.Cleanup(server.Close)
			client := newClient(t, testConfig(t), outbound.Deps{RootCAs: roots, Resolver: names{addrs: []string{"127.0.0.1"}}})
			_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
			got, err := client.Post(t.Context(), outbound.Request{URL: "https://hook.example:" + port + "/"})
			if err != nil || got.Class != row.class {
				t.Errorf("attempt = %+v, %v, want class %q", got, err, row.class)
			}
		})
	}
}

// issue makes a certificate, signed by itself when there is no parent; without a host it is an authority.
func issue(t *testing.T, parent *x509.Certificate, parentKey *ecdsa.PrivateKey, host string, lasts time.Duration) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(lasts), IsCA: host == "", BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if host != "" {
		template.DNSNames = []string{host}
	}
	if parent == nil {
		parent, parentKey = template, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}
