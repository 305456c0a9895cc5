package eventbridge

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// Limits of one PutEvents request.
const (
	// maxEntries is how many entries it may hold.
	maxEntries = 10
	// aloneBytes is what all entries together must stay below: "1 MB" since January 2026, read as the smaller of its two
	// meanings. Only a single large event gets that far.
	aloneBytes = 1_000_000
	// togetherBytes is what events that share a request stay below: the limit of 256 KB that there was before, and that
	// emulators and some partitions of AWS still have. Ten usual events have a tenth of it, so nothing is lost by it.
	togetherBytes = 256_000
	// timeBytes is what AWS counts for the time of an entry.
	timeBytes = 14
)

// event is what is sent.
type event struct {
	Bus, Source, DetailType string
	Time                    time.Time
	Detail                  []byte
	oversize                int // the size of a detail that was left out because of it
}

// size is an entry's size as AWS counts it: 14 bytes for the time, and the bytes in UTF-8 of source, detail-type, detail
// and resources, of which there are none. The name of the bus does not count.
func (e event) size() int {
	return timeBytes + len(e.Source) + len(e.DetailType) + len(e.Detail) + e.oversize
}

func (e event) entry() types.PutEventsRequestEntry {
	return types.PutEventsRequestEntry{
		EventBusName: aws.String(e.Bus), Source: aws.String(e.Source), DetailType: aws.String(e.DetailType),
		Time: aws.Time(e.Time), Detail: aws.String(string(e.Detail)),
	}
}

// requests divides a batch into requests that are small enough, in its order. One that is large goes alone.
func requests(batch []*parcel) [][]*parcel {
	var list [][]*parcel
	room := 0
	for _, p := range batch {
		size := p.event.size()
		if last := len(list) - 1; last >= 0 && len(list[last]) < maxEntries && size < room {
			list[last] = append(list[last], p)
			room -= size
			continue
		}
		list, room = append(list, []*parcel{p}), togetherBytes-size
	}
	return list
}
