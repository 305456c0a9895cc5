package bench_test

import (
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/seal"
)

const tenant = "demo"

// house is a broker with every write synced, and a receiver.
type house struct {
	tb       testing.TB
	bus      *bus.Bus
	url      string
	key      seal.Key
	keyFile  string
	receiver *child
	port     int
	// told is how many events were told of at a steady rate, over all times.
	told int
}

func openHouse(tb testing.TB) *house {
	tb.Helper()
	dir := tb.TempDir()
	config := bus.DefaultConfig()
	config.Addr = "127.0.0.1:0"
	b, err := bus.Open(tb.Context(), config, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = b.Close() })
	return furnish(tb, b, dir)
}

// furnish makes an application, and starts a receiver.
func furnish(tb testing.TB, b *bus.Bus, dir string) *house {
	tb.Helper()
	h := &house{tb: tb, bus: b, keyFile: filepath.Join(dir, "seal.key")}
	var err error
	if h.key, err = seal.LoadOrCreateKey(h.keyFile); err != nil {
		tb.Fatal(err)
	}
	logins, err := bus.ReadLogins(dir)
	if err != nil {
		tb.Fatal(err)
	}
	h.url = logins.ServicesURL()
	bucket, err := h.bus.Bucket(tb.Context(), bus.ApplicationBucket)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := application.NewStore(bucket, h.key).Add(tb.Context(), tenant); err != nil {
		tb.Fatal(err)
	}
	h.receiver = start(tb, "receiver")
	if h.port, err = strconv.Atoi(h.receiver.line()); err != nil {
		tb.Fatal(err)
	}
	return h
}

// sink starts a process of the sink.
func (h *house) sink() *child {
	h.tb.Helper()
	c := start(h.tb, "sink", brokerURL+"="+h.url, keyFile+"="+h.keyFile)
	c.line()
	return c
}

// span is some endpoints: so many from the first on.
type span struct{ first, many int }

// stride is from one endpoint to that of the next job: a few jobs are then spread over all endpoints. It is a prime, so that
// each gets its turn.
const stride = 7919

// tell stores the results of n jobs, the first of which is number from, in turn for each of the endpoints, and returns
// once they are on disk. A postback of one is about 1 KiB.
func (h *house) tell(from, n int, endpoints span) {
	h.tb.Helper()
	h.store(h.make(from, n, endpoints))
}

// make makes what tell stores: a record and a result for each job.
func (h *house) make(from, n int, endpoints span) []bus.Out {
	h.tb.Helper()
	outs := make([]bus.Out, 0, 2*n)
	idKey := h.key.Derive("job ids")
	for i := from; i < from+n; i++ {
		id := events.NewID(time.Now(), tenant, idKey)
		record := job.Record{Dialect: native.Dialect, Targets: []job.Target{{Sink: job.SinkPostback, URL: address(endpoints.first+i*stride%endpoints.many, h.port)}}}
		sealed, err := record.Seal(h.key, tenant, id)
		if err != nil {
			h.tb.Fatal(err)
		}
		out, err := bus.Event(events.ResultSubject(tenant, id.String()), events.TypeJobCompleted, "/ringback/processor", id.String(), h.result(id))
		if err != nil {
			h.tb.Fatal(err)
		}
		out.Last = bus.MustBeNew()
		outs = append(outs, bus.Out{Subject: bus.RecordSubject(tenant, id.String()), Data: sealed}, out)
	}
	return outs
}

// store stores what make made.
func (h *house) store(outs []bus.Out) {
	h.tb.Helper()
	for some := range slices.Chunk(outs, 500) {
		h.publish(some)
	}
}

// publish stores messages as a sink does: many in one write, a few one by one; however often the broker is killed meanwhile.
func (h *house) publish(outs []bus.Out) {
	h.tb.Helper()
	deadline := time.Now().Add(time.Minute)
	for len(outs) > 0 {
		_, err := h.bus.PublishInOrder(h.tb.Context(), outs)
		if err == nil {
			return
		}
		if errors.Is(err, bus.ErrExists) {
			outs = outs[2:] // the first of them is stored: it was the broker's word on it that was lost
			continue
		}
		if time.Now().After(deadline) {
			h.tb.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (h *house) result(id events.ID) events.Result {
	output := func(name string) events.Output {
		return events.Output{
			ID: name, URL: "https://pictures.example.com/files/demo/" + id.String() + "/" + name + ".jpg",
			Width: 1600, Height: 1067, Format: "jpeg", Bytes: 152375, Placeholder: "3OcRJYB4d3h/iIeHeEh3eIhw+j2w",
		}
	}
	return events.Result{
		ID: id.String(), State: events.StateCompleted,
		Metadata: marshal(map[string]string{"order": "a text that clients send to know it again"}),
		Source:   &events.Source{Width: 6000, Height: 4000, Format: "jpeg", Bytes: 4438650},
		Outputs:  []events.Output{output("large"), output("gray"), output("thumb")},
		Timing:   events.Timing{QueuedMS: 3, FetchMS: 41, RenderMS: 118, StoreMS: 9},
	}
}

// arrived waits until so many different deliveries came, for at most a time, and returns what the receiver has to say.
func (h *house) arrived(n int, most time.Duration) report {
	h.tb.Helper()
	deadline := time.Now().Add(most)
	for {
		count, err := strconv.Atoi(h.receiver.ask("count"))
		if err != nil {
			h.tb.Fatal(err)
		}
		if count >= n {
			return h.report()
		}
		if time.Now().After(deadline) {
			h.tb.Fatalf("%d of %d deliveries came in %s", count, n, most)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (h *house) report() report {
	h.tb.Helper()
	var r report
	h.receiver.askJSON("report", &r)
	return r
}
