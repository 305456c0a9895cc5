package events_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/nats-io/nats.go"

	"github.com/ringback/ringback/events"
)

// A program that sees every result of every application, also those that came while it was not running.
func ExampleSubscribe() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	nc, err := nats.Connect("nats://127.0.0.1:4222", nats.UserCredentials("reader.creds"), nats.MaxReconnects(-1))
	if err != nil {
		log.Print(err)
		return
	}
	defer nc.Close()
	handle := func(_ context.Context, e event.Event) error {
		result, err := events.DecodeResult(e)
		if err != nil {
			return err
		}
		for _, out := range result.Outputs {
			fmt.Println(result.ID, out.ID, out.URL)
		}
		return nil
	}
	err = events.Subscribe(ctx, nc, handle, events.WithDurable("printer"), events.WithFromStart())
	if err != nil {
		log.Print(err)
	}
}

// A program that wakes somebody when an endpoint stops taking notifications, or one of them is given up.
func ExampleSubscribeLive() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	nc, err := nats.Connect("nats://127.0.0.1:4222", nats.UserCredentials("reader.creds"), nats.MaxReconnects(-1))
	if err != nil {
		log.Print(err)
		return
	}
	defer nc.Close()
	page := func(_ context.Context, e event.Event) { fmt.Println(e.Type(), e.Subject(), string(e.Data())) }
	err = events.SubscribeLive(ctx, nc, page, events.WithApplication("shop"),
		events.WithTypes(events.TypeEndpointFailing, events.TypeEndpointDisabled, events.TypeDeliveryExhausted))
	if err != nil {
		log.Print(err)
	}
}

// A message as any NATS client gets it becomes an event, and its data a result.
func ExampleDecode() {
	header := nats.Header{
		"ce-specversion":     {"1.0"},
		"ce-id":              {"06ejw8g5ar00t8a2dynkfbkms4:job.completed"},
		"ce-source":          {"/ringback/shop"},
		"ce-type":            {events.TypeJobCompleted},
		"ce-subject":         {"06ejw8g5ar00t8a2dynkfbkms4"},
		"ce-datacontenttype": {"application/json"},
	}
	body := []byte(`{"id":"06ejw8g5ar00t8a2dynkfbkms4","state":"completed","outputs":[{"id":"thumb","width":150,"height":100}]}`)
	e, err := events.Decode(header, body)
	if err != nil {
		log.Print(err)
		return
	}
	result, err := events.DecodeResult(e)
	if err != nil {
		log.Print(err)
		return
	}
	fmt.Println(e.Source(), result.State, result.Outputs[0].ID, result.Outputs[0].Width)
	// Output: /ringback/shop completed thumb 150
}

// A receiver of postbacks checks the signature before it believes the body.
func ExampleVerifyPostback() {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	at := time.Unix(1614265330, 0)
	body := []byte(`{"test": 2432232314}`)
	header := http.Header{}
	header.Set(events.HeaderID, "msg_p5jXN8AQM9LWM0D4loKWxJek")
	header.Set(events.HeaderTimestamp, "1614265330")
	header.Set(events.HeaderSignature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")

	fmt.Println(events.VerifyPostback([]string{secret}, header, body, at))
	fmt.Println(events.VerifyPostback([]string{secret}, header, []byte("forged"), at))
	// Output:
	// <nil>
	// invalid signature: none in webhook-signature matches
}
