package ingest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback/ringback/services/internal/job"
)

func TestBars_DemoteAboveTheRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBars(2) // and one at once
		for i, want := range []job.Class{job.Standard, job.Standard, job.Standard, job.Bulk} {
			if got := b.class("a", job.Standard); got != want {
				t.Errorf("job %d is %s, want %s", i, got, want)
			}
		}
		if got := b.class("a", job.High); got != job.High {
			t.Errorf("a high job became %s: the client pays for it in its own share", got)
		}
		if got := b.class("b", job.Standard); got != job.Standard {
			t.Errorf("another application's job became %s", got)
		}
		time.Sleep(time.Second)
		if got := b.class("a", job.Standard); got != job.Standard {
			t.Errorf("after a second the job is %s, want std", got)
		}
	})
}

func TestBars_BarForRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBars(1)
		b.bar("a", job.Standard)
		for _, free := range []struct {
			application string
			class       job.Class
		}{{"a", job.Bulk}, {"b", job.Standard}} {
			if b.barred(free.application, free.class) {
				t.Errorf("%v is barred, too", free)
			}
		}
		time.Sleep(retryAfter)
		if !b.barred("a", job.Standard) {
			t.Error("free before its Retry-After is over")
		}
		time.Sleep(time.Nanosecond)
		if b.barred("a", job.Standard) || len(b.until) > 0 {
			t.Error("barred for longer than was said")
		}
	})
}
