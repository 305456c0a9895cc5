package eventbridge

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestBrake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBrake()
		waited := func() time.Duration {
			begun := time.Now()
			if err := b.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			return time.Since(begun)
		}
		within := func(what string, least time.Duration) {
			t.Helper()
			if got := waited(); got < least || got > 2*least {
				t.Errorf("%s: waited %s, want %s to twice that", what, got, least)
			}
		}
		within("at first", 0)
		b.note(true)
		b.note(true) // was under way at the same time
		within("throttled once", firstBrake)
		b.note(true)
		within("throttled again", 2*firstBrake)
		b.note(false)
		within("after a request that went well", 0)
		b.note(true)
		within("throttled after it", 2*firstBrake)
		for range 20 {
			b.note(true)
			waited()
		}
		b.note(true)
		within("throttled many times", longestBrake)

		b.note(true)
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("stop")
		cancel(why)
		if err := b.wait(ctx); !errors.Is(err, why) {
			t.Errorf("a stop ended the wait with %v", err)
		}
	})
}

func TestRequests(t *testing.T) {
	t.Parallel()
	of := func(sizes ...int) (batch []*parcel) {
		for _, size := range sizes {
			batch = append(batch, &parcel{event: event{Detail: make([]byte, size-timeBytes-3), Source: "a", DetailType: "ü"}})
		}
		return batch
	}
	for _, tt := range []struct {
		name  string
		batch []*parcel
		want  []int
	}{
		{"Nothing", nil, nil},
		{"TenSmall", of(100, 100, 100, 100, 100, 100, 100, 100, 100, 100), []int{10}},
		{"ElevenSmall", of(100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100), []int{10, 1}},
		{"OneByteBelowTheLimit", of(togetherBytes-101, 100), []int{2}},
		{"AtTheLimit", of(togetherBytes-100, 100), []int{1, 1}},
		{"LargeGoesAlone", of(100, 900_000, 100, 100), []int{1, 1, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []int
			for _, request := range requests(tt.batch) {
				got = append(got, len(request))
			}
			if len(got) != len(tt.want) {
				t.Fatalf("requests of %v, want %v", got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("requests of %v, want %v", got, tt.want)
				}
			}
		})
	}
}
