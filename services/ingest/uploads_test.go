package ingest_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/ingest"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/blob/blobtest"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/job"
)

// upload is the body of a 201.
type upload struct {
	ID, URL, Method string
	Headers         map[string]string
	ExpiresAt       time.Time `json:"expires_at"`
}

// announceUpload announces a JPEG, which must be allowed.
func (h *house) announceUpload(size int, header ...string) upload {
	h.Helper()
	return read[upload](h, h.tryAnnounce(fmt.Sprintf(`{"content_type":"image/jpeg","bytes":%d}`, size), header...), http.StatusCreated)
}

func (h *house) tryAnnounce(body string, header ...string) reply {
	h.Helper()
	return h.send(http.MethodPost, "/v1/uploads", strings.NewReader(body), append([]string{"Content-Type", "application/json"}, header...)...)
}

// put puts a picture where it was told to, without a token.
func (h *house) put(u upload, body io.Reader, header ...string) reply {
	h.Helper()
	route, ok := strings.CutPrefix(u.URL, h.url)
	if !ok {
		h.Fatalf("%s is not of %s", u.URL, h.url)
	}
	all := []string{"Authorization", ""}
	for name, value := range u.Headers {
		all = append(all, name, value)
	}
	return h.send(u.Method, route, body, append(all, header...)...)
}

// of is a job with a source.
func of(source string) string {
	return `{"source":{"upload":"` + source + `"},"recipe":{"steps":[{"op":"grayscale","save":{"id":"gray"}}]}}`
}

// query changes the query of an address.
func (u upload) query(name, value string) upload {
	address, _ := url.Parse(u.URL) // of our own making
	query := address.Query()
	query.Set(name, value)
	address.RawQuery = query.Encode()
	u.URL = address.String()
	return u
}

func TestUpload_IsPutAndNamedByJobs(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	const picture = "\xff\xd8 not really"
	u := h.announceUpload(len(picture))
	if until := time.Until(u.ExpiresAt); until > time.Hour || until < 50*time.Minute {
		t.Errorf("expires in %s", until)
	}
	if r := h.put(u, strings.NewReader(picture)); r.StatusCode != http.StatusOK || r.body != "" {
		t.Fatalf("put: %d %s", r.StatusCode, r.body)
	}
	key := "uploads/demo/" + u.ID
	data, contentType, err := h.store.Get(t.Context(), key)
	if err != nil || string(data) != picture || contentType != "image/jpeg" {
		t.Fatalf("stored %q of %s, %v", data, contentType, err)
	}
	for range 2 {
		h.submit(of(u.ID))
		j, _, _ := h.newest(job.Standard, "demo")
		if diff := cmp.Diff(job.Source{Kept: key}, j.Source); diff != "" {
			t.Errorf("source (-want +got):\n%s", diff)
		}
	}
	h.submit(`{"source":{"upload":"` + u.ID + `"},"pictures":{"logo":{"upload":"` + u.ID + `"}},` + overlaid + `}`)
	j, _, _ := h.newest(job.Standard, "demo")
	if diff := cmp.Diff(map[string]job.Source{"logo": {Kept: key}}, j.Pictures); diff != "" {
		t.Errorf("pictures (-want +got):\n%s", diff)
	}
	// The address may be used again, and replaces the picture.
	if r := h.put(u, strings.NewReader("\xff\xd8 not at all")); r.StatusCode != http.StatusOK {
		t.Errorf("put again: %d %s", r.StatusCode, r.body)
	}
}

