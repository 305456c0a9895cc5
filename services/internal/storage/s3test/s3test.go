// Package s3test runs a real S3 server for tests: versitygw, which checks signatures, checksums and policies as AWS does,
// over a folder.
package s3test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/storage/servertest"
)

// version is the server's.
const version = "v1.8.0"

const (
	accessKey = "RINGBACKTEST"
	secretKey = "a-secret-key-of-tests"
	region    = "eu-central-1"
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
	executable, err := servertest.Go("github.com/versity/versitygw/cmd/versitygw", version)
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{root: tb.TempDir(), tb: tb}
	for _, bucket := range buckets {
		if err := os.Mkdir(filepath.Join(s.root, bucket), 0o700); err != nil {
			tb.Fatal(err)
		}
	}
	address := servertest.Address(tb)
	s.URL = "http://" + address
	servertest.Run(tb, address, nil, executable, "--port", address, "--quiet",
		"--access", accessKey, "--secret", secretKey, "--region", region, "posix", "--sidecar", tb.TempDir(), s.root)
	return s
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
