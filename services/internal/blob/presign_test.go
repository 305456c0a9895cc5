package blob_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/blob/blobtest"
	"github.com/ringback/ringback/services/internal/storage/s3test"
)

// announced is what the tests put: a body of these bytes and this type.
var announced = blob.Announcement{Size: int64(len(picture)), ContentType: "image/jpeg", Valid: time.Hour}

const picture = "a picture, as it were"

// putTo uses a presigned address, with its headers and those that are given over them.
func putTo(t *testing.T, p blob.Presigned, body string, header map[string]string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, p.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range p.Header {
		request.Header.Set(name, value)
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s %s", answer.Status, said)
	return answer.StatusCode
}

func presign(t *testing.T, store *blob.Store, key string, a blob.Announcement) blob.Presigned {
	t.Helper()
	p, err := store.PresignPut(t.Context(), key, a)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func expectPut(t *testing.T, store *blob.Store, key string) {
	t.Helper()
	data, contentType, err := store.Get(t.Context(), key)
	if err != nil || string(data) != picture || contentType != announced.ContentType {
		t.Errorf("%s: %q of %q, %v", key, data, contentType, err)
	}
}

func TestStore_PresignPut_S3(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t, "pictures")
	service := s3Service(server, "pictures")
	store := blobtest.Open(t, service.Config(t, service.URL))
	p := presign(t, store, "uploads/demo/a", announced)
	for range 2 { // the address may be used again
		if status := putTo(t, p, picture, nil); status != http.StatusOK {
			t.Fatalf("put: %d", status)
		}
	}
	expectPut(t, store, "uploads/demo/a")
	if !server.Has("pictures", "in/here/uploads/demo/a") {
		t.Error("it is not below the prefix")
	}
	for name, broken := range map[string]struct {
		change func(p *blob.Presigned)
		body   string
		header map[string]string
	}{
		"AnotherKey":       {change: func(p *blob.Presigned) { p.URL = strings.Replace(p.URL, "demo/b", "demo/c", 1) }},
		"AnotherSignature": {change: func(p *blob.Presigned) { p.URL += "0" }},
		"LongerValidity": {change: func(p *blob.Presigned) {
			p.URL = strings.Replace(p.URL, "X-Amz-Expires=3600", "X-Amz-Expires=7200", 1)
		}},
		"AnotherType": {header: map[string]string{"Content-Type": "text/html"}},
		"LongerBody":  {body: picture + "!"},
		"ShorterBody": {body: picture[1:]},
		"NoBody":      {body: " "},
	} {
		p := presign(t, store, "uploads/demo/b", announced)
		p.Header = maps.Clone(p.Header)
		if broken.change != nil {
			broken.change(&p)
		}
		body := broken.body
		if body == "" {
			body = picture
		}
		if status := putTo(t, p, body, broken.header); status != http.StatusForbidden {
			t.Errorf("%s: %d, want 403", name, status)
		}
	}
	for _, key := range []string{"uploads/demo/b", "uploads/demo/c"} {
		if _, err := store.Stat(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%s after refusals: %v", key, err)
		}
	}
}

func TestStore_PresignPut_S3_Expires(t *testing.T) {
	t.Parallel()
	service := s3Service(s3test.Start(t, "pictures"), "pictures")
	store := blobtest.Open(t, service.Config(t, service.URL))
	soon := announced
	soon.Valid = time.Second
	p := presign(t, store, "uploads/demo/late", soon)
	// The service's clock counts whole seconds, and so the first refusal is waited for.
	for deadline := time.Now().Add(30 * time.Second); putTo(t, p, picture, nil) != http.StatusForbidden; {
		if time.Now().After(deadline) {
			t.Fatal("the address does not expire")
		}
	}
}

func TestStore_PresignPut_Refuses(t *testing.T) {
	t.Parallel()
	folder := open(t, t.TempDir())
	memory := blobtest.Open(t, at(t, "mem://"))
	for name, store := range map[string]*blob.Store{"folder": folder, "memory": memory} {
		if _, err := store.PresignPut(t.Context(), "uploads/a", announced); !errors.Is(err, blob.ErrNoPresign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var badKey *blob.KeyError
	if _, err := folder.PresignPut(t.Context(), "../a", announced); !errors.As(err, &badKey) {
		t.Errorf("key: %v", err)
	}
	if _, err := folder.PresignPut(t.Context(), "a", blob.Announcement{Size: 1, Valid: time.Hour}); !errors.Is(err, blob.ErrContentType) {
		t.Errorf("type: %v", err)
	}
}
