// Package gcstest runs an emulator of Google Cloud Storage for tests: fake-gcs-server, in memory. It knows no credentials.
package gcstest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/storage/servertest"
)

const version = "v1.52.3"

// Start installs the emulator if it was not before, runs one with the buckets until the test ends, and returns where, as
// http://127.0.0.1:7070.
func Start(tb testing.TB, buckets ...string) string {
	tb.Helper()
	executable, err := servertest.Go("github.com/fsouza/fake-gcs-server", version)
	if err != nil {
		tb.Fatal(err)
	}
	address := servertest.Address(tb)
	host, port, _ := strings.Cut(address, ":")
	servertest.Run(tb, address, nil, executable,
		"-scheme", "http", "-host", host, "-port", port, "-public-host", address, "-backend", "memory", "-log-level", "error")
	for _, bucket := range buckets {
		create(tb, "http://"+address, bucket)
	}
	return "http://" + address
}

func create(tb testing.TB, base, bucket string) {
	tb.Helper()
	body := strings.NewReader(fmt.Sprintf(`{"name": %q}`, bucket))
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, base+"/storage/v1/b?project=tests", body)
	if err != nil {
		tb.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		tb.Fatalf("make the bucket %s: %s", bucket, answer.Status)
	}
}
