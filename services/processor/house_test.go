package processor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/seal"
	"github.com/ringback/ringback/services/internal/telemetry"
	"github.com/ringback/ringback/services/internal/telemetry/logtest"
	"github.com/ringback/ringback/services/processor"
)

// renderer is the real one, built once by TestMain.
var renderer string

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	folder, err := os.MkdirTemp("", "ringback-processor-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	renderer = filepath.Join(folder, "ringback-render")
	if text, err := exec.Command("go", "build", "-o", renderer, "../cmd/ringback-render").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the renderer: %v\n%s", err, text)
		return 1
	}
	code := m.Run()
	if err := goleak.Find(bustest.ServerRemains()); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// house is a processor at work on a real broker and a real blob store.
type house struct {
	testing.TB
	deps   processor.Deps
	config processor.Config
	bus    *bus.Bus
	store  *blob.Store
	folder string
	key    seal.Key
	// sealed is the record of every job that is accepted.
	sealed job.Record
	// results gets the live copy of every result.
	results chan events.Result
}

// newHouse makes what a processor needs; run starts one. The renderer is the fake until pool is called.
func newHouse(tb testing.TB) *house {
	tb.Helper()
	h := &house{TB: tb, bus: bustest.Open(tb), config: processor.DefaultConfig(), results: make(chan events.Result, 1000)}
	var err error
	h.folder = tb.TempDir()
	h.store, err = blob.OpenFolder(h.folder)
	h.must(err)
	tb.Cleanup(func() { _ = h.store.Close() })
	h.key, err = seal.NewKey(bytes.Repeat([]byte{7}, seal.KeySize))
	h.must(err)
	config := outbound.DefaultConfig()
	config.Allow, config.FetchTimeout, config.FetchMaxSize = []string{"127.0.0.1"}, 300*time.Millisecond, 1<<20
	client, err := outbound.New(config, outbound.Deps{})
	h.must(err)
	tb.Cleanup(client.Close)
	h.deps = processor.Deps{
		Bus: h.bus, Applications: h.directory(), Key: h.key, Renderer: &fakeRenderer{}, Fetcher: client, Sender: client, Store: h.store,
		Metrics: telemetry.NewMetrics("test"), Log: logtest.New(tb),
	}
	stop, err := h.bus.Listen(events.LiveResultFilter(""), func(m *bus.Message) {
		var result events.Result
		if err := json.Unmarshal(m.Data, &result); err != nil {
			tb.Errorf("result: %v", err)
		}
		h.results <- result
	})
	h.must(err)
	tb.Cleanup(stop)
	return h
}

// directory reads the applications, which there are none of at first.
func (h *house) directory() *application.Directory {
	h.Helper()
	bucket, err := h.bus.Bucket(h.Context(), bus.ApplicationBucket)
	h.must(err)
	directory := application.NewDirectory(bucket, h.key, logtest.New(h.TB))
	go func() { _ = directory.Run(h.Context()) }()
	return directory
}

// pool puts the real renderer in the place of the fake.
func (h *house) pool() *house {
	h.Helper()
	config := imaging.DefaultConfig()
	config.Executable, config.Workers = renderer, 1
	pool, err := imaging.NewPool(config, h.deps.Log)
	h.must(err)
	h.Cleanup(pool.Close)
	h.deps.Renderer = pool
	return h
}

// run starts a processor; stop ends it and returns once its last message is settled.
func (h *house) run() (stop func()) {
	h.Helper()
	service, err := processor.New(h.config, h.deps)
	h.must(err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(h.Context()))
	done := make(chan error, 1)
	go func() { done <- service.Run(ctx); close(done) }()
	stop = func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				h.Errorf("run: %v", err)
			}
		case <-time.After(time.Minute):
			h.Error("the processor does not stop")
		}
	}
	h.Cleanup(stop)
	return stop
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// accept stores a job as ingest does, and fills in what it leaves out.
func (h *house) accept(j job.Job) job.Job {
	h.Helper()
	j.Application, j.Class = "demo", job.Standard
	j.ID = events.NewID(time.Now(), j.Application, h.key.Derive("job ids"))
	j.AcceptedAt = j.ID.Time()
	for i, save := range j.Recipe.Outputs() {
		if i < len(h.sealed.Destinations) && len(h.sealed.Destinations[i]) > 0 {
			j.Locations = append(j.Locations, job.Location{URL: "http://elsewhere/" + save.ID})
			continue
		}
		name := fmt.Sprintf("demo/%s/%d-%s", j.ID, i, save.ID)
		j.Locations = append(j.Locations, job.Location{Key: "out/" + name, URL: "http://h/files/" + name})
	}
	h.hand(j, j.ID.String())
	return j
}

