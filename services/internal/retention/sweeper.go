package retention

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/telemetry"
)

const (
	// pageSize bounds the work of a round in one area, and deletions those that are under way at a time.
	pageSize  = blob.MaxList
	deletions = 8
	// roundTime is how long a round in one area may take, and claimTime how long nobody else begins one: longer, so that a
	// process which stands still in between has lost its time before another begins.
	roundTime = 5 * time.Minute
	claimTime = 10 * time.Minute
)

// Store is where the pictures are.
type Store interface {
	List(ctx context.Context, prefix, after string, n int) (list []blob.Listed, next string, err error)
	Delete(ctx context.Context, key string) error
}

// Deps is what the sweeper works with.
type Deps struct {
	Bus     *bus.Bus
	Store   Store
	Metrics *telemetry.Metrics
	Log     *slog.Logger
}

// Sweeper removes pictures. Any number of processes may have one.
type Sweeper struct {
	config Config
	deps   Deps
	areas  []area
}

// area is a folder of the store with a rule of its own.
type area struct {
	name string // also that of the folder, and the key of its record
	age  Age
	size Size
	// ofJobs is whether a job that waits may need what lies here.
	ofJobs bool
}

// New makes a sweeper; it fails on a config that cannot work.
func New(config Config, deps Deps) (*Sweeper, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	s := &Sweeper{config: config, deps: deps}
	for _, a := range []area{
		{name: "quarantine", age: config.Quarantine, size: config.QuarantineSize},
		{name: "chunks", age: config.Uploads, size: Unlimited},
		{name: "sources", age: config.Uploads, size: Unlimited, ofJobs: true},
		{name: "made", age: config.Uploads, size: Unlimited, ofJobs: true},
		{name: "uploads", age: config.Uploads, size: Unlimited, ofJobs: true},
		{name: "derived", age: config.Derived, size: config.DerivedSize},
		{name: "out", age: config.Outputs, size: config.OutputsSize},
	} {
		if a.age != Forever || a.size != Unlimited {
			s.areas = append(s.areas, a)
		}
	}
	return s, nil
}

// Run makes a round in every interval until ctx ends. What goes wrong in one is logged and left to the next.
func (s *Sweeper) Run(ctx context.Context) error {
	ticker := time.NewTicker(s.config.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			if err := s.Round(ctx, now); err != nil && ctx.Err() == nil {
				s.deps.Log.Warn("old pictures not all removed", "err", err)
			}
		}
	}
}

// Round looks through the next page of each area whose time has come at now, unless another process does, and removes what
// has to go. It fails with what broker and store said, joined; a later round goes on from there.
func (s *Sweeper) Round(ctx context.Context, now time.Time) error {
	bucket, err := s.deps.Bus.Bucket(ctx, bus.SweepBucket)
	if err != nil {
		return err
	}
	var errs []error
	for _, a := range s.areas {
		if err := s.visit(ctx, bucket, a, now); err != nil {
			errs = append(errs, fmt.Errorf("sweep %s: %w", a.name, err))
		}
	}
	return errors.Join(errs...)
}

// visit claims a round in one area and works on it.
func (s *Sweeper) visit(ctx context.Context, bucket *bus.Bucket, a area, now time.Time) error {
	p, revision, err := read(ctx, bucket, a.name)
	if err != nil || now.Before(p.Next) {
		return err
	}
	p.Next = now.Add(claimTime)
	revision, err = write(ctx, bucket, a.name, p, revision)
	if errors.Is(err, bus.ErrExists) {
		return nil // another process was faster
	}
	if err != nil {
		return err
	}
	failure := s.page(ctx, a, &p, now)
	if _, err = write(ctx, bucket, a.name, p, revision); errors.Is(err, bus.ErrExists) {
		err = nil // it took so long that another one has the area; it begins where this one did
	}
	return errors.Join(failure, err)
}

// page looks through the next page of an area, and moves the progress on.
func (s *Sweeper) page(ctx context.Context, a area, p *progress, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, roundTime)
	defer cancel()
	p.Next = now.Add(s.config.Interval)
	expired, err := s.expired(ctx, a, now)
	if err != nil {
		return err
	}
	if p.After == "" {
		p.begin(now)
	}
	list, next, err := s.deps.Store.List(ctx, a.name+"/", p.After, pageSize)
	if err != nil {
		p.After = "" // the bucket may have forgotten the position
		return err
	}
	err = s.remove(ctx, a, p.sort(list, expired))
	if p.After = next; next == "" {
		p.end(a.size)
		if p.Excess == 0 {
			p.Next = now.Add(max(s.config.Interval, s.config.Pause))
		}
	}
	return err
}

// expired is when what is too old now was last changed. What jobs may need has to have been too old when the oldest job was
// stored: then it was older than [Config.UploadsUsable], and no job took it.
func (s *Sweeper) expired(ctx context.Context, a area, now time.Time) (time.Time, error) {
	if a.age == Forever {
		return time.Time{}, nil
	}
	age := time.Duration(a.age)
	if !a.ofJobs {
		return now.Add(-age), nil
	}
	oldest, err := s.deps.Bus.Next(ctx, bus.Jobs, bus.AllJobs, 0)
	if errors.Is(err, bus.ErrNotFound) {
		return now.Add(-age), nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return earlier(now, oldest.Stored).Add(-age), nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// remove removes blobs, and tells how many. What cannot be removed is left to the next pass.
func (s *Sweeper) remove(ctx context.Context, a area, old []blob.Listed) error {
	if len(old) == 0 {
		return nil
	}
	var blobs, bytes atomic.Int64
	var group errgroup.Group
	group.SetLimit(deletions)
	for _, b := range old {
		group.Go(func() error {
			err := s.deps.Store.Delete(ctx, b.Key)
			if errors.Is(err, blob.ErrNotFound) {
				return nil
			}
			if err == nil {
				blobs.Add(1)
				bytes.Add(b.Size)
			}
			return err
		})
	}
	err := group.Wait()
	s.deps.Metrics.BlobsRemoved(a.name, int(blobs.Load()), bytes.Load())
	s.deps.Log.Info("old pictures removed", "area", a.name, "blobs", blobs.Load(), "bytes", bytes.Load())
	return err
}

func read(ctx context.Context, bucket *bus.Bucket, name string) (p progress, revision uint64, err error) {
	entry, err := bucket.Get(ctx, name)
	if errors.Is(err, bus.ErrNotFound) {
		return p, 0, nil
	}
	if err != nil {
		return p, 0, err
	}
	if err := json.Unmarshal(entry.Value, &p); err != nil {
		return p, 0, fmt.Errorf("read progress: %w", err)
	}
	return p, entry.Revision, nil
}

// write stores progress in place of a revision, 0 for none. It fails with [bus.ErrExists] when there is another one.
func write(ctx context.Context, bucket *bus.Bucket, name string, p progress, revision uint64) (uint64, error) {
	value, err := json.Marshal(p)
	if err != nil {
		return 0, err
	}
	if revision == 0 {
		return bucket.Create(ctx, name, value, 0)
	}
	return bucket.Update(ctx, name, value, revision)
}
