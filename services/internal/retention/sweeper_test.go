package retention_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	settings "github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/retention"
	"github.com/ringback/ringback/services/internal/storage/s3test"
	"github.com/ringback/ringback/services/internal/telemetry"
	"github.com/ringback/ringback/services/internal/telemetry/logtest"
)

const day = 24 * time.Hour

// house is a bus and a store, with sweepers over them.
type house struct {
	*testing.T
	bus     *bus.Bus
	store   *blob.Store
	dir     string // "" for a bucket
	metrics *telemetry.Metrics
}

// places are a folder, a bucket in memory, and one of S3.
func places(t *testing.T, story func(h house)) {
	t.Helper()
	for name, address := range map[string]string{"Folder": "", "Memory": "mem://", "S3": "s3://"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(open(t, address))
		})
	}
}

func open(t *testing.T, address string) house {
	t.Helper()
	config := blob.DefaultConfig()
	if address == "s3://" {
		server := s3test.Start(t, "pictures")
		account := server.Account("")
		address = "s3://pictures?prefix=house&region=" + account.Region + "&endpoint=" + server.URL
		config.AccessKeyID, config.SecretAccessKey = settings.Secret(account.AccessKeyID), account.SecretAccessKey
	}
	h := house{T: t, bus: bustest.Open(t), metrics: telemetry.NewMetrics("test")}
	if address == "" {
		h.dir = t.TempDir()
	} else if err := config.URL.UnmarshalText([]byte(address)); err != nil {
		t.Fatal(err)
	}
	store, err := blob.Open(t.Context(), config, h.dir)
	if err != nil {
		t.Fatal(err)
	}
	h.store = store
	t.Cleanup(func() { _ = store.Close() })
	return h
}

func (h house) sweeper(config retention.Config, store retention.Store) *retention.Sweeper {
	h.Helper()
	s, err := retention.New(config, retention.Deps{Bus: h.bus, Store: store, Metrics: h.metrics, Log: logtest.New(h)})
	if err != nil {
		h.Fatal(err)
	}
	return s
}

func (h house) put(keys ...string) {
	h.Helper()
	for _, key := range keys {
		if err := h.store.Put(h.Context(), key, []byte("ten bytes."), "image/png"); err != nil {
			h.Fatal(err)
		}
	}
}

func (h house) round(s *retention.Sweeper, now time.Time) {
	h.Helper()
	if err := s.Round(h.Context(), now); err != nil {
		h.Fatal(err)
	}
}

// expect looks which of the keys are left.
func (h house) expect(when string, left []string, gone ...string) {
	h.Helper()
	for _, key := range append(slices.Clone(left), gone...) {
		_, err := h.store.Stat(h.Context(), key)
		if there := err == nil; there != slices.Contains(left, key) {
			h.Errorf("%s: %s there: %t, %v", when, key, there, err)
		}
	}
}

func TestSweeper_RemovesByAge(t *testing.T) {
	t.Parallel()
	places(t, func(h house) {
		const output, derived, asset = "out/demo/1/large.webp", "derived/demo/a/1/x.jpg", "assets/demo/a/1"
		const aside, chunk, source, made, upload = "quarantine/demo/1", "chunks/demo/ab/0", "sources/demo/1-0", "made/demo/1", "uploads/demo/1-10"
		h.put(output, derived, asset, aside, chunk, source, made, upload)
		s, now := h.sweeper(retention.DefaultConfig(), h.store), time.Now()
		h.round(s, now.Add(day))
		h.expect("after a day", []string{output, derived, asset, aside, chunk, source, made, upload})
		h.round(s, now.Add(2*day+time.Minute))
		h.expect("after two days", []string{output, derived, asset, aside}, chunk, source, made, upload)
		h.round(s, now.Add(31*day))
		h.expect("after a month", []string{output, derived, asset}, aside)
		h.round(s, now.Add(1000*day))
		h.expect("after three years", []string{output, derived, asset})

		answer := httptest.NewRecorder()
		h.metrics.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(h.Context(), "GET", "/metrics", nil))
		for _, line := range []string{`ringback_blobs_removed_total{area="quarantine"} 1`, `ringback_blobs_removed_bytes_total{area="chunks"} 10`} {
			if !strings.Contains(answer.Body.String(), line) {
				h.Errorf("no metric %s", line)
			}
		}
		if h.dir == "" {
			return
		}
		if _, err := os.Stat(filepath.Join(h.dir, aside+"@type")); !errors.Is(err, os.ErrNotExist) {
			h.Errorf("the file with the content type: %v", err)
		}
	})
}

