package bus_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
)

// logged stores one message in the log of attempts for each byte: its endpoint.
func logged(tb testing.TB, b *bus.Bus, endpoints string) {
	tb.Helper()
	for i, endpoint := range []byte(endpoints) {
		out := bus.Out{Subject: bus.DeliverySubject("demo", "held", string(endpoint), fmt.Sprint(i))}
		var err error
		if i == len(endpoints)-1 || len(endpoints) < 10 {
			_, err = b.Publish(tb.Context(), out) // waits for those before it, too
		} else {
			err = b.Announce(out)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// TestNewest reads backwards through what is dense, rare and absent, page by page, and sees each message once.
func TestNewest(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	// One of r at either end of many d, and in between a burst of b, larger than what the broker hands out at once.
	text := "r" + strings.Repeat("d", 300) + strings.Repeat("b", bus.MaxBatch+200) + strings.Repeat("d", 300)
	logged(t, b, text+"r")
	for _, n := range []int{40, 499} {
		for _, endpoint := range []string{"r", "d", "b", "x", ""} {
			var want, got []uint64
			for i, e := range []byte(text + "r") {
				if endpoint == "" || string(e) == endpoint {
					want = append(want, uint64(i)+1)
				}
			}
			slices.Reverse(want)
			for before := uint64(0); ; {
				page, err := b.Newest(t.Context(), bus.Deliveries, bus.DeliveryFilter("demo", "", endpoint, ""), before, n)
				if err != nil {
					t.Fatal(err)
				}
				if len(page) > n {
					t.Fatalf("%d messages, want at most %d", len(page), n)
				}
				if len(page) == 0 {
					break
				}
				for _, m := range page {
					got = append(got, m.Sequence)
				}
				before = got[len(got)-1]
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q by %d (-want +got):\n%s", endpoint, n, diff)
			}
		}
	}
}

// TestSequenceAt finds the place of a time, also before the first message and after the last.
func TestSequenceAt(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	at := func(when time.Time) uint64 {
		t.Helper()
		sequence, err := b.SequenceAt(t.Context(), bus.Deliveries, when)
		if err != nil {
			t.Fatal(err)
		}
		return sequence
	}
	before := time.Now()
	if got := at(before); got != 1 {
		t.Errorf("in an empty stream it is %d, want 1", got)
	}
	logged(t, b, "ab")
	second, err := b.Next(t.Context(), bus.Deliveries, bus.DeliveryFilter("demo", "", "b", ""), 0)
	if err != nil {
		t.Fatal(err)
	}
	got := []uint64{at(before), at(second.Stored), at(second.Stored.Add(1)), at(time.Now().Add(time.Hour))}
	if diff := cmp.Diff([]uint64{1, 2, 3, 3}, got); diff != "" {
		t.Errorf("sequences (-want +got):\n%s", diff)
	}
}

// TestBucket_List reads the keys of one application, without those that were removed or belong to a longer name.
func TestBucket_List(t *testing.T) {
	t.Parallel()
	b := bustest.Open(t)
	bucket, err := b.Bucket(t.Context(), bus.EndpointBucket)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"demo.a", "demo2.b", "demo.c"} {
		if _, err := bucket.Create(t.Context(), key, []byte(key), 0); err != nil {
			t.Fatal(err)
		}
	}
	for prefix, want := range map[string][]string{"demo.": {"demo.a", "demo.c"}, "none.": nil, "": {"demo.a", "demo2.b", "demo.c"}} {
		list, err := bucket.List(t.Context(), prefix)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, entry := range list {
			got = append(got, string(entry.Value))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", prefix, diff)
		}
	}
}
