// Package s3test runs a real S3 server for tests: versitygw, which checks signatures, checksums and policies as AWS does,
// over a folder.
package s3test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/config"
)

// version is the server's; the name of its file has it, so that another one is installed anew.
const version = "v1.8.0"

const (
	accessKey = "RINGBACKTEST"
	secretKey = "a-secret-key-of-tests"
	region    = "eu-central-1"
	startWait = 20 * time.Second
)

// Server is a running server. Its buckets are folders.
type Server struct {
	URL  string
	root string
	tb   testing.TB
}

// Start installs the server if it was not before, and runs one with the buckets until the test ends.
func Start(tb testing.TB, buckets ...string) *Server {
	tb.Helper()
	executable, err := installed()
	if err != nil {
		tb.Fatalf("install versitygw: %v", err)
	}
	s := &Server{root: tb.TempDir(), tb: tb}
	for _, bucket := range buckets {
		if err := os.Mkdir(filepath.Join(s.root, bucket), 0o700); err != nil {
			tb.Fatal(err)
		}
	}
	address := freeAddress(tb)
	s.URL = "http://" + address
	//nolint:gosec // the program that was installed above
	cmd := exec.CommandContext(context.WithoutCancel(tb.Context()), executable, "--port", address, "--quiet",
		"--access", accessKey, "--secret", secretKey, "--region", region, "posix", "--sidecar", tb.TempDir(), s.root)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	var dial net.Dialer
	for deadline := time.Now().Add(startWait); ; time.Sleep(20 * time.Millisecond) {
		conn, err := dial.DialContext(tb.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
			return s
		}
		select {
		case <-ended:
			tb.Fatalf("versitygw ended: %s", said.String())
		default:
		}
		if time.Now().After(deadline) {
			tb.Fatalf("versitygw does not listen: %v", err)
		}
	}
}

// Account is access to all buckets of the server.
func (s *Server) Account(name string) application.StorageAccount {
	return application.StorageAccount{
		Name: name, Endpoint: s.URL, Region: region, AccessKeyID: accessKey, SecretAccessKey: config.Secret(secretKey),
	}
}

// Read returns an object, which must be there.
func (s *Server) Read(bucket, key string) []byte {
	s.tb.Helper()
	data, err := os.ReadFile(filepath.Join(s.root, bucket, filepath.FromSlash(key)))
	if err != nil {
		s.tb.Fatal(err)
	}
	return data
}

// Write lays an object into a bucket.
func (s *Server) Write(bucket, key string, data []byte) {
	s.tb.Helper()
	name := filepath.Join(s.root, bucket, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		s.tb.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		s.tb.Fatal(err)
	}
}

// Has tells whether an object is there.
func (s *Server) Has(bucket, key string) bool {
	_, err := os.Stat(filepath.Join(s.root, bucket, filepath.FromSlash(key)))
	return err == nil
}

// installed installs the server into the user's cache, once for all tests of all packages: of several that do so at the
// same time, each renames a whole file into place.
var installed = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "ringback-test")
	executable := filepath.Join(dir, "versitygw-"+version)
	if _, err := os.Stat(executable); err == nil {
		return executable, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(dir, "install-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh) //nolint:errcheck // what is left is in nobody's way
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "install", "github.com/versity/versitygw/cmd/versitygw@"+version)
	cmd.Env = append(os.Environ(), "GOBIN="+fresh, "GOFLAGS=-ldflags=-s", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return executable, os.Rename(filepath.Join(fresh, "versitygw"), executable)
})

func freeAddress(tb testing.TB) string {
	tb.Helper()
	var listen net.ListenConfig
	listener, err := listen.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // it took nothing
	return listener.Addr().String()
}
