package bus_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	"github.com/ringback/ringback/services/internal/job"
)

func TestTakeJobs(t *testing.T) {
	t.Parallel()

	t.Run("JobIsHandledOnceAndLeavesTheQueue", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		handled := make(chan string, 10)
		stop := take(t, b, bus.Duty{Tries: 3, Confirm: true, Handle: func(_ context.Context, m *bus.Message) error {
			handled <- string(m.Data)
			return nil
		}})
		for i := range 5 {
			publish(t, b, bus.Out{Subject: bus.JobSubject(job.Standard, fmt.Sprint("app", i)), Data: fmt.Append(nil, i)})
		}
		var got []string
		for range 5 {
			got = append(got, arrived(t, handled))
		}
		stop()
		slices.Sort(got)
		if want := "0 1 2 3 4"; strings.Join(got, " ") != want {
			t.Errorf("handled %v, want %s", got, want)
		}
		for i := range 5 {
			if _, err := b.Last(t.Context(), bus.Jobs, bus.JobSubject(job.Standard, fmt.Sprint("app", i))); !errors.Is(err, bus.ErrNotFound) {
				t.Errorf("job %d is still there: %v", i, err)
			}
		}
	})

	t.Run("FailureIsTriedAgainThenBuriedWithItsReason", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		var tries atomic.Int32
		buried := make(chan error, 1)
		stop := take(t, b, bus.Duty{
			Tries: 2, Kind: "job", Confirm: true,
			Handle: func(context.Context, *bus.Message) error { tries.Add(1); return errors.New("disk is\nupside down") },
			Buried: func(_ context.Context, _ *bus.Message, reason error) error { buried <- reason; return nil },
		})
		dead := make(chan *bus.Message, 1)
		go watchDead(t, b, "job", "demo", dead)
		publish(t, b, bus.Out{Subject: bus.JobSubject(job.High, "demo"), Data: []byte("poison"), Header: bus.Header{"ce-id": {"7"}}})
		if reason := arrived(t, buried); !strings.Contains(reason.Error(), "upside down") {
			t.Errorf("buried for %v", reason)
		}
		m := arrived(t, dead)
		stop()
		if tries.Load() != 2 {
			t.Errorf("tried %d times, want 2", tries.Load())
		}
		if string(m.Data) != "poison" || m.Header.Get("ce-id") != "7" || m.Header.Get("Ringback-Reason") != "disk is upside down" {
			t.Errorf("dead letter %v %q", m.Header, m.Data)
		}
	})

	t.Run("PanicFailsItsMessageAlone", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		handled := make(chan struct{}, 1)
		stop := take(t, b, bus.Duty{Tries: 1, Kind: "job", Handle: func(_ context.Context, m *bus.Message) error {
			if string(m.Data) == "bad" {
				panic("no")
			}
			handled <- struct{}{}
			return nil
		}})
		dead := make(chan *bus.Message, 1)
		go watchDead(t, b, "job", "demo", dead)
		publish(t, b, bus.Out{Subject: bus.JobSubject(job.High, "demo"), Data: []byte("bad")})
		publish(t, b, bus.Out{Subject: bus.JobSubject(job.High, "demo"), Data: []byte("good")})
		arrived(t, handled)
		if m := arrived(t, dead); string(m.Data) != "bad" || m.Header.Get("Ringback-Reason") != "handler panicked: no" {
			t.Errorf("dead letter %v %q, want the message that panicked", m.Header, m.Data)
		}
		stop()
	})

	t.Run("SlowWorkIsNotHandedOutTwice", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		var starts atomic.Int32
		release := make(chan struct{})
		stop := take(t, b, bus.Duty{Tries: 3, Confirm: true, Handle: func(context.Context, *bus.Message) error {
			starts.Add(1)
			<-release
			return nil
		}})
		publish(t, b, bus.Out{Subject: bus.JobSubject(job.High, "slow")})
		<-time.After(7 * time.Second) // longer than the ack wait: only heartbeats keep the job here
		close(release)
		stop()
		if starts.Load() != 1 {
			t.Errorf("handled %d times, want once", starts.Load())
		}
	})

	t.Run("StopGivesUnfinishedWorkBackUncounted", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		begun := make(chan struct{}, 1)
		stop := take(t, b, bus.Duty{Tries: 1, Kind: "job", Handle: func(ctx context.Context, _ *bus.Message) error {
			begun <- struct{}{}
			<-ctx.Done()
			return context.Cause(ctx)
		}})
		publish(t, b, bus.Out{Subject: bus.JobSubject(job.High, "cut"), Data: []byte("again")})
		arrived(t, begun)
		stop()
		handled := make(chan string, 1)
		stop = take(t, b, bus.Duty{Tries: 1, Kind: "job", Handle: func(_ context.Context, m *bus.Message) error {
			handled <- string(m.Data)
			return nil
		}})
		if got := arrived(t, handled); got != "again" {
			t.Errorf("handled %q, want the job that was cut", got)
		}
		stop()
	})
}

