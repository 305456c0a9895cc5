//go:build emulators

package blob_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/blob/blobtest"
	"github.com/ringback/ringback/services/internal/storage/azuretest"
	"github.com/ringback/ringback/services/internal/storage/gcstest"
	"github.com/ringback/ringback/services/internal/storage/s3test"
)

// huge is more than any part or buffer, in bytes.
const huge = 1 << 30

// azureService is addressed by variables of the process, so its tests are not parallel.
func azureService(t *testing.T) blobtest.Service {
	t.Helper()
	url := azuretest.Start(t, "pictures")
	configOf := func(t *testing.T, base, container, key string) blob.Config {
		t.Helper()
		t.Setenv("AZURE_STORAGE_KEY", key)
		host := strings.TrimPrefix(base, "http://")
		return at(t, "azblob://"+container+"?prefix=in/here&localemu=true&protocol=http&storage_account="+azuretest.Account+"&domain="+host)
	}
	return blobtest.Service{
		URL: url,
		Config: func(t *testing.T, base string) blob.Config {
			t.Helper()
			return configOf(t, base, "pictures", azuretest.Key)
		},
		Missing: func(t *testing.T) blob.Config {
			t.Helper()
			return configOf(t, url, "no-such-container", azuretest.Key)
		},
		Wrong: func(t *testing.T) blob.Config {
			t.Helper()
			return configOf(t, url, "pictures", base64.StdEncoding.EncodeToString([]byte("another-secret")))
		},
	}
}

// gcsService has no wrong secret, because the emulator looks at none.
func gcsService(t *testing.T) blobtest.Service {
	t.Helper()
	url := gcstest.Start(t, "pictures")
	configOf := func(t *testing.T, base, bucket string) blob.Config {
		t.Helper()
		t.Setenv("STORAGE_EMULATOR_HOST", strings.TrimPrefix(base, "http://"))
		return at(t, "gs://"+bucket+"?prefix=in/here")
	}
	return blobtest.Service{
		URL: url, OwnHost: true, OnePage: true,
		Config: func(t *testing.T, base string) blob.Config {
			t.Helper()
			return configOf(t, base, "pictures")
		},
		Missing: func(t *testing.T) blob.Config {
			t.Helper()
			return configOf(t, url, "no-such-bucket")
		},
	}
}

//nolint:paralleltest // variables of the process say where the service is
func TestEmulator_Azure(t *testing.T) { blobtest.RunService(t, azureService(t)) }

//nolint:paralleltest // variables of the process say where the service is
func TestEmulator_GCS(t *testing.T) { blobtest.RunService(t, gcsService(t)) }

// TestEmulator_StreamsInBoundedMemory gives Google's emulator less than the others, because it copies what it has already for
// each part that comes.
//
//nolint:paralleltest // it measures the memory of the process
func TestEmulator_StreamsInBoundedMemory(t *testing.T) {
	t.Run("Folder", func(t *testing.T) { blobtest.Large(t, open(t, t.TempDir()), huge) })
	large := func(t *testing.T, s blobtest.Service, size int64) {
		t.Helper()
		blobtest.Large(t, blobtest.Open(t, s.Config(t, s.URL)), size)
	}
	t.Run("S3", func(t *testing.T) { large(t, s3Service(s3test.Start(t, "pictures"), "pictures"), huge) })
	t.Run("Azure", func(t *testing.T) { large(t, azureService(t), huge) })
	t.Run("GCS", func(t *testing.T) { large(t, gcsService(t), huge/4) })
}
