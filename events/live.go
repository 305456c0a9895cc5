package events

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/nats-io/nats.go"
)

// LiveHandler sees one live event. There is no second chance, so it returns nothing.
type LiveHandler func(ctx context.Context, e event.Event)

// SubscribeLive hands every live event to handle, one after another, until ctx ends, and then returns nil. Live events
// tell what happens as it happens: accepted, progress, results, media, and the
// troubles of endpoints. What is sent while the connection is down, or
// faster than handle takes it, is lost: [Subscribe] is for those who must not miss a result. Of the options
// [WithApplication] and [WithTypes] apply; any other is [ErrInvalidOption]. It also fails when nc is closed or its user
// may not listen.
func SubscribeLive(ctx context.Context, nc *nats.Conn, handle LiveHandler, opts ...Option) error {
	o, err := newOptions(opts)
	if err != nil {
		return err
	}
	if len(o.stored) > 0 {
		return fmt.Errorf("%w: %s is for stored events", ErrInvalidOption, strings.Join(o.stored, ", "))
	}
	sub, err := nc.SubscribeSync(LiveFilter(o.application))
	if err != nil {
		return fmt.Errorf("subscribe to live events: %w", err)
	}
	defer func() { _ = sub.Unsubscribe() }() // the connection may be gone, and the subscription with it
	for {
		msg, err := sub.NextMsgWithContext(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, nats.ErrSlowConsumer):
			continue // some were lost, as promised
		case err != nil:
			return fmt.Errorf("read live events: %w", err)
		}
		if e, err := Decode(msg.Header, msg.Data); err == nil && o.wants(e.Type()) {
			handle(ctx, e)
		}
	}
}
