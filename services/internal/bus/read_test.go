package bus_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
)

func TestBucket_GetAll(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	bucket, err := b.Bucket(t.Context(), bus.EndpointBucket)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := bucket.GetAll(t.Context(), []string{"none", "either"}); err != nil || len(got) != 0 {
		t.Errorf("got %v, %v, want nothing", got, err)
	}
	var keys []string
	for i := range bus.MaxKeys {
		keys = append(keys, fmt.Sprintf("app.%d", i))
	}
	for _, key := range []string{keys[3], keys[1000], "app.other"} {
		if _, err := bucket.Create(t.Context(), key, []byte("value of "+key), 0); err != nil {
			t.Fatal(err)
		}
	}
	got, err := bucket.GetAll(t.Context(), keys)
	if err != nil || len(got) != 2 || string(got[keys[3]]) != "value of app.3" || string(got[keys[1000]]) != "value of app.1000" {
		t.Errorf("got %v, %v, want two values", got, err)
	}
	if got, err := bucket.GetAll(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("no keys: got %v, %v", got, err)
	}
	if _, err := bucket.GetAll(t.Context(), append(keys, "app.more")); err == nil {
		t.Error("more keys than the server takes: want an error")
	}
}

func TestNext_WalksOneFilter(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	if end, err := b.End(t.Context(), bus.Events); err != nil || end != 0 {
		t.Errorf("the end of nothing is %d, %v", end, err)
	}
	var want []uint64
	for i := range 6 {
		app := []string{"a", "b"}[i%2]
		ack := publish(t, b, bus.Out{Subject: events.ResultSubject(app, fmt.Sprint(i)), Data: []byte{byte(i)}})
		if app == "b" {
			want = append(want, ack.Sequence)
		}
	}
	if end, err := b.End(t.Context(), bus.Events); err != nil || end != want[2] {
		t.Errorf("the end is %d, %v, want %d", end, err, want[2])
	}
	at := uint64(0)
	for _, sequence := range want {
		message, err := b.Next(t.Context(), bus.Events, events.ResultFilter("b"), at)
		if err != nil || message.Sequence != sequence {
			t.Fatalf("after %d comes %+v, %v, want %d", at, message, err, sequence)
		}
		at = message.Sequence
	}
	if _, err := b.Next(t.Context(), bus.Events, events.ResultFilter("b"), at); !errors.Is(err, bus.ErrNotFound) {
		t.Errorf("after the last: %v, want bus.ErrNotFound", err)
	}
}

func TestMessage_Original(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	got := make(chan *bus.Message, 2)
	stop, err := b.Listen(events.LiveAll, func(m *bus.Message) { got <- m })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	publish(t, b, bus.Out{Subject: events.ResultSubject("a", "0")})
	ack := publish(t, b, bus.Out{Subject: events.ResultSubject("a", "1")})
	<-got
	if stream, sequence, ok := (<-got).Original(); stream != bus.Events || sequence != ack.Sequence || !ok {
		t.Errorf("got %d of %s, %v, want %d of %s", sequence, stream, ok, ack.Sequence, bus.Events)
	}
	if err := b.Announce(bus.Out{Subject: events.LiveProgressSubject("a", "1")}); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := (<-got).Original(); ok {
		t.Error("what was only announced is said to be stored")
	}
}

func TestOldest(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	if got, err := b.Oldest(t.Context(), bus.Parked, bus.HookParked("mine"), 0, 5); err != nil || len(got) != 0 {
		t.Errorf("of nothing: %v, %v", got, err)
	}
	var mine []uint64
	for i := range 10 {
		endpoint := []string{"mine", "yours"}[i%2]
		ack := publish(t, b, bus.Out{Subject: bus.HookParked(endpoint), Data: []byte{byte(i)}})
		if endpoint == "mine" {
			mine = append(mine, ack.Sequence)
		}
	}
	for _, tt := range []struct {
		name string
		from uint64
		n    int
		want []uint64
	}{
		{"FewerThanThereAre", 0, 3, mine[:3]},
		{"MoreThanThereAre", 0, 100, mine},
		{"FromOneOn", mine[2], 2, mine[2:4]},
		{"FromBetween", mine[2] + 1, 100, mine[3:]},
		{"BeyondTheLast", mine[4] + 1, 100, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			list, err := b.Oldest(t.Context(), bus.Parked, bus.HookParked("mine"), tt.from, tt.n)
			var got []uint64
			for _, m := range list {
				got = append(got, m.Sequence)
			}
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	for endpoint, n := range map[string]int{"a": 3, "b": 1} {
		for range n {
			publish(t, b, bus.Out{Subject: bus.HookParked(endpoint)})
		}
	}
	publish(t, b, bus.Out{Subject: bus.HookFirst("a")})
	want := map[string]uint64{bus.HookParked("a"): 3, bus.HookParked("b"): 1}
	if got, err := b.Counts(t.Context(), bus.Parked, bus.HookParkedFilter); err != nil || !maps.Equal(got, want) {
		t.Errorf("counted %v, %v, want %v", got, err, want)
	}
	if got, err := b.Counts(t.Context(), bus.Parked, bus.HookParked("none")); err != nil || len(got) != 0 {
		t.Errorf("counted %v, %v where nothing is", got, err)
	}
}

func TestPending_OfNoConsumer(t *testing.T) {
	t.Parallel()
	if n, err := bustest.Open(t).Pending(t.Context(), bus.Hooks, "nobody"); err == nil {
		t.Errorf("%d are pending of a consumer that does not exist, want an error", n)
	}
}
