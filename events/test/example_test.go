package test_test

import (
	"context"
	"fmt"
	"os"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/ringback/ringback/events"
)

// Example stores the result of a job, as Ringback does, and then subscribes to it, as a program does that was not running
// at the time.
func Example() {
	if err := example(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output: job1 completed: thumb at http://localhost:8080/files/thumb.jpg
}

func example(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	broker, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: folder, NoLog: true, NoSigs: true,
	})
	if err != nil {
		return err
	}
	broker.Start()
	defer broker.Shutdown()
	nc, err := nats.Connect("", nats.InProcessServer(broker))
	if err != nil {
		return err
	}
	defer nc.Close()
	if err := storeResult(ctx, nc); err != nil {
		return err
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return events.Subscribe(ctx, nc, func(_ context.Context, e event.Event) error {
		defer cancel() // one is enough for an example
		result, err := events.DecodeResult(e)
		if err != nil {
			return err
		}
		fmt.Printf("%s %s: %s at %s\n", result.ID, result.State, result.Outputs[0].ID, result.Outputs[0].URL)
		return nil
	}, events.WithDurable("printer"), events.WithFromStart())
}

func storeResult(ctx context.Context, nc *nats.Conn) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	filter := []string{events.ResultFilter("")}
	if _, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: events.Stream, Subjects: filter}); err != nil {
		return err
	}
	e, err := events.New(events.TypeJobCompleted, "/ringback/example", "job1", events.Result{
		ID: "job1", State: events.StateCompleted,
		Outputs: []events.Output{{ID: "thumb", URL: "http://localhost:8080/files/thumb.jpg"}},
	})
	if err != nil {
		return err
	}
	msg, err := events.Encode(events.ResultSubject("shop", "job1"), e)
	if err != nil {
		return err
	}
	_, err = js.PublishMsg(ctx, msg)
	return err
}
