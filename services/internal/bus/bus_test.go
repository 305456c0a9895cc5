package bus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	"github.com/ringback/ringback/services/internal/job"
)

func TestOpen(t *testing.T) {
	t.Parallel()

	t.Run("SecondStartFindsWhatWasStored", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		first := open(t, dir)
		publish(t, first, bus.Out{Subject: bus.JobSubject(job.Standard, "demo"), Data: []byte("one")})
		closeBus(t, first)
		second := open(t, dir)
		defer closeBus(t, second)
		got, err := second.Last(t.Context(), bus.Jobs, bus.JobSubject(job.Standard, "demo"))
		if err != nil || string(got.Data) != "one" {
			t.Errorf("after a restart: %v, %v; want the job", got, err)
		}
	})

	t.Run("SecondProcessOnTheFolderIsToldWhy", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		first := open(t, dir)
		defer closeBus(t, first)
		_, err := bus.Open(t.Context(), freePort(), dir, quiet())
		if !errors.Is(err, bus.ErrInUse) || !strings.Contains(err.Error(), "RINGBACK_DATA") {
			t.Errorf("second open: %v, want ErrInUse that names RINGBACK_DATA", err)
		}
	})

	t.Run("TakenAddressIsNamed", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		first := open(t, dir)
		defer closeBus(t, first)
		logins, err := bus.ReadLogins(dir)
		if err != nil {
			t.Fatal(err)
		}
		config := bus.Config{Addr: strings.TrimPrefix(logins.URL, "nats://"), Replicas: 1}
		_, err = bus.Open(t.Context(), config, t.TempDir(), quiet())
		if !errors.Is(err, bus.ErrInUse) || !strings.Contains(err.Error(), "RINGBACK_NATS_ADDR") {
			t.Errorf("open on a taken address: %v, want ErrInUse that names RINGBACK_NATS_ADDR", err)
		}
	})

	t.Run("StreamThatCannotChangeIsRefusedAndKept", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		first := open(t, dir)
		js := asServices(t, dir)
		if err := js.DeleteStream(t.Context(), bus.Dead); err != nil {
			t.Fatal(err)
		}
		_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
			Name: bus.Dead, Subjects: []string{"ringback.dead.>"}, Retention: jetstream.WorkQueuePolicy,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := js.Publish(t.Context(), "ringback.dead.job.demo", []byte("kept")); err != nil {
			t.Fatal(err)
		}
		closeBus(t, first)
		_, err = bus.Open(t.Context(), freePort(), dir, quiet())
		if !errors.Is(err, bus.ErrTopology) || !strings.Contains(err.Error(), "retention") {
			t.Errorf("open: %v, want ErrTopology that names the retention", err)
		}
	})

	t.Run("ChangedSettingIsUpdatedInPlace", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		first := open(t, dir)
		js := asServices(t, dir)
		stream, err := js.Stream(t.Context(), bus.Events)
		if err != nil {
			t.Fatal(err)
		}
		config := stream.CachedInfo().Config
		config.MaxAge = time.Hour
		if _, err := js.UpdateStream(t.Context(), config); err != nil {
			t.Fatal(err)
		}
		publish(t, first, bus.Out{Subject: events.ResultSubject("demo", "j1"), Data: []byte("{}")})
		closeBus(t, first)
		second := open(t, dir)
		defer closeBus(t, second)
		stream, err = asServices(t, dir).Stream(t.Context(), bus.Events)
		if err != nil {
			t.Fatal(err)
		}
		info := stream.CachedInfo()
		if info.Config.MaxAge != bus.ResultRetention || info.State.Msgs != 1 {
			t.Errorf("max age %s and %d messages, want %s and 1", info.Config.MaxAge, info.State.Msgs, bus.ResultRetention)
		}
	})
}