// arrived waits for what a test was promised; it does not wait for ever.
func arrived[T any](tb testing.TB, from <-chan T) T {
	tb.Helper()
	select {
	case got := <-from:
		return got
	case <-time.After(time.Minute):
		tb.Fatal("it never came")
		panic("unreachable")
	}
}

func TestTranslate(t *testing.T) {
	t.Parallel()

	t.Run("EveryEventOnceAcrossRestartsAndRivals", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		const total = 300
		for round := range 3 {
			b := open(t, dir)
			for i := range total / 3 {
				publish(t, b, bus.Out{Subject: events.ResultSubject("demo", fmt.Sprint("j", round*100+i)), Data: fmt.Append(nil, round*100+i)})
			}
			ctx, cancel := context.WithCancel(t.Context())
			stops := []func(){start(ctx, t, b), start(ctx, t, b)} // rivals
			waitForHooks(t, b, (round+1)*total/3)
			cancel()
			for _, stop := range stops {
				stop()
			}
			closeBus(t, b)
		}
		b := open(t, dir)
		defer closeBus(t, b)
		seen := hooks(t, b)
		for i := range total {
			if seen[fmt.Sprint(i)] != 1 {
				t.Errorf("event %d was translated %d times", i, seen[fmt.Sprint(i)])
			}
		}
	})

	t.Run("LostReaderIsMadeAnew", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		b := open(t, dir)
		defer closeBus(t, b)
		ctx, cancel := context.WithCancel(t.Context())
		wait := start(ctx, t, b)
		for i := range 3 { // as when the server dies that the reader is on
			publish(t, b, bus.Out{Subject: events.ResultSubject("demo", fmt.Sprint("j", i)), Data: fmt.Append(nil, i)})
			waitForHooks(t, b, i+1)
			if err := asServices(t, dir).DeleteConsumer(t.Context(), bus.Events, bus.PostbackReader); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		wait()
		for body, times := range hooks(t, b) {
			if times != 1 {
				t.Errorf("event %s was translated %d times", body, times)
			}
		}
	})

	t.Run("FailureKeepsTheOrder", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		for i := range 3 {
			publish(t, b, bus.Out{Subject: events.ResultSubject("demo", fmt.Sprint("j", i)), Data: fmt.Append(nil, i)})
		}
		var order []string
		finished := make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		failed := false
		go func() {
			_ = b.Translate(ctx, translation(func(_ context.Context, m *bus.Message) ([]bus.Out, error) {
				if string(m.Data) == "1" && !failed {
					failed = true
					return nil, bus.Later(errors.New("not yet"), time.Millisecond)
				}
				order = append(order, string(m.Data))
				if string(m.Data) == "2" {
					close(finished)
				}
				return nil, nil
			}))
		}()
		arrived(t, finished)
		if got := strings.Join(order, " "); got != "0 1 2" || !failed {
			t.Errorf("translated %q (failed once: %v), want 0 1 2", got, failed)
		}
	})

	t.Run("RejectedEventIsBuriedAndSkipped", func(t *testing.T) {
		t.Parallel()
		b := bustest.Open(t)
		publish(t, b, bus.Out{Subject: events.ResultSubject("demo", "bad"), Data: []byte("bad")})
		publish(t, b, bus.Out{Subject: events.ResultSubject("demo", "good"), Data: []byte("good")})
		good := make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			_ = b.Translate(ctx, translation(func(_ context.Context, m *bus.Message) ([]bus.Out, error) {
				if string(m.Data) == "bad" {
					return nil, bus.Reject(errors.New("not an event"))
				}
				close(good)
				return nil, nil
			}))
		}()
		arrived(t, good)
		m, err := b.Last(t.Context(), bus.Dead, bus.DeadSubject("event", "demo"))
		if err != nil || m.Header.Get("Ringback-Reason") != "not an event" {
			t.Errorf("dead letter %+v, %v", m, err)
		}
	})
}

