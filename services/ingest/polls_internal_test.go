package ingest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/services/internal/application"
)

func TestPolls_ExactlyTheRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolls(5)
		a, b := application.Application{ID: "a"}, application.Application{ID: "b"}
		for i := range 5 {
			if wait := p.ask(a); wait > 0 {
				t.Errorf("question %d has to wait %s", i, wait)
			}
		}
		for range 3 { // who is refused uses nothing up
			if got, want := p.ask(a), 200*time.Millisecond; got != want {
				t.Errorf("the sixth has to wait %s, want %s", got, want)
			}
		}
		if wait := p.ask(b); wait > 0 {
			t.Errorf("another application has to wait %s", wait)
		}
		time.Sleep(200 * time.Millisecond)
		if wait := p.ask(a); wait > 0 {
			t.Errorf("after its wait the question has to wait %s", wait)
		}
		if p.ask(a) == 0 {
			t.Error("one more passes")
		}
		passed := 0
		for range 1000 {
			time.Sleep(10 * time.Millisecond)
			if p.ask(a) == 0 {
				passed++
			}
		}
		if passed != 50 {
			t.Errorf("%d questions passed in 10 s, want 50", passed)
		}
	})
}

func TestPolls_RateOfItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolls(5)
		passes := func(own *float64, times int) (passed int) {
			for range times {
				if p.ask(application.Application{ID: "a", Settings: application.Settings{PollRate: own}}) == 0 {
					passed++
				}
			}
			return passed
		}
		slow, fast := 0.25, 20.0
		if got := passes(&slow, 5); got != 1 {
			t.Errorf("%d pass at a quarter a second, want 1", got)
		}
		time.Sleep(4 * time.Second)
		if got := passes(&slow, 5); got != 1 {
			t.Errorf("%d pass 4 s later, want 1", got)
		}
		if got := passes(&fast, 50); got != 20 {
			t.Errorf("%d pass once the setting is 20, want 20", got)
		}
		if got := passes(nil, 50); got != 5 {
			t.Errorf("%d pass once the setting is gone, want 5", got)
		}
	})
}

func TestPolls_ForgetsWhoIsIdle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPolls(5)
		slow := 0.001
		limited := application.Application{ID: "slow", Settings: application.Settings{PollRate: &slow}}
		p.ask(limited)
		for _, id := range []string{"a", "b", "c"} {
			p.ask(application.Application{ID: id})
		}
		time.Sleep(pollsSweep)
		p.ask(application.Application{ID: "d"})
		if len(p.limits) != 2 {
			t.Errorf("%d limiters are kept, want the one in use and the one that is used up", len(p.limits))
		}
		if p.ask(limited) == 0 {
			t.Error("the sweep gave a used up application new questions")
		}
	})
}
