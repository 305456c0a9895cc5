package ingest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/ingest"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/seal"
	"github.com/ringback/ringback/services/internal/telemetry"
	"github.com/ringback/ringback/services/internal/telemetry/logtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, bustest.ServerRemains(),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),    // one for the process, for ever
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"), // sleeps 10 s and then looks
	)
}

// house is an ingest at work on a real broker and a real blob store, with two applications.
type house struct {
	testing.TB
	deps   ingest.Deps
	store  *blob.Store
	folder string // of the store
	url    string
	app    application.Application
	other  application.Application
	client *http.Client
	// stop ends ingest and returns what Run did; a second call returns the same.
	stop             func() error
	stopApplications func() error
}

// open starts a house that lets 127.0.0.1 through, and stops it when the test ends. change may be nil.
func open(tb testing.TB, change func(*ingest.Config)) *house {
	tb.Helper()
	return openOn(tb, bustest.Open(tb), change)
}

func openOn(tb testing.TB, b *bus.Bus, change func(*ingest.Config)) *house {
	tb.Helper()
	h := &house{TB: tb, client: &http.Client{Transport: &http.Transport{}}}
	h.folder = tb.TempDir()
	h.deps = newDeps(tb, b, h.folder)
	h.store = h.deps.Store.(*blob.Store)
	bucket, err := h.deps.Bus.Bucket(tb.Context(), bus.ApplicationBucket)
	h.must(err)
	applications := application.NewStore(bucket, h.deps.Key)
	h.app, err = applications.Add(tb.Context(), "demo")
	h.must(err)
	h.other, err = applications.Add(tb.Context(), "other")
	h.must(err)
	h.deps.Applications = application.NewDirectory(bucket, h.deps.Key, h.deps.Log)
	h.stopApplications = h.run("applications", h.deps.Applications.Run)

	listening := make(chan string, 1)
	h.deps.Listening = func(address string) { listening <- address }
	config := ingest.DefaultConfig()
	config.Addr = "127.0.0.1:0"
	config.PollRate = 10_000 // tests ask in loops; the rate has tests of its own
	if change != nil {
		change(&config)
	}
	service, err := ingest.New(tb.Context(), config, h.deps)
	h.must(err)
	h.stop = h.run("ingest", service.Run)
	h.url = "http://" + <-listening
	tb.Cleanup(h.client.CloseIdleConnections) // before ingest stops, which waits for its connections
	return h
}

func newDeps(tb testing.TB, b *bus.Bus, blobs string) ingest.Deps {
	tb.Helper()
	log := logtest.New(tb)
	key, err := seal.NewKey(bytes.Repeat([]byte{7}, seal.KeySize))
	if err != nil {
		tb.Fatal(err)
	}
	store, err := blob.OpenFolder(blobs)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = store.Close() })
	config := outbound.DefaultConfig()
	config.Allow = []string{"127.0.0.1"}
	client, err := outbound.New(config, outbound.Deps{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(client.Close)
	return ingest.Deps{
		Bus: b, Key: key, Store: store, UploadsKept: 48 * time.Hour, Guard: client.Guard(), Poster: client, Health: telemetry.NewHealth(),
		Metrics: telemetry.NewMetrics("test"), Log: log,
	}
}

// run runs something until the test ends or the function that it returns is called.
func (h *house) run(name string, run func(context.Context) error) (stop func() error) {
	h.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(h.Context()))
	done := make(chan struct{})
	var err error
	go func() {
		defer close(done)
		err = run(ctx)
	}()
	stop = func() error {
		cancel()
		select {
		case <-done:
		case <-time.After(time.Minute):
			h.Errorf("%s does not stop", name)
		}
		return err
	}
	h.Cleanup(func() {
		if err := stop(); err != nil {
			h.Errorf("%s: %v", name, err)
		}
	})
	return stop
}

