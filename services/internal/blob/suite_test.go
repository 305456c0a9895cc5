package blob_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/blob/blobtest"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/storage/s3test"
)

// address reads a text as RINGBACK_BLOB_URL is.
func address(t *testing.T, text string) blob.Address {
	t.Helper()
	var a blob.Address
	if err := a.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return a
}

// at is the default with another address.
func at(t *testing.T, text string) blob.Config {
	t.Helper()
	c := blob.DefaultConfig()
	c.URL = address(t, text)
	return c
}

func TestFolder(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, open(t, t.TempDir()))
}

func TestMemory(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, blobtest.Open(t, at(t, "mem://?prefix=deep/within")))
}

func s3Service(server *s3test.Server, bucket string) blobtest.Service {
	account := server.Account("")
	configOf := func(t *testing.T, base, bucket string) blob.Config {
		t.Helper()
		c := at(t, "s3://"+bucket+"?prefix=in/here&region="+account.Region+"&endpoint="+base)
		c.AccessKeyID, c.SecretAccessKey = config.Secret(account.AccessKeyID), account.SecretAccessKey
		return c
	}
	return blobtest.Service{
		URL: server.URL,
		Config: func(t *testing.T, base string) blob.Config {
			t.Helper()
			return configOf(t, base, bucket)
		},
		Missing: func(t *testing.T) blob.Config {
			t.Helper()
			return configOf(t, server.URL, "no-such-bucket")
		},
		Wrong: func(t *testing.T) blob.Config {
			t.Helper()
			c := configOf(t, server.URL, bucket)
			c.SecretAccessKey = "another-secret-altogether"
			return c
		},
		Unfinished: func(t *testing.T) int {
			t.Helper()
			return unfinished(t, s3Client(t, account), bucket)
		},
	}
}

func s3Client(t *testing.T, account application.StorageAccount) *s3.Client {
	t.Helper()
	connections := &http.Transport{}
	t.Cleanup(connections.CloseIdleConnections)
	return s3.New(s3.Options{
		Region: account.Region, BaseEndpoint: &account.Endpoint, UsePathStyle: true, HTTPClient: &http.Client{Transport: connections},
		Credentials: credentials.NewStaticCredentialsProvider(account.AccessKeyID, account.SecretAccessKey.Reveal(), ""),
	})
}

func unfinished(t *testing.T, client *s3.Client, bucket string) int {
	t.Helper()
	answer, err := client.ListMultipartUploads(t.Context(), &s3.ListMultipartUploadsInput{Bucket: &bucket})
	if err != nil {
		t.Fatal(err)
	}
	return len(answer.Uploads)
}

func TestS3(t *testing.T) {
	t.Parallel()
	blobtest.RunService(t, s3Service(s3test.Start(t, "pictures"), "pictures"))
}

// TestS3_CancelledUpload ends the context in the middle, when parts are there already: the abort must not end with it.
func TestS3_CancelledUpload(t *testing.T) {
	t.Parallel()
	service := s3Service(s3test.Start(t, "pictures"), "pictures")
	store := blobtest.Open(t, service.Config(t, service.URL))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const size = 40 << 20
	body := &cancelling{size: size, left: size, cancel: cancel}
	if err := store.PutFrom(ctx, "cancelled", body, size, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("an upload that was cancelled: %v", err)
	}
	if _, err := store.Stat(t.Context(), "cancelled"); err == nil {
		t.Error("what was cancelled can be read")
	}
	if n := service.Unfinished(t); n != 0 {
		t.Errorf("%d uploads are left", n)
	}
}

// cancelling is a body that ends the upload's context when three quarters of it are read.
type cancelling struct {
	size, left int
	cancel     context.CancelFunc
}

func (c *cancelling) Read(p []byte) (int, error) {
	n := min(len(p), c.left)
	if c.left -= n; c.left < c.size/4 {
		c.cancel()
	}
	return n, nil
}

// TestS3_Checksums looks for what S3 checks the parts by, and at what the address asks for.
func TestS3_Checksums(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t, "pictures")
	config := s3Service(server, "pictures").Config(t, server.URL)
	config.URL = address(t, config.URL.String()+"&cache_control=max-age%3D60")
	store := blobtest.Open(t, config)
	client := s3Client(t, server.Account(""))
	for name, size := range map[string]int64{"small": 1000, "parts": 20 << 20} {
		if err := store.PutFrom(t.Context(), name, blobtest.Random(size), size, "image/png"); err != nil {
			t.Fatal(err)
		}
		head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{
			Bucket: aws.String("pictures"), Key: aws.String("in/here/" + name), ChecksumMode: types.ChecksumModeEnabled,
		})
		if err != nil {
			t.Fatal(err)
		}
		if aws.ToString(head.ChecksumCRC32) == "" {
			t.Errorf("%s: no checksum", name)
		}
		if got := aws.ToString(head.CacheControl); got != "max-age=60" {
			t.Errorf("%s: cache control %q", name, got)
		}
	}
}

//nolint:paralleltest // it measures the memory of the process
func TestS3_StreamsInBoundedMemory(t *testing.T) {
	service := s3Service(s3test.Start(t, "pictures"), "pictures")
	blobtest.Large(t, blobtest.Open(t, service.Config(t, service.URL)), 64<<20)
}

//nolint:paralleltest // it measures the memory of the process
func TestFolder_StreamsInBoundedMemory(t *testing.T) {
	blobtest.Large(t, open(t, t.TempDir()), 64<<20)
}