func TestUpload_AddressIsGoodForNothingElse(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	const picture = "a picture"
	u := h.announceUpload(len(picture))
	longer := u
	longer.URL = strings.Replace(u.URL, u.ID, u.ID+"0", 1)
	soon := fmt.Sprint(u.ExpiresAt.Add(time.Minute).Unix())
	for name, changed := range map[string]upload{
		"AnotherSize": longer, "AnotherApplication": u.query("application", "other"), "LaterExpiry": u.query("expires", soon),
		"NoSignature": u.query("signature", ""), "AnotherSignature": u.query("signature", strings.Repeat("A", 43)),
		"NoID": {URL: strings.Replace(u.URL, u.ID, "x", 1), Method: u.Method, Headers: u.Headers},
	} {
		t.Run(name, func(t *testing.T) {
			wantProblem(t, h.in(t).put(changed, strings.NewReader(picture)), "forbidden")
		})
	}
	wantProblem(t, h.put(u, strings.NewReader(picture), "Content-Type", "text/html"), "forbidden")
	wantProblem(t, h.put(u, strings.NewReader(picture+"!")), "too-large")
	wantProblem(t, h.put(u, strings.NewReader(picture[1:])), "invalid-request", "Content-Length")
	// A body that does not say how long it is.
	wantProblem(t, h.put(u, io.MultiReader(strings.NewReader(picture))), "invalid-request", "Content-Length")
	if left := h.blobs(); len(left) > 0 {
		t.Errorf("refused uploads left %v", left)
	}
}

func TestUpload_Expires(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	u := h.announceUpload(1)
	sign := func(expires int64) upload {
		mac := hmac.New(sha256.New, h.deps.Key.Derive("uploads"))
		_, err := fmt.Fprintf(mac, "demo\n%s\nimage/jpeg\n%d", u.ID, expires)
		h.must(err)
		return u.query("expires", fmt.Sprint(expires)).query("signature", base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
	}
	if got, want := sign(u.ExpiresAt.Unix()).URL, u.URL; got != want {
		t.Errorf("signed as %s, want %s", want, got)
	}
	r := h.put(sign(time.Now().Unix()), strings.NewReader("x"))
	if wantProblem(t, r, "gone"); r.StatusCode != http.StatusGone {
		t.Errorf("status %d", r.StatusCode)
	}
}

func TestUpload_Announcing(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *ingest.Config) { c.UploadMaxSize = 5 * config.MB })
	wantProblem(t, h.tryAnnounce(`{"content_type":"image/jpeg","bytes":5000001}`), "too-large", "bytes")
	wantProblem(t, h.tryAnnounce(`{"content_type":"jpeg"}`), "invalid-request", "content_type", "bytes")
	wantProblem(t, h.tryAnnounce(`{`), "invalid-request")
	wantProblem(t, h.tryAnnounce(`{}`, "Content-Type", "text/plain"), "unsupported-media-type")
	wantProblem(t, h.tryAnnounce(`{"content_type":"image/jpeg","bytes":7}`, "Authorization", ""), "unauthorized")
	h.announceUpload(5_000_000)

	first := h.announceUpload(7, "Idempotency-Key", "a")
	if again := h.announceUpload(7, "Idempotency-Key", "a"); again.ID != first.ID {
		t.Errorf("a repeat has id %s, want %s", again.ID, first.ID)
	}
	if other := h.announceUpload(7); other.ID == first.ID {
		t.Error("without the key it is the same upload")
	}
	wantProblem(t, h.tryAnnounce(`{"content_type":"image/jpeg","bytes":8}`, "Idempotency-Key", "a"), "idempotency-conflict")
	h.submit(native, "Idempotency-Key", "a") // the keys of jobs are others
}

