package storage_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/storage"
	"github.com/ringback/ringback/services/internal/storage/s3test"
)

const patience = time.Minute

func newClient(tb testing.TB) *outbound.Client {
	tb.Helper()
	config := outbound.DefaultConfig()
	config.Allow = []string{"127.0.0.0/8"}
	client, err := outbound.New(config, outbound.Deps{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(client.Close)
	return client
}

func with(accounts ...application.StorageAccount) application.Application {
	return application.Application{ID: "shop", Secrets: application.Secrets{Storage: accounts}}
}

// TestS3 puts objects into a strict server, reads them back by their signed addresses, and is refused.
func TestS3(t *testing.T) {
	t.Parallel()
	server, client := s3test.Start(t, "pictures"), newClient(t)
	app := with(server.Account("local"))
	object := storage.Object{Data: []byte("a picture"), ContentType: "image/png"}
	for _, key := range []string{"a.png", "deep/er/a b+c&d=é@$,;:!'()*~.png", "percent%20%.png"} {
		d := job.Destination{
			Kind: job.DestinationS3, Bucket: "pictures", Key: key,
			Headers: map[string]string{"cache-control": "max-age=9", "x-amz-meta-order": "17"},
		}
		if err := storage.Put(t.Context(), client, app, d, object, patience); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		if got := server.Read("pictures", key); string(got) != "a picture" {
			t.Errorf("%s holds %q", key, got)
		}
		address, err := storage.SourceURL(t.Context(), app, job.Object{Bucket: "pictures", Key: key}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		body, err := client.Fetch(t.Context(), address)
		if err != nil || string(body.Data) != "a picture" || body.ContentType != "image/png" {
			t.Errorf("%s read back: %q as %s, %v", key, body.Data, body.ContentType, err)
		}
		if public := storage.PublicURL(app, d); !strings.HasPrefix(public, server.URL+"/pictures/") || strings.Contains(public, "?") {
			t.Errorf("public address %s", public)
		}
	}
	wrong := server.Account("local")
	wrong.SecretAccessKey = config.Secret("another secret")
	d := job.Destination{Kind: job.DestinationS3, Bucket: "pictures", Key: "k.png"}
	missing := d
	missing.Bucket = "nowhere"
	for name, row := range map[string]struct {
		app    application.Application
		d      job.Destination
		class  string
		status int
		says   string
	}{
		"WrongSecret":   {with(wrong), d, outbound.ClassStatus, http.StatusForbidden, "the storage answered 403 (SignatureDoesNotMatch"},
		"MissingBucket": {app, missing, outbound.ClassStatus, http.StatusNotFound, "the storage answered 404 (NoSuchBucket"},
		"NoAccount":     {with(), d, storage.ClassAccount, 0, `the application has no storage account for the bucket "pictures"`},
	} {
		err := storage.Put(t.Context(), client, row.app, row.d, object, patience)
		failure, ok := errors.AsType[*outbound.Error](err)
		if !ok || failure.Class != row.class || failure.Status != row.status || !strings.HasPrefix(failure.Message, row.says) {
			t.Errorf("%s: %v, want %s and %q", name, err, row.class, row.says)
		}
		if ok && (failure.Temporary() || strings.Contains(failure.Message, "secret")) {
			t.Errorf("%s: %q may be tried again, or tells a secret", name, failure.Message)
		}
	}
}

func TestPut_SignedAddress(t *testing.T) {
	t.Parallel()
	var got *http.Request
	answer := http.StatusCreated
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.WriteHeader(answer)
	}))
	t.Cleanup(server.Close)
	d := job.Destination{
		Kind: job.DestinationPut, URL: server.URL + "/c/k.png?sig=s3cret",
		Headers: map[string]string{"x-ms-blob-type": "BlockBlob", "content-type": "image/x-own"},
	}
	object := storage.Object{Data: []byte("a picture"), ContentType: "image/png"}
	if err := storage.Put(t.Context(), newClient(t), with(), d, object, patience); err != nil {
		t.Fatal(err)
	}
	if got.Method != http.MethodPut || got.URL.RawQuery != "sig=s3cret" || got.Header.Get("X-Ms-Blob-Type") != "BlockBlob" ||
		got.Header.Get("Content-Type") != "image/x-own" || got.ContentLength != 9 {
		t.Errorf("got %s %s %v", got.Method, got.URL, got.Header)
	}
	if public := storage.PublicURL(with(), d); public != server.URL+"/c/k.png" {
		t.Errorf("public address %s shows the signature", public)
	}
	answer = http.StatusServiceUnavailable
	err := storage.Put(t.Context(), newClient(t), with(), d, object, patience)
	failure, ok := errors.AsType[*outbound.Error](err)
	if !ok || !failure.Temporary() || strings.Contains(failure.Message, "s3cret") {
		t.Errorf("503: %v, want an error that passes and no signature in it", err)
	}
}

func TestPublicURL_OfAWS(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]job.Destination{
		"http://s3.amazonaws.com/b/a/k.jpg":            {Bucket: "b", Key: "a/k.jpg"},
		"http://s3-eu-west-1.amazonaws.com/b/k%20.jpg": {Bucket: "b", Key: "k .jpg", Region: "eu-west-1"},
		"http://b.s3.amazonaws.com/k.jpg":              {Bucket: "b", Key: "k.jpg", BucketAsDomain: true},
		"http://s3.amazonaws.com/b.c/k.jpg":            {Bucket: "b.c", Key: "k.jpg", BucketAsDomain: true},
	} {
		d.Kind = job.DestinationS3
		if got := storage.PublicURL(with(), d); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	source, err := storage.SourceURL(t.Context(), with(), job.Object{Bucket: "b", Key: "k.jpg", Region: "s3-eu-west-1"}, time.Now())
	if err != nil || source != "https://b.s3.eu-west-1.amazonaws.com/k.jpg" {
		t.Errorf("source without an account: %s, %v", source, err)
	}
}
