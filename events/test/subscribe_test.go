package test_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/ringback/ringback/events"
)

func TestSubscribe_FromStartInOrder(t *testing.T) {
	t.Parallel()
	nc := startBroker(t, nil).connect()
	js := stream(t, nc)
	want := []string{"job1", "job2", "job3"}
	publish(t, js, "a.b shop", want[0], events.StateCompleted)
	publish(t, js, "other", want[1], events.StateFailed)
	s := subscribe(t, nc, nil, events.WithFromStart())
	got := []string{s.next(), s.next()}
	publish(t, js, "other", want[2], events.StatePartial)
	got = append(got, s.next())
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("jobs (-want +got):\n%s", diff)
	}
	if err := s.stop(); err != nil {
		t.Errorf("ended with %v, want nil", err)
	}
}

func TestSubscribe_Filters(t *testing.T) {
	t.Parallel()
	nc := startBroker(t, nil).connect()
	js := stream(t, nc)
	middle := time.Now()
	publish(t, js, "a.b", "completed", events.StateCompleted)
	publish(t, js, "x", "stranger", events.StateFailed)
	publish(t, js, "a.b", "failed", events.StateFailed)
	tests := map[string]struct {
		opts []events.Option
		want string
	}{
		"Application": {[]events.Option{events.WithFromStart(), events.WithApplication("x")}, "stranger"},
		"Types":       {[]events.Option{events.WithFromStart(), events.WithTypes(events.TypeJobFailed)}, "stranger"},
		"Both": {[]events.Option{
			events.WithFromStart(), events.WithApplication("a.b"), events.WithTypes(events.TypeJobPartial, events.TypeJobFailed),
		}, "failed"},
		"Since": {[]events.Option{events.WithSince(middle)}, "completed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := subscribe(t, nc, nil, tt.opts...).next(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSubscribe_TriesAgainAfterAnError(t *testing.T) {
	t.Parallel()
	nc := startBroker(t, nil).connect()
	js := stream(t, nc)
	var calls atomic.Int32
	s := subscribe(t, nc, func(event.Event) error {
		if calls.Add(1) == 1 {
			return errors.New("not today")
		}
		return nil
	}, events.WithFromStart(), events.WithDurable("again"))
	publish(t, js, "a", "job1", events.StateCompleted)
	if first, second := s.next(), s.next(); first != "job1" || second != "job1" {
		t.Errorf("got %s and %s, want job1 twice", first, second)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	// What was handled is not handed out to the next program of the name.
	publish(t, js, "a", "job2", events.StateCompleted)
	if got := subscribe(t, nc, nil, events.WithDurable("again")).next(); got != "job2" {
		t.Errorf("got %s, want job2", got)
	}
}

func TestSubscribe_DurableGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	nc := startBroker(t, nil).connect()
	js := stream(t, nc)
	publish(t, js, "a", "job1", events.StateCompleted)
	s := subscribe(t, nc, nil, events.WithDurable("d"), events.WithFromStart())
	s.next()
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	publish(t, js, "a", "job2", events.StateCompleted)
	// Another place to begin from and another ack wait: the name counts.
	s = subscribe(t, nc, nil, events.WithDurable("d"), events.WithSince(time.Now().Add(time.Hour)), events.WithAckWait(time.Second))
	if got := s.next(); got != "job2" {
		t.Errorf("got %s, want job2", got)
	}
}

func TestSubscribe_SurvivesARestartOfTheBroker(t *testing.T) {
	t.Parallel()
	b := startBroker(t, nil)
	reconnected := make(chan struct{}, 10)
	nc := b.connect(nats.ReconnectHandler(func(*nats.Conn) { reconnected <- struct{}{} }))
	js := stream(t, nc)
	s := subscribe(t, nc, nil, events.WithDurable("d"), events.WithFromStart())
	publish(t, js, "a", "job1", events.StateCompleted)
	if got := s.next(); got != "job1" {
		t.Fatalf("got %s, want job1", got)
	}
	b.stop()
	b.start()
	select {
	case <-reconnected:
	case <-time.After(patience):
		t.Fatal("the client does not come back")
	}
	publish(t, js, "a", "job2", events.StateCompleted)
	for got := s.next(); got != "job2"; got = s.next() {
		if got != "job1" { // its ack may have been lost with the broker
			t.Fatalf("got %s, want job2", got)
		}
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
}

// TestSubscribe_SlowHandlerKeepsItsEvent holds a handler for longer than the ack wait, measured by its own signs of life.
func TestSubscribe_SlowHandlerKeepsItsEvent(t *testing.T) {
	t.Parallel()
	nc := startBroker(t, nil).connect()
	js := stream(t, nc)
	signs, err := nc.SubscribeSync("$JS.ACK." + events.Stream + ".slow.>")
	if err != nil {
		t.Fatal(err)
	}
	var calls atomic.Int32
	s := subscribe(t, nc, func(event.Event) error {
		calls.Add(1)
		for range 5 { // at a third of the ack wait each
			if msg, err := signs.NextMsg(patience); err != nil || string(msg.Data) != "+WPI" {
				return errors.New("no sign of life")
			}
		}
		return nil
	}, events.WithDurable("slow"), events.WithFromStart(), events.WithAckWait(300*time.Millisecond))
	publish(t, js, "a", "job1", events.StateCompleted)
	publish(t, js, "a", "job2", events.StateCompleted)
	if first, second := s.next(), s.next(); first != "job1" || second != "job2" || calls.Load() != 2 {
		t.Errorf("got %s, %s in %d calls", first, second, calls.Load())
	}
}

func TestSubscribe_MaxInFlight(t *testing.T) {
	t.Parallel()
	nc := startBroker(t, nil).connect()
	js := stream(t, nc)
	for _, job := range []string{"job1", "job2", "job3"} {
		publish(t, js, "a", job, events.StateCompleted)
	}
	release := make(chan struct{})
	s := subscribe(t, nc, func(event.Event) error { <-release; return nil }, events.WithFromStart(), events.WithMaxInFlight(2))
	s.next()
	s.next()
	select {
	case e := <-s.seen:
		t.Errorf("%s is a third in flight", e.Subject())
	default:
	}
	close(release)
	s.next()
}

func TestSubscribe_ShutdownHandsBackAtOnce(t *testing.T) {
	t.Parallel()
	nc := startBroker(t, nil).connect()
	js := stream(t, nc)
	publish(t, js, "a", "job1", events.StateCompleted)
	ctx, cancel := context.WithCancel(t.Context())
	err := events.Subscribe(ctx, nc, func(ctx context.Context, _ event.Event) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	}, events.WithDurable("d"), events.WithFromStart())
	if err != nil {
		t.Fatalf("ended with %v, want nil", err)
	}
	// The default ack wait is longer than the patience of this test.
	if got := subscribe(t, nc, nil, events.WithDurable("d")).next(); got != "job1" {
		t.Errorf("got %s, want job1", got)
	}
}

func TestSubscribe_SkipsWhatIsNoEvent(t *testing.T) {
	t.Parallel()
	nc := startBroker(t, nil).connect()
	js := stream(t, nc)
	if _, err := js.Publish(t.Context(), events.ResultSubject("a", "junk"), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	publish(t, js, "a", "job1", events.StateCompleted)
	if got := subscribe(t, nc, nil, events.WithFromStart()).next(); got != "job1" {
		t.Errorf("got %s, want job1", got)
	}
}

func TestSubscribe_PermanentErrors(t *testing.T) {
	t.Parallel()
	nc := startBroker(t, nil).connect()
	if err := subscribe(t, nc, nil).result(); err == nil || !strings.Contains(err.Error(), "stream not found") {
		t.Errorf("got %v, want that the stream is missing", err)
	}
	js := stream(t, nc)
	s := subscribe(t, nc, nil, events.WithDurable("d"), events.WithFromStart())
	publish(t, js, "a", "job1", events.StateCompleted)
	s.next()
	if err := js.DeleteConsumer(t.Context(), events.Stream, "d"); err != nil {
		t.Fatal(err)
	}
	// Which of the two depends on whether a pull request was open at that moment.
	err := s.result()
	if !errors.Is(err, jetstream.ErrConsumerDeleted) && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		t.Errorf("got %v, want that the consumer is gone", err)
	}
	nc.Close()
	if err := subscribe(t, nc, nil).result(); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("got %v, want that the connection is closed", err)
	}
}

func TestSubscribe_InvalidOptions(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]events.Option{
		"EmptyName":       {events.WithDurable("")},
		"NameWithDot":     {events.WithDurable("a.b")},
		"LongName":        {events.WithDurable(strings.Repeat("a", 201))},
		"NoApplication":   {events.WithApplication("")},
		"NoTypes":         {events.WithTypes()},
		"EmptyType":       {events.WithTypes("")},
		"ZeroTime":        {events.WithSince(time.Time{})},
		"TwoStarts":       {events.WithFromStart(), events.WithSince(time.Now())},
		"ShortAckWait":    {events.WithAckWait(time.Millisecond)},
		"NoneInFlight":    {events.WithMaxInFlight(0)},
		"TooManyInFlight": {events.WithMaxInFlight(251)},
	} {
		if err := events.Subscribe(t.Context(), nil, nil, opts...); !errors.Is(err, events.ErrInvalidOption) {
			t.Errorf("%s: got %v, want ErrInvalidOption", name, err)
		}
	}
	if err := events.SubscribeLive(t.Context(), nil, nil, events.WithDurable("d")); !errors.Is(err, events.ErrInvalidOption) {
		t.Errorf("live with a name: got %v, want ErrInvalidOption", err)
	}
}

// TestSubscribe_NeedsOnlyWhatItsCommentSays gives a user the documented permissions and nothing else.
func TestSubscribe_NeedsOnlyWhatItsCommentSays(t *testing.T) {
	t.Parallel()
	api := "$JS.API.CONSUMER."
	b := startBroker(t, func(o *server.Options) {
		o.Users = []*server.User{
			{Username: "service", Password: "s"},
			{Username: "reader", Password: "r", Permissions: &server.Permissions{
				Publish: &server.SubjectPermission{Allow: []string{
					api + "CREATE." + events.Stream + ".mine." + events.ResultFilter("a"),
					api + "MSG.NEXT." + events.Stream + ".mine", "$JS.ACK." + events.Stream + ".mine.>",
				}},
				Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX.>"}},
			}},
		}
	})
	js := stream(t, b.connect(nats.UserInfo("service", "s")))
	publish(t, js, "a", "job1", events.StateCompleted)
	reader := b.connect(nats.UserInfo("reader", "r"))
	for _, want := range []string{"job1", "job2"} {
		s := subscribe(t, reader, nil, events.WithDurable("mine"), events.WithApplication("a"), events.WithFromStart())
		if got := s.next(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		publish(t, js, "a", "job2", events.StateCompleted)
	}
}
