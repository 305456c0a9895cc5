package e2e_test

import (
	"bytes"
	"image"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/sample"
	"github.com/ringback/ringback/services/internal/storage/s3test"
)

// announced is the answer to POST /v1/uploads.
type announced struct {
	ID, URL, Method string
	Headers         map[string]string
}

// announce announces a JPEG and returns where it may be put.
func (in *installation) announce(token string, size int) announced {
	in.tb.Helper()
	body := marshal(in.tb, map[string]any{"content_type": "image/jpeg", "bytes": size})
	status, raw, err := in.do(http.MethodPost, "/v1/uploads", "application/json", token, body)
	if err != nil || status != http.StatusCreated {
		in.tb.Fatalf("announce: %d %s %v", status, raw, err)
	}
	return parse[announced](in.tb, raw)
}

// put puts a picture there, as a client without any credentials does.
func (a announced) put(tb testing.TB, picture []byte) int {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), a.Method, a.URL, bytes.NewReader(picture))
	if err != nil {
		tb.Fatal(err)
	}
	for name, value := range a.Headers {
		request.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Logf("put: %s %s", answer.Status, said)
	return answer.StatusCode
}

// uploadsAndNamesTwice is the story of a picture that is put once, and of which two jobs are made.
func uploadsAndNamesTwice(t *testing.T, in *installation) announced {
	t.Helper()
	token := in.secrets().Token
	there := in.announce(token, len(sample.Portrait))
	job := map[string]any{"source": map[string]any{"upload": there.ID}, "recipe": twoPictures}
	if status, raw, err := in.do(http.MethodPost, "/v1/jobs", "application/json", token, marshal(t, job)); status != http.StatusBadRequest ||
		!bytes.Contains(raw, []byte("source.upload")) {
		t.Errorf("a job before its picture: %d %s %v", status, raw, err)
	}
	if status := there.put(t, sample.Portrait[1:]); status < 400 || status > 499 {
		t.Errorf("another length than was announced: %d", status)
	}
	if status := there.put(t, sample.Portrait); status != http.StatusOK {
		t.Fatalf("put: %d", status)
	}
	for range 2 {
		accepted := in.submit(token, job, nil)
		result := in.await(token, accepted.ID)
		if result.State != events.StateCompleted || result.Source == nil || result.Source.Bytes != int64(len(sample.Portrait)) {
			t.Fatalf("the job ended as %+v", result)
		}
		pictures(t, in, result, map[string]image.Point{"large": {300, 300}, "gray": {300, 300}, "thumb": {150, 100}})
	}
	return there
}

func TestLargePictureIsUploadedOnceAndNamedByJobs(t *testing.T) {
	t.Parallel()
	everyTopology(t, func(t *testing.T, in *installation) {
		there := uploadsAndNamesTwice(t, in)
		if !strings.HasPrefix(there.URL, "http://") || !strings.Contains(there.URL, "/v1/uploads/"+there.ID) {
			t.Errorf("put to %s", there.URL)
		}
	})
}

func TestLargePictureGoesToTheBucketItself(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t, "direct", "through")
	for name, start := range map[string]func(testing.TB, ...string) *installation{
		"OneProcess": oneProcess, "ProcessPerServiceOnThreeServers": processPerService,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			there := uploadsAndNamesTwice(t, start(t, inBucket(server, "direct")...))
			if !strings.HasPrefix(there.URL, server.URL) || !server.Has("direct", "house/uploads/demo/"+there.ID) {
				t.Errorf("put to %s", there.URL)
			}
		})
	}
	t.Run("ThroughRingback", func(t *testing.T) {
		t.Parallel()
		in := oneProcess(t, append(inBucket(server, "through"), "RINGBACK_UPLOAD_DIRECT=false")...)
		there := uploadsAndNamesTwice(t, in)
		if !strings.HasPrefix(there.URL, in.base) || !server.Has("through", "house/uploads/demo/"+there.ID) {
			t.Errorf("put to %s", there.URL)
		}
	})
}