// hand puts a job on the bus under a message id.
func (h *house) hand(j job.Job, messageID string) {
	h.Helper()
	h.sealed.Dialect = "native"
	sealed, err := h.sealed.Seal(h.key, j.Application, j.ID)
	h.must(err)
	out, err := bus.Event(bus.JobSubject(j.Class, j.Application), events.TypeJobAccepted, "/test", j.ID.String(), nil)
	h.must(err)
	out.Data, err = job.Encode(j, sealed)
	h.must(err)
	out.ID = messageID
	_, err = h.bus.Publish(h.Context(), out)
	h.must(err)
}

// result waits for the next result.
func (h *house) result() events.Result {
	h.Helper()
	select {
	case result := <-h.results:
		return result
	case <-time.After(time.Minute):
		h.Fatal("no result")
		return events.Result{}
	}
}

// wantFailed waits for the result, which must be failed by the code alone.
func (h *house) wantFailed(code string) events.Result {
	h.Helper()
	result := h.result()
	if result.State != events.StateFailed || len(result.Errors) != 1 || result.Errors[0].Code != code || result.Errors[0].Message == "" {
		h.Errorf("got %s %+v, want failed by %s", result.State, result.Errors, code)
	}
	return result
}

// wantNoJobs waits until every job of the application has left the queue: a rejection is not confirmed by the broker,
// so it may take a moment after the processor has stopped.
func (h *house) wantNoJobs() {
	h.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		_, err := h.bus.Last(h.Context(), bus.Jobs, bus.JobSubject(job.Standard, "demo"))
		if errors.Is(err, bus.ErrNotFound) {
			return
		}
		if time.Now().After(deadline) {
			h.Errorf("a job is left (%v)", err)
			return
		}
	}
}

// stored lists the subjects of what is stored of results, in their order.
func (h *house) stored() []string {
	h.Helper()
	var subjects []string
	for _, filter := range []string{"ringback.>"} {
		h.must(h.bus.Scan(h.Context(), bus.Events, filter, func(m *bus.Message) error {
			subjects = append(subjects, m.Subject)
			return nil
		}))
	}
	return subjects
}

// dead counts what is in RINGBACK_DEAD of the kind "job".
func (h *house) dead() (count int, reason string) {
	h.Helper()
	h.must(h.bus.Scan(h.Context(), bus.Dead, "ringback.dead.>", func(m *bus.Message) error {
		count, reason = count+1, m.Header.Get("Ringback-Reason")
		return nil
	}))
	return count, reason
}

// fakeRenderer is no renderer: it tells a recipe's outputs made, each of the bytes of the source, unless render is set.
type fakeRenderer struct {
	calls  atomic.Int64
	render func(ctx context.Context, call int64, request imaging.Request) (imaging.Response, error)
}

// Slots is one.
func (f *fakeRenderer) Slots() int { return 1 }

// Limits are the default ones.
func (f *fakeRenderer) Limits() recipe.Limits { return recipe.DefaultLimits() }

// Render makes nothing.
func (f *fakeRenderer) Render(ctx context.Context, request imaging.Request) (imaging.Response, error) {
	call := f.calls.Add(1)
	if f.render != nil {
		return f.render(ctx, call, request)
	}
	response := imaging.Response{Source: imaging.Facts{Width: 2, Height: 1, Format: "jpeg", Bytes: int64(len(request.Source))}}
	for i, save := range request.Recipe.Outputs() {
		response.Outputs = append(response.Outputs, imaging.Rendered{
			ID: save.ID, Index: i, Format: "jpeg", Width: 2, Height: 1, Data: request.Source,
		})
	}
	return response, nil
}

// serve is a source with a handler.
func (h *house) serve(handler http.HandlerFunc) string {
	h.Helper()
	server := httptest.NewServer(handler)
	h.Cleanup(server.Close)
	return server.URL + "/a.jpg"
}

func serveBytes(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }
}

// keep is a recipe that saves the picture as it is, under these ids.
func keep(ids ...string) recipe.Recipe {
	var r recipe.Recipe
	for _, id := range ids {
		r.Steps = append(r.Steps, recipe.Step{Save: &recipe.Save{ID: id}})
	}
	return r
}

func countResults(subjects []string) (n int) {
	for _, subject := range subjects {
		if strings.Contains(subject, ".result.") {
			n++
		}
	}
	return n
}

// blobs lists the files of the blob store.
func (h *house) blobs() (names []string) {
	h.Helper()
	h.must(filepath.WalkDir(h.folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}
