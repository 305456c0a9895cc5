package postback

import (
	"container/list"
	"context"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/outbound"
)

// item is a delivery in the hands of the lane's owner: waiting for its turn, or in progress.
type item struct {
	message  *bus.Message
	endpoint *endpoint
	address  string
	// url is where the delivery goes, as soon as it was opened.
	url string
	// since is when the delivery came into these hands.
	since time.Time
	late  bool
	// replay names the replay that the delivery belongs to, if any: such deliveries pass breakers and pauses, and their
	// outcome says nothing about the endpoint.
	replay string
	// probe tells that the delivery is tried to see whether its endpoint is back; it stays parked until it is taken.
	probe bool
	// work ends when what is in progress has to end.
	work context.Context //nolint:containedctx // the attempt is begun by whoever has a free place
	// attempted is what came of the attempt that put the delivery on hold, if one did.
	attempted *outbound.Attempt
	// settle tells the bus what became of the delivery.
	settle func(error)
	// giveBack lets somebody else have it.
	giveBack func()

	// noted, if set, is closed once the endpoint's health has taken in how the attempt went.
	noted chan struct{}

	// Of attempts in progress.
	begun     time.Time
	cut       context.CancelCauseFunc
	lingering bool
	// pressed tells that the attempt was cut because others waited for its place.
	pressed bool
	place   *list.Element
}