func TestUpload_RefusedAsASource(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	const field = "source.upload"
	put := func(h *house) upload {
		u := h.announceUpload(7)
		if r := h.put(u, strings.NewReader("picture")); r.StatusCode != http.StatusOK {
			h.Fatalf("put: %d", r.StatusCode)
		}
		return u
	}
	for name, id := range map[string]func(h *house) string{
		"NotAnID":      func(*house) string { return "mine" },
		"Unknown":      func(h *house) string { return h.newID("demo").String() + "-7" },
		"NotPut":       func(h *house) string { return h.announceUpload(7).ID },
		"AnotherSize":  func(h *house) string { return put(h).ID + "0" },
		"Interrupted":  func(h *house) string { u := h.announceUpload(7); h.cutPut(u); return u.ID },
		"OfAnotherApp": func(h *house) string { other := *h; other.app = h.other; return put(&other).ID },
		"TooOld": func(h *house) string {
			u, long := put(h), time.Now().Add(-49*time.Hour)
			h.must(os.Chtimes(filepath.Join(h.folder, "uploads", "demo", u.ID), long, long))
			return u.ID
		},
		// As a bucket may have it that enforces no length.
		"OfAnotherSizeThanAnnounced": func(h *house) string {
			u := h.announceUpload(7)
			h.must(h.store.Put(h.Context(), "uploads/demo/"+u.ID, []byte("pictures"), "image/jpeg"))
			return u.ID
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := h.in(t)
			wantProblem(t, h.post(of(id(h))), "invalid-request", field)
		})
	}
	unknown := h.newID("demo").String() + "-7"
	wantProblem(t, h.post(`{"source":{"url":"http://1.1.1.1/a"},"pictures":{"logo":{"upload":"`+unknown+`"}},`+overlaid+`}`),
		"invalid-request", "pictures.logo.upload")
}

// cutPut goes away in the middle of a put.
func (h *house) cutPut(u upload) {
	h.Helper()
	request, err := http.NewRequestWithContext(h.Context(), u.Method, u.URL, io.MultiReader(strings.NewReader("pic"), broken{}))
	h.must(err)
	request.ContentLength = 7
	request.Header.Set("Content-Type", u.Headers["Content-Type"])
	if answer, err := h.client.Do(request); err == nil {
		h.Errorf("a put that broke off was answered %d", answer.StatusCode)
		_ = answer.Body.Close()
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("gone") }

// TestUpload_TakesAsLongAsItGetsOn has a client that is slower than requests may otherwise be.
func TestUpload_TakesAsLongAsItGetsOn(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *ingest.Config) { c.Timeout = time.Second })
	const pieces = 6 // each larger than what the server reads before it asks anybody
	u := h.announceUpload(pieces << 14)
	body, write := io.Pipe()
	go func() {
		ticker := time.NewTicker(300 * time.Millisecond)
		defer ticker.Stop()
		for range pieces {
			<-ticker.C
			_, _ = write.Write(make([]byte, 1<<14)) // the other end says whether it came
		}
		_ = write.Close()
	}()
	request, err := http.NewRequestWithContext(t.Context(), u.Method, u.URL, body)
	h.must(err)
	request.ContentLength = pieces << 14
	request.Header.Set("Content-Type", "image/jpeg")
	answer, err := h.client.Do(request)
	h.must(err)
	h.must(answer.Body.Close())
	if answer.StatusCode != http.StatusOK {
		t.Errorf("status %d", answer.StatusCode)
	}
}

// TestUpload_LargerThanABody streams more than a request with a picture may have.
func TestUpload_LargerThanABody(t *testing.T) {
	t.Parallel()
	const size = 9 << 20
	h := open(t, func(c *ingest.Config) { c.MaxBody = 1 << 20 })
	u := h.announceUpload(size)
	data, err := io.ReadAll(blobtest.Random(size))
	h.must(err)
	if r := h.put(u, bytes.NewReader(data)); r.StatusCode != http.StatusOK {
		t.Fatalf("put: %d %s", r.StatusCode, r.body)
	}
	stored, _, err := h.store.Get(t.Context(), "uploads/demo/"+u.ID)
	if err != nil || !bytes.Equal(stored, data) {
		t.Errorf("stored %d bytes, %v", len(stored), err)
	}
	if _, err := h.store.Stat(t.Context(), "uploads/demo/"+u.ID+"0"); !errors.Is(err, blob.ErrNotFound) {
		t.Error(err)
	}
}