func TestReaderSeesNoRecord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, dir)
	defer closeBus(t, b)
	publish(t, b, bus.Out{Subject: bus.RecordSubject("demo", "j1"), Data: []byte("sealed")})
	publish(t, b, bus.Out{Subject: events.ResultSubject("demo", "j1"), Data: []byte("{}")})
	logins, err := bus.ReadLogins(dir)
	if err != nil {
		t.Fatal(err)
	}
	js := connect(t, logins.URL, logins.Reader)

	t.Run("ReadsResults", func(t *testing.T) {
		consumer, err := js.CreateConsumer(t.Context(), bus.Events, jetstream.ConsumerConfig{FilterSubject: "ringback.evt.demo.>"})
		if err != nil {
			t.Fatal(err)
		}
		msg, err := consumer.Next()
		if err != nil || string(msg.Data()) != "{}" {
			t.Errorf("read %v, %v; want the result", msg, err)
		}
	})

	t.Run("HearsOfEndpoints", func(t *testing.T) {
		sub, err := js.Conn().SubscribeSync(events.LiveEndpointFilter("demo"))
		if err == nil {
			err = js.Conn().Flush()
		}
		if err != nil {
			t.Fatal(err)
		}
		publish(t, b, bus.Out{Subject: bus.OperatorSubject("demo", "e1"), Data: []byte("{}")})
		if msg, err := sub.NextMsg(5 * time.Second); err != nil || msg.Subject != events.LiveEndpointSubject("demo", "e1") {
			t.Errorf("heard %v, %v", msg, err)
		}
	})

	// Each is refused under the name of the subject that the server does not let the reader use. What is asked may also
	// fail because there is no answer, so the error alone says nothing.
	refused := map[string]struct {
		subject string
		ask     func(context.Context) error
	}{
		"RecordsByFilter": {"$JS.API.CONSUMER.CREATE." + bus.Events, func(ctx context.Context) error {
			_, err := js.CreateConsumer(ctx, bus.Events, jetstream.ConsumerConfig{FilterSubject: "ringback.prv.>"})
			return err
		}},
		"RecordsWithoutFilter": {"$JS.API.CONSUMER.CREATE." + bus.Events, func(ctx context.Context) error {
			_, err := js.CreateConsumer(ctx, bus.Events, jetstream.ConsumerConfig{})
			return err
		}},
		"RecordsByMessage": {".GET." + bus.Events, func(ctx context.Context) error {
			s, err := js.Stream(ctx, bus.Events)
			if err != nil {
				return nil
			}
			_, err = s.GetLastMsgForSubject(ctx, bus.RecordSubject("demo", "j1"))
			return err
		}},
		"Applications": {".GET.KV_" + bus.ApplicationBucket, func(ctx context.Context) error {
			kv, err := js.KeyValue(ctx, bus.ApplicationBucket)
			if err != nil {
				return nil
			}
			_, err = kv.Get(ctx, "demo")
			return err
		}},
		"Writing": {"ringback.evt.demo", func(ctx context.Context) error {
			_, err := js.Publish(ctx, events.ResultSubject("demo", "j2"), nil)
			return err
		}},
		"TellingOperators": {"ringback.opr.demo", func(ctx context.Context) error {
			_, err := js.Publish(ctx, bus.OperatorSubject("demo", "e1"), nil)
			return err
		}},
		"ForgingLive": {"ringback.live.demo.endpoint", func(ctx context.Context) error {
			_, err := js.Publish(ctx, events.LiveEndpointSubject("demo", "e1"), nil)
			return err
		}},
		"Attempts": {"$JS.API.CONSUMER.CREATE." + bus.Deliveries, func(ctx context.Context) error {
			_, err := js.CreateConsumer(ctx, bus.Deliveries, jetstream.ConsumerConfig{FilterSubject: "ringback.dlv.>"})
			return err
		}},
		"Deleting": {"$JS.API.STREAM.DELETE." + bus.Events, func(ctx context.Context) error { return js.DeleteStream(ctx, bus.Events) }},
		"Answers":  {"_RINGBACK_INBOX.>", listening(js.Conn(), "_RINGBACK_INBOX.>")},
		"Jobs":     {"ringback.job.>", listening(js.Conn(), "ringback.job.>")},
	}
	for name, row := range refused {
		t.Run(name, func(t *testing.T) {
			said := make(chan error, 8)
			js.Conn().SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { said <- err })
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			if err := row.ask(ctx); err == nil {
				t.Fatal("was allowed")
			}
			select {
			case err := <-said:
				if !errors.Is(err, nats.ErrPermissionViolation) || !strings.Contains(err.Error(), row.subject) {
					t.Errorf("the server said %v, want that %s is not permitted", err, row.subject)
				}
			case <-time.After(time.Minute):
				t.Error("the server refused nothing")
			}
		})
	}
}

