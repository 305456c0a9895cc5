package test_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/ringback/ringback/events"
)

// patience bounds every wait for something that is going to happen.
const patience = time.Minute

// broker is an embedded server that can be restarted at its address and with its data.
type broker struct {
	t    *testing.T
	opts server.Options
	*server.Server
}

func startBroker(t *testing.T, change func(*server.Options)) *broker {
	t.Helper()
	b := &broker{t: t, opts: server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
	}}
	if change != nil {
		change(&b.opts)
	}
	b.start()
	t.Cleanup(b.stop)
	b.opts.Port = b.Addr().(*net.TCPAddr).Port
	return b
}

func (b *broker) start() {
	b.t.Helper()
	opts := b.opts
	s, err := server.NewServer(&opts)
	if err != nil {
		b.t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		b.t.Fatal("the broker does not start")
	}
	b.Server = s
}

func (b *broker) stop() {
	b.Shutdown()
	b.WaitForShutdown()
}

func (b *broker) connect(opts ...nats.Option) *nats.Conn {
	b.t.Helper()
	opts = append([]nats.Option{nats.MaxReconnects(-1), nats.ReconnectWait(20 * time.Millisecond)}, opts...)
	nc, err := nats.Connect(b.ClientURL(), opts...)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(nc.Close)
	return nc
}

// stream makes the stream of results as Ringback does.
func stream(t *testing.T, nc *nats.Conn) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{
		Name: events.Stream, Subjects: []string{events.Prefix + ".evt.>"},
		RePublish: &jetstream.RePublish{Source: events.Prefix + ".evt.>", Destination: events.Prefix + ".live.>"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// publish stores the result of a job.
func publish(t *testing.T, js jetstream.JetStream, application, job string, state events.State) {
	t.Helper()
	e, err := events.New(state.Type(), "/ringback/test", job, events.Result{ID: job, State: state, Outputs: []events.Output{}})
	if err != nil {
		t.Fatal(err)
	}
	msg, err := events.Encode(events.ResultSubject(application, job), e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.PublishMsg(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
}

// subscriber runs [events.Subscribe] and shows what its handler sees.
type subscriber struct {
	t      *testing.T
	seen   chan event.Event
	ended  chan error
	cancel context.CancelFunc
}

func subscribe(t *testing.T, nc *nats.Conn, verdict func(event.Event) error, opts ...events.Option) *subscriber {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &subscriber{t: t, seen: make(chan event.Event, 100), ended: make(chan error, 1), cancel: cancel}
	go func() {
		s.ended <- events.Subscribe(ctx, nc, func(_ context.Context, e event.Event) error {
			s.seen <- e
			if verdict == nil {
				return nil
			}
			return verdict(e)
		}, opts...)
	}()
	t.Cleanup(cancel)
	return s
}

// next is the job of the next event.
func (s *subscriber) next() string {
	s.t.Helper()
	select {
	case e := <-s.seen:
		return e.Subject()
	case err := <-s.ended:
		s.t.Fatalf("the subscription ended: %v", err)
	case <-time.After(patience):
		s.t.Fatal("no event")
	}
	return ""
}

func (s *subscriber) stop() error {
	s.cancel()
	return s.result()
}

func (s *subscriber) result() error {
	s.t.Helper()
	select {
	case err := <-s.ended:
		return err
	case <-time.After(patience):
		s.t.Fatal("the subscription does not end")
		return nil
	}
}