func TestSweeper_KeepsSourcesOfJobsThatWait(t *testing.T) {
	t.Parallel()
	h := open(t, "")
	h.put("sources/demo/waits")
	ack, err := h.bus.Publish(t.Context(), bus.Out{Subject: bus.JobSubject(job.Standard, "demo"), Data: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	s, now := h.sweeper(retention.DefaultConfig(), h.store), time.Now()
	h.round(s, now.Add(10*day))
	h.expect("while the job waits", []string{"sources/demo/waits"})
	if err := h.bus.Trim(t.Context(), bus.Jobs, bus.AllJobs, ack.Sequence+1); err != nil {
		t.Fatal(err)
	}
	h.round(s, now.Add(11*day))
	h.expect("when it does not any more", nil, "sources/demo/waits")
}

// TestSweeper_KeepsUploadsAsLongAsAJobWaits has an upload that is nearly too old when its job comes: the job has all its time.
func TestSweeper_KeepsUploadsAsLongAsAJobWaits(t *testing.T) {
	t.Parallel()
	h := open(t, "")
	c := retention.DefaultConfig()
	h.put("uploads/demo/old-10", "uploads/demo/fresh-10")
	s, accepted := h.sweeper(c, h.store), time.Now()
	if err := os.Chtimes(filepath.Join(h.dir, "uploads/demo/old-10"), time.Time{}, accepted.Add(-c.UploadsUsable())); err != nil {
		t.Fatal(err)
	}
	ack, err := h.bus.Publish(t.Context(), bus.Out{Subject: bus.JobSubject(job.Standard, "demo"), Data: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	h.round(s, accepted.Add(10*day))
	h.expect("while the job waits", []string{"uploads/demo/old-10", "uploads/demo/fresh-10"})
	if err := h.bus.Trim(t.Context(), bus.Jobs, bus.AllJobs, ack.Sequence+1); err != nil {
		t.Fatal(err)
	}
	h.round(s, accepted.Add(11*day))
	h.expect("when it does not any more", nil, "uploads/demo/old-10", "uploads/demo/fresh-10")
}

func TestConfig_UploadsUsable(t *testing.T) {
	t.Parallel()
	c := retention.DefaultConfig()
	if got := c.UploadsUsable(); got != 47*time.Hour {
		t.Errorf("usable for %s", got)
	}
	if c.Uploads = retention.Forever; c.UploadsUsable() < 100*365*day {
		t.Errorf("kept for ever, usable for %s", c.UploadsUsable())
	}
}

func TestSweeper_BoundsARound(t *testing.T) {
	t.Parallel()
	places(t, func(h house) {
		const blobs = blob.MaxList + 200
		for i := range blobs {
			if h.dir == "" {
				h.put(fmt.Sprintf("quarantine/demo/%d/%d", i%7, i))
			} else { // without the syncs
				path := filepath.Join(h.dir, "quarantine", "demo", fmt.Sprint(i%7), fmt.Sprint(i))
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
					h.Fatal(err)
				}
			}
		}
		c := retention.DefaultConfig()
		s, now := h.sweeper(c, h.store), time.Now().Add(31*day)
		for _, step := range []struct {
			after time.Duration
			left  int
		}{{0, 200}, {c.Interval / 2, 200}, {c.Interval, 0}} {
			h.round(s, now.Add(step.after))
			list, _, err := h.store.List(h.Context(), "quarantine/", "", blob.MaxList)
			if err != nil || len(list) != step.left {
				h.Errorf("%s after the first round %d are left, %v; want %d", step.after, len(list), err, step.left)
			}
		}
	})
}

func TestSweeper_RemovesTheOldestOfTooMany(t *testing.T) {
	t.Parallel()
	h := open(t, "")
	now := time.Now()
	var keys []string // the youngest first
	for i := range 10 {
		key := fmt.Sprintf("out/demo/%d/large.webp", 10*i%7*10+i)
		h.put(key)
		at := now.Add(-time.Duration(i) * day).Add(-time.Hour)
		if err := os.Chtimes(filepath.Join(h.dir, key), at, at); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	c := retention.DefaultConfig()
	c.OutputsSize = 45
	s := h.sweeper(c, h.store)
	h.round(s, now)
	h.expect("while it is counted", keys)
	h.round(s, now.Add(c.Interval))
	h.expect("after the second pass", keys[:4], keys[4:]...)
	h.round(s, now.Add(c.Interval+c.Pause))
	h.expect("when there is room", keys[:4])

	c.OutputsSize = 5
	s = h.sweeper(c, h.store)
	now = now.Add(c.Interval + 2*c.Pause)
	h.round(s, now)
	h.round(s, now.Add(c.Interval))
	h.expect("young ones", keys[:1], keys[1:4]...)
}

func TestSweeper_DoesNotOvershoot(t *testing.T) {
	t.Parallel()
	h := open(t, "mem://")
	for i := range 100 { // all of one age
		h.put(fmt.Sprintf("derived/demo/%d", i))
	}
	c := retention.DefaultConfig()
	c.DerivedSize = 705
	s, now := h.sweeper(c, h.store), time.Now().Add(40*day)
	for i := range 5 {
		h.round(s, now.Add(time.Duration(i)*(c.Interval+c.Pause)))
	}
	if list, _, err := h.store.List(t.Context(), "derived/", "", 1000); err != nil || len(list) != 70 {
		t.Errorf("%d are left, %v, want 70", len(list), err)
	}
}

// counting counts the pages that are read, and fails as long as it is told to.
type counting struct {
	retention.Store
	pages atomic.Int64
	fail  atomic.Bool
}

var errBucket = errors.New("the bucket is away")

func (c *counting) List(ctx context.Context, prefix, after string, n int) ([]blob.Listed, string, error) {
	c.pages.Add(1)
	if c.fail.Load() {
		return nil, "", errBucket
	}
	return c.Store.List(ctx, prefix, after, n)
}

func TestSweeper_OneOwnerAtATime(t *testing.T) {
	t.Parallel()
	h := open(t, "mem://")
	store := &counting{Store: h.store}
	now := time.Now()
	for round := range 3 {
		var processes sync.WaitGroup
		for range 8 {
			s := h.sweeper(retention.DefaultConfig(), store)
			processes.Go(func() {
				if err := s.Round(t.Context(), now.Add(time.Duration(round)*day)); err != nil {
					t.Error(err)
				}
			})
		}
		processes.Wait()
		const areas = 5 // those with a limit
		if pages := store.pages.Swap(0); pages != areas {
			t.Errorf("round %d: %d pages were read, want %d", round, pages, areas)
		}
	}
}

func TestSweeper_GoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	h := open(t, "mem://")
	h.put("quarantine/demo/1")
	store := &counting{Store: h.store}
	c := retention.DefaultConfig()
	s, now := h.sweeper(c, store), time.Now().Add(31*day)
	store.fail.Store(true)
	if err := s.Round(t.Context(), now); !errors.Is(err, errBucket) {
		t.Errorf("%v, want what the bucket said", err)
	}
	store.fail.Store(false)
	h.round(s, now.Add(c.Interval))
	h.expect("after the failure", nil, "quarantine/demo/1")
}

func TestSweeper_RunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	h := open(t, "mem://")
	s := h.sweeper(retention.DefaultConfig(), h.store)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ctx); err != nil {
		t.Error(err)
	}
}