// in is the same house for a sub-test.
func (h *house) in(tb testing.TB) *house {
	tb.Helper()
	inner := *h
	inner.TB = tb
	return &inner
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// reply is an answer whose body was read, and checked against its schema.
type reply struct {
	*http.Response
	body string
}

// send makes a request as the demo application and checks the answer against the contract. header holds names and values
// in turn; an empty value removes the header.
func (h *house) send(method, route string, body io.Reader, header ...string) reply {
	h.Helper()
	request, err := http.NewRequestWithContext(h.Context(), method, h.url+route, body)
	h.must(err)
	request.Header.Set("Authorization", "Bearer "+h.app.Secrets.Token.Reveal())
	for i := 0; i < len(header); i += 2 {
		if request.Header.Set(header[i], header[i+1]); header[i+1] == "" {
			request.Header.Del(header[i])
		}
	}
	answer, err := h.client.Do(request)
	h.must(err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	h.must(err)
	checkContract(h, method, route, answer, text)
	return reply{answer, string(text)}
}

// post submits a native job.
func (h *house) post(body string, header ...string) reply {
	h.Helper()
	return h.send(http.MethodPost, "/v1/jobs", strings.NewReader(body), append([]string{"Content-Type", "application/json"}, header...)...)
}

// read decodes the JSON of an answer, which must have the status.
func read[T any](h *house, r reply, status int) (value T) {
	h.Helper()
	if r.StatusCode != status {
		h.Fatalf("%s %s: status %d, want %d\n%s", r.Request.Method, r.Request.URL.Path, r.StatusCode, status, r.body)
	}
	h.must(json.Unmarshal([]byte(r.body), &value))
	return value
}

// acceptedReply is the body of a 202.
type acceptedReply struct {
	ID      string
	State   string
	Outputs []struct{ ID, URL string }
	Links   struct{ Self string }
}

// submit submits a native job, which must be accepted, and returns its id.
func (h *house) submit(body string, header ...string) events.ID {
	h.Helper()
	id, err := events.ParseID(read[acceptedReply](h, h.post(body, header...), http.StatusAccepted).ID)
	h.must(err)
	return id
}

// newest reads the job that was stored last for an application.
func (h *house) newest(class job.Class, app string) (job.Job, job.Record, *bus.Message) {
	h.Helper()
	message, err := h.deps.Bus.Last(h.Context(), bus.Jobs, bus.JobSubject(class, app))
	h.must(err)
	event, err := message.Event()
	h.must(err)
	id, err := events.ParseID(event.Subject())
	h.must(err)
	j, sealed, err := job.Decode(id, message.Data)
	h.must(err)
	record, err := job.OpenRecord(h.deps.Key, app, id.String(), sealed)
	h.must(err)
	return j, record, message
}

// publish ends a job as a processor would; the record may be the zero one.
func (h *house) publish(app string, id events.ID, record job.Record, result events.Result) {
	h.Helper()
	sealed, err := record.Seal(h.deps.Key, app, id)
	h.must(err)
	result.ID = id.String()
	if result.Outputs == nil {
		result.Outputs = []events.Output{}
	}
	out, err := bus.Event(events.ResultSubject(app, id.String()), result.State.Type(), "/test", id.String(), result)
	h.must(err)
	_, err = h.deps.Bus.PublishAtomic(h.Context(), []bus.Out{{Subject: bus.RecordSubject(app, id.String()), Data: sealed}, out})
	h.must(err)
}

// newID mints an id as ingest does.
func (h *house) newID(app string) events.ID {
	return events.NewID(time.Now(), app, h.deps.Key.Derive("job ids"))
}

// native is a job that is accepted.
const native = `{"source":{"url":"http://127.0.0.1:1/a.jpg"},"recipe":{"steps":[{"op":"grayscale","save":{"id":"gray","format":"jpeg"}}]}}`

// promise writes an idempotency key as ingest does before it stores the job.
func (h *house) promise(app, key string, id events.ID, body string) {
	h.Helper()
	bucket, err := h.deps.Bus.Bucket(h.Context(), bus.IdempotencyBucket)
	h.must(err)
	hash, sum := sha256.Sum256([]byte(key)), sha256.Sum256([]byte(body))
	value := `{"id":"` + id.String() + `","body":"` + hex.EncodeToString(sum[:]) + `"}`
	_, err = bucket.Create(h.Context(), app+"."+hex.EncodeToString(hash[:]), []byte(value), 0)
	h.must(err)
}

// fill gives an application as many waiting jobs as it may have.
func (h *house) fill(app string, class job.Class) {
	h.Helper()
	batch := make([]bus.Out, bus.MaxBatch)
	for i := range batch {
		batch[i] = bus.Out{Subject: bus.JobSubject(class, app), Data: []byte("{}")}
	}
	for range bus.QueueCap / bus.MaxBatch {
		_, err := h.deps.Bus.PublishAtomic(h.Context(), batch)
		h.must(err)
	}
}

// blobs lists the files in the blob store.
func (h *house) blobs() []string {
	h.Helper()
	var names []string
	h.must(filepath.WalkDir(h.folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}

// wantProblem fails unless the answer is a problem document of the type, and about these fields and no others.
func wantProblem(tb testing.TB, r reply, kind string, fields ...string) {
	tb.Helper()
	var problem struct {
		Type, Title, Detail, Instance string
		Status                        int
		Errors                        []struct{ Field string }
	}
	if err := json.Unmarshal([]byte(r.body), &problem); err != nil {
		tb.Fatalf("%v: %s", err, r.body)
	}
	if problem.Type != "/problems/"+kind || problem.Status != r.StatusCode || problem.Title == "" || problem.Instance != r.Request.URL.Path {
		tb.Errorf("status %d, want a problem %s\n%s", r.StatusCode, kind, r.body)
	}
	if media := r.Header.Get("Content-Type"); media != "application/problem+json" {
		tb.Errorf("content type is %s", media)
	}
	var got []string
	for _, e := range problem.Errors {
		got = append(got, e.Field)
	}
	if diff := cmp.Diff(fields, got); diff != "" {
		tb.Errorf("fields (-want +got):\n%s\n%s", diff, r.body)
	}
}