func TestPublish(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)

	t.Run("SubjectThatMustBeNewTakesOneMessage", func(t *testing.T) {
		out := bus.Out{Subject: events.ResultSubject("demo", "once"), Data: []byte("1"), Last: bus.MustBeNew()}
		publish(t, b, out)
		if _, err := b.Publish(t.Context(), out); !errors.Is(err, bus.ErrExists) {
			t.Errorf("second publish: %v, want ErrExists", err)
		}
	})

	t.Run("AtomicBatchStoresNothingWhenOneIsRefused", func(t *testing.T) {
		evt, prv := events.ResultSubject("demo", "pair"), bus.RecordSubject("demo", "pair")
		publish(t, b, bus.Out{Subject: evt, Data: []byte("1")})
		_, err := b.PublishAtomic(t.Context(), []bus.Out{
			{Subject: prv, Data: []byte("p"), Last: bus.MustBeNew()}, {Subject: evt, Data: []byte("2"), Last: bus.MustBeNew()},
		})
		if !errors.Is(err, bus.ErrExists) {
			t.Fatalf("batch: %v, want ErrExists", err)
		}
		if _, err := b.Last(t.Context(), bus.Events, prv); !errors.Is(err, bus.ErrNotFound) {
			t.Errorf("the other half: %v, want ErrNotFound", err)
		}
	})

	t.Run("RepeatedIDIsADuplicate", func(t *testing.T) {
		out := bus.Out{Subject: bus.JobSubject(job.Bulk, "dup"), Data: []byte("1"), ID: "dup-1"}
		first, again := publish(t, b, out), publish(t, b, out)
		if first.Duplicate || !again.Duplicate || first.Sequence != again.Sequence {
			t.Errorf("acks %+v and %+v, want the second to be a duplicate of the first", first, again)
		}
	})

	t.Run("TimerFiresOnItsTarget", func(t *testing.T) {
		due := make(chan *bus.Message, 1)
		ctx, cancel := context.WithCancel(t.Context())
		finished := make(chan error, 1)
		go func() {
			finished <- b.Work(ctx, bus.Media, bus.CallbackDueConsumer, 1, bus.Duty{
				Kind: "media", Tries: 1, Handle: func(_ context.Context, m *bus.Message) error { due <- m; return nil },
			})
		}()
		at := time.Now().Add(300 * time.Millisecond)
		publish(t, b, bus.Out{
			Subject: bus.MediaArm("demo", "m.1"), Target: bus.MediaDue("demo", "m.1"), At: at, Data: []byte("x"),
			Header: bus.Header{"Ringback-Window": {"7"}},
		})
		m := <-due
		if early := time.Until(at); early > 0 {
			t.Errorf("fired %s early", early)
		}
		if m.Header.Get("Ringback-Window") != "7" || string(m.Data) != "x" {
			t.Errorf("fired %+v, want the header and the body of the timer", m)
		}
		cancel()
		if err := <-finished; err != nil {
			t.Error(err)
		}
	})
}

func TestCommitter(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	committer := b.NewCommitter()
	ctx, cancel := context.WithCancel(t.Context())
	finished := make(chan error, 1)
	go func() { finished <- committer.Run(ctx) }()

	full := bus.JobSubject(job.High, "full")
	batch := make([]bus.Out, bus.MaxBatch)
	for i := range batch {
		batch[i] = bus.Out{Subject: full, Data: []byte("x")}
	}
	for range bus.QueueCap / bus.MaxBatch {
		if _, err := b.PublishAtomic(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}

	const writers = 200
	errs := make(chan error, writers)
	for i := range writers {
		go func() {
			out := bus.Out{Subject: bus.JobSubject(job.High, fmt.Sprint("app", i)), Data: []byte("1"), ID: fmt.Sprint("w", i)}
			if i%10 == 0 {
				out.Subject = full
			}
			_, err := committer.Commit(t.Context(), out)
			if i%10 == 0 && !errors.Is(err, bus.ErrQueueFull) {
				errs <- fmt.Errorf("writer %d of the full queue: %w, want ErrQueueFull", i, err)
				return
			}
			if i%10 == 0 {
				err = nil
			}
			errs <- err
		}()
	}
	for range writers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	cancel()
	if err := <-finished; err != nil {
		t.Error(err)
	}
}

func TestStatusIsSourcedByTheServer(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	bucket, err := b.Bucket(t.Context(), bus.StatusBucket)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan bus.Entry, 1)
	go func() { _ = bucket.Watch(t.Context(), func(e bus.Entry) { seen <- e }, func() {}) }()
	publish(t, b, bus.Out{Subject: events.ResultSubject("my app", "j.1"), Data: []byte(`{"state":"completed"}`)})
	got := <-seen
	if got.Key != events.StatusKey("my app", "j.1") || string(got.Value) != `{"state":"completed"}` {
		t.Errorf("status has %s = %s", got.Key, got.Value)
	}
}

