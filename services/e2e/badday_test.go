package e2e_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/sample"
)

// pictureServer is somebody's server with pictures, good and bad.
func pictureServer(tb testing.TB) string {
	tb.Helper()
	endless := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("/portrait.jpg", serve(sample.Portrait))
	mux.HandleFunc("/text.jpg", serve([]byte("this is not a picture")))
	mux.HandleFunc("/empty.jpg", serve(nil))
	mux.HandleFunc("/truncated.jpg", serve(sample.Portrait[:len(sample.Portrait)/2]))
	mux.HandleFunc("/bomb.png", serve(bombPNG()))
	mux.HandleFunc("/endless.jpg", func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := w.Write(bytes.Repeat([]byte{0xff}, 1<<16)); err != nil {
				return
			}
			select {
			case <-r.Context().Done():
				return
			case <-endless:
				return
			default:
			}
		}
	})
	mux.HandleFunc("/silent.jpg", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-endless:
		}
	})
	server := httptest.NewServer(mux)
	tb.Cleanup(server.Close)
	tb.Cleanup(func() { close(endless) })
	return server.URL
}

func serve(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, bytes.NewReader(data)) }
}

// bombPNG is a small file that claims 50,000 x 50,000 pixels.
func bombPNG() []byte {
	chunk := func(kind string, data []byte) []byte {
		body := append([]byte(kind), data...)
		out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		return binary.BigEndian.AppendUint32(append(out, body...), crc32.ChecksumIEEE(body))
	}
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 50_000), 50_000)
	var rows bytes.Buffer
	w := zlib.NewWriter(&rows)
	_, _ = w.Write(make([]byte, 6251*100)) // into memory
	_ = w.Close()
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(header, 1, 0, 0, 0, 0)),
		chunk("IDAT", rows.Bytes()), chunk("IEND", nil))
}

func TestBadSourcesFailTheirOwnJobsAlone(t *testing.T) {
	t.Parallel()
	in := oneProcess(t, "RINGBACK_OUTBOUND_FETCH_MAX_SIZE=4MiB", "RINGBACK_OUTBOUND_FETCH_TIMEOUT=3s", "RINGBACK_PROCESSOR_TRIES=2")
	source, token := pictureServer(t), in.secrets().Token
	want := map[string]string{
		"/text.jpg": "unsupported_format", "/empty.jpg": "source_unreadable", "/truncated.jpg": "source_truncated",
		"/bomb.png": "source_too_large", "/nothing.jpg": "source_status", "/endless.jpg": "source_too_large",
		"/silent.jpg": "source_timeout",
	}
	jobs := map[string]events.Result{}
	for path := range want {
		jobs[path] = in.submit(token, map[string]any{"source": map[string]any{"url": source + path}, "recipe": twoPictures}, nil)
	}
	good := in.submit(token, map[string]any{"source": map[string]any{"url": source + "/portrait.jpg"}, "recipe": twoPictures}, nil)
	if result := in.await(token, good.ID); result.State != events.StateCompleted {
		t.Errorf("the good picture among them ended as %+v", result)
	}
	for path, code := range want {
		result := in.await(token, jobs[path].ID)
		if result.State != events.StateFailed || len(result.Errors) != 1 || result.Errors[0].Code != code {
			t.Errorf("%s ended as %s with %+v, want %s", path, result.State, result.Errors, code)
			continue
		}
		if text := result.Errors[0].Message; text == "" || strings.Contains(strings.ToLower(text), "vips") || strings.Contains(text, in.data) {
			t.Errorf("%s: message %q", path, text)
		}
	}
}

func TestPictureThatTakesTooLongEndsItsRendererAndNothingElse(t *testing.T) {
	t.Parallel()
	in := oneProcess(t, "RINGBACK_RENDER_TIMEOUT=1s")
	token := in.secrets().Token
	slow := in.submit(token, map[string]any{"recipe": map[string]any{"steps": []any{map[string]any{
		"op": "resize", "params": map[string]any{"width": 9000, "height": 9000},
		"save": map[string]any{"id": "huge", "format": "avif", "quality": 100},
	}}}}, sample.Portrait)
	var others []events.Result
	for range 5 {
		others = append(others, in.submit(token, map[string]any{"recipe": twoPictures}, sample.Portrait))
	}
	for _, other := range others {
		if result := in.await(token, other.ID); result.State != events.StateCompleted {
			t.Errorf("a neighbour ended as %+v", result)
		}
	}
	result := in.await(token, slow.ID)
	if result.State != events.StateFailed || result.Errors[0].Code != "renderer_timeout" {
		t.Errorf("the slow picture ended as %+v", result)
	}
}

func TestFullDiskIsNotReadyAndLosesNothing(t *testing.T) {
	t.Parallel()
	in := oneProcess(t)
	token := in.secrets().Token
	in.processes[0].stop()

	// The limit is on the size of a file: soon no stream can grow. It is what a full disk looks like to the broker.
	limited := launchLimited(t, 192, in.environ...)
	in.base = limited.base()
	var accepted []string
	refused := 0
	for refused < 3 {
		body := marshal(t, map[string]any{"recipe": map[string]any{"steps": []any{}}, "metadata": map[string]any{"pad": strings.Repeat("x", 8000)}})
		status, raw, err := in.do(http.MethodPost, "/v1/jobs", "application/json", token, body)
		switch {
		case err != nil:
			t.Fatal(err)
		case status == http.StatusAccepted:
			accepted = append(accepted, parse[events.Result](t, raw).ID)
		case status == http.StatusServiceUnavailable:
			refused++
		default:
			t.Fatalf("submit on a full disk: %d %s", status, raw)
		}
		if len(accepted) > 5000 {
			t.Fatal("the disk was never full")
		}
	}
	if status, body, err := in.do(http.MethodGet, "/readyz", "", "", nil); err != nil || status != http.StatusServiceUnavailable {
		t.Errorf("readyz on a full disk: %d %s %v, want 503", status, body, err)
	}
	limited.kill()

	in.start()
	for _, id := range accepted {
		if result := in.await(token, id); result.State != events.StateCompleted {
			t.Errorf("job %s ended as %+v", id, result)
		}
	}
	t.Logf("accepted %d jobs before the disk was full, all of them ended", len(accepted))
}

func TestLongPollIsAnsweredWhenTheJobEnds(t *testing.T) {
	t.Parallel()
	everyTopology(t, func(t *testing.T, in *installation) {
		token := in.secrets().Token
		source := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			<-source
			_, _ = w.Write(sample.Portrait)
		}))
		t.Cleanup(server.Close)
		job := in.submit(token, map[string]any{"source": map[string]any{"url": server.URL}, "recipe": twoPictures}, nil)
		answered := make(chan string, 1)
		go func() {
			_, raw, err := in.do(http.MethodGet, "/v1/jobs/"+job.ID+"?wait=60", "", token, nil)
			answered <- fmt.Sprint(string(raw), err)
		}()
		var early string
		select {
		case early = <-answered:
		case <-time.After(time.Second):
		}
		close(source)
		if early != "" {
			t.Fatalf("answered before the job ended: %s", early)
		}
		if got := <-answered; !strings.Contains(got, `"state":"completed"`) {
			t.Errorf("answered %s", got)
		}
	})
}