// listening subscribes and waits for a message.
func listening(nc *nats.Conn, subject string) func(context.Context) error {
	return func(ctx context.Context) error {
		sub, err := nc.SubscribeSync(subject)
		if err == nil {
			_, err = sub.NextMsgWithContext(ctx)
		}
		return err
	}
}

func take(tb testing.TB, b *bus.Bus, duty bus.Duty) (stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	finished := make(chan error, 1)
	go func() { finished <- b.TakeJobs(ctx, 2, duty) }()
	return func() {
		cancel()
		if err := arrived(tb, finished); err != nil {
			tb.Error(err)
		}
	}
}

func watchDead(tb testing.TB, b *bus.Bus, kind, application string, dead chan<- *bus.Message) {
	tb.Helper()
	for tb.Context().Err() == nil {
		if m, err := b.Last(tb.Context(), bus.Dead, bus.DeadSubject(kind, application)); err == nil {
			dead <- m
			return
		}
	}
}

func translation(translate func(context.Context, *bus.Message) ([]bus.Out, error)) bus.Translation {
	return bus.Translation{
		Stream: bus.Events, Filters: bus.Results(), Reader: bus.PostbackReader, Target: bus.Hooks, Cursor: bus.HookCursor,
		Kind: "event", Translate: translate,
	}
}

// start runs a translator that makes one delivery of each event.
func start(ctx context.Context, tb testing.TB, b *bus.Bus) (wait func()) {
	tb.Helper()
	finished := make(chan error, 1)
	go func() {
		finished <- b.Translate(ctx, translation(func(_ context.Context, m *bus.Message) ([]bus.Out, error) {
			return []bus.Out{{Subject: bus.HookFirst("endpoint"), Data: m.Data, ID: "delivery of " + string(m.Data)}}, nil
		}))
	}()
	return func() {
		if err := arrived(tb, finished); err != nil {
			tb.Error(err)
		}
	}
}

func waitForHooks(tb testing.TB, b *bus.Bus, want int) {
	tb.Helper()
	for {
		if total := len(hooks(tb, b)); total >= want {
			return
		}
		if tb.Context().Err() != nil {
			tb.Fatal("the test ended first")
		}
	}
}

// hooks counts the deliveries in the stream by their body.
func hooks(tb testing.TB, b *bus.Bus) map[string]int {
	tb.Helper()
	seen := map[string]int{}
	err := b.Scan(tb.Context(), bus.Hooks, bus.HookFirst("endpoint"), func(m *bus.Message) error {
		seen[string(m.Data)]++
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return seen
}