func TestLiveCopies(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	live := make(chan *bus.Message, 10)
	stop, err := b.Listen(events.LiveAll, func(m *bus.Message) { live <- m })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()

	publish(t, b, bus.Out{
		Subject: bus.JobSubject(job.High, "my app"), Data: []byte("secret record"), Header: bus.Header{"ce-id": {"1"}},
	})
	accepted := <-live
	class, lane, ok := bus.ParseAccepted(accepted.Subject)
	if !ok || class != job.High || lane != bus.JobLane("my app") {
		t.Errorf("accepted on %s", accepted.Subject)
	}
	if len(accepted.Data) != 0 || accepted.Header.Get("ce-id") != "1" {
		t.Errorf("accepted carries %q and %v, want headers alone", accepted.Data, accepted.Header)
	}

	publish(t, b, bus.Out{Subject: bus.RecordSubject("my app", "j1"), Data: []byte("sealed")})
	publish(t, b, bus.Out{Subject: events.ResultSubject("my app", "j1"), Data: []byte("{}")})
	publish(t, b, bus.Out{Subject: bus.MediaRecord("my app", "m1"), Data: []byte("{}")})
	if got, want := (<-live).Subject, events.LiveResultSubject("my app", "j1"); got != want {
		t.Errorf("after a record and a result: %s, want %s", got, want)
	}
	if got, want := (<-live).Subject, events.LiveMediaSubject("my app", "m1"); got != want {
		t.Errorf("after a media item: %s, want %s", got, want)
	}

	publish(t, b, bus.Out{Subject: bus.DeliverySubject("my app", "exhausted", "e1", "d1"), Data: []byte("{}")})
	publish(t, b, bus.Out{Subject: bus.OperatorSubject("my app", "e1"), Data: []byte("{}")})
	if got, want := (<-live).Subject, events.LiveEndpointSubject("my app", "e1"); got != want {
		t.Errorf("after an attempt and what operators are told: %s, want %s", got, want)
	}
}

func open(tb testing.TB, dir string) *bus.Bus {
	tb.Helper()
	b, err := bus.Open(tb.Context(), freePort(), dir, quiet())
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func closeBus(tb testing.TB, b *bus.Bus) {
	tb.Helper()
	if err := b.Close(); err != nil {
		tb.Error(err)
	}
}

func publish(tb testing.TB, b *bus.Bus, out bus.Out) bus.Ack {
	tb.Helper()
	ack, err := b.Publish(tb.Context(), out)
	if err != nil {
		tb.Fatal(err)
	}
	return ack
}

// asServices connects as the services do, past package bus, to see and change what it declares.
func asServices(tb testing.TB, dir string) jetstream.JetStream {
	tb.Helper()
	logins, err := bus.ReadLogins(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return connect(tb, logins.URL, logins.Services)
}

func connect(tb testing.TB, url string, login bus.Login) jetstream.JetStream {
	tb.Helper()
	nc, err := nats.Connect(url, nats.UserInfo(login.User, login.Password))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		tb.Fatal(err)
	}
	return js
}

func freePort() bus.Config { return bus.Config{Addr: "127.0.0.1:0", Replicas: 3} }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
