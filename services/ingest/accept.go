package ingest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/storage"
)

// eventSource is the ce-source of what ingest emits.
const eventSource = "/ringback/ingest"

// retryAfter is what a client with a full queue is told, and how long its jobs are refused without asking the broker: a
// refused job would take the batch of its neighbours down with it.
const retryAfter = 5 * time.Second

// upload is a picture that came with a request.
type upload struct {
	data        []byte
	contentType string
}

// order is what a dialect made of one request.
type order struct {
	id     events.ID
	job    job.Job
	record job.Record
	upload *upload
	// pictures are the further pictures that came with the request, by their names.
	pictures map[string]upload
	// numbering is how the pages of a document are told apart in the names of outputs.
	numbering job.Numbering
	// repeated tells that a job with this id may have been accepted before.
	repeated bool
}

// newID mints the id of a job that arrives now.
func (s *Service) newID(application string) events.ID {
	return events.NewID(time.Now(), application, s.idKey)
}

// accept stores a job and returns it as the client may be told of it: once the broker has it on disk. It fails with
// [bus.ErrQueueFull], [bus.ErrUnavailable], bus.ErrTooLarge, or what the blob store says.
func (s *Service) accept(ctx context.Context, o order) (job.Job, error) {
	o.job.ID = o.id
	o.job.AcceptedAt = o.id.Time()
	o.job.Class = s.bars.class(o.job.Application, o.job.Class)
	if s.bars.barred(o.job.Application, o.job.Class) {
		return job.Job{}, bus.ErrQueueFull
	}
	if o.job.Locations == nil {
		o.job.Locations = s.locations(o)
	}
	o.job.Media = s.itemOf(o)
	if err := s.keepUploads(ctx, &o); err != nil {
		return job.Job{}, err
	}
	if err := s.commit(ctx, o); err != nil {
		return job.Job{}, err
	}
	s.deps.Metrics.JobAccepted(o.record.Dialect)
	return o.job, nil
}

// keepUploads stores what came with the request, and lets the job name where.
func (s *Service) keepUploads(ctx context.Context, o *order) error {
	key := "sources/" + o.job.Application + "/" + o.id.String()
	if o.upload != nil {
		o.job.Source = job.Source{Blob: key}
		if err := s.deps.Store.Put(ctx, key, o.upload.data, o.upload.contentType); err != nil {
			return fmt.Errorf("store upload: %w: %w", bus.ErrUnavailable, err)
		}
	}
	for i, name := range slices.Sorted(maps.Keys(o.pictures)) {
		picture, at := o.pictures[name], key+"-"+strconv.Itoa(i)
		o.job.Pictures[name] = job.Source{Blob: at}
		if err := s.deps.Store.Put(ctx, at, picture.data, picture.contentType); err != nil {
			return fmt.Errorf("store upload: %w: %w", bus.ErrUnavailable, err)
		}
	}
	return nil
}

func (s *Service) commit(ctx context.Context, o order) error {
	out, err := s.message(o)
	if err == nil {
		_, err = s.jobs.Commit(ctx, out)
	}
	if errors.Is(err, bus.ErrQueueFull) {
		s.bars.bar(o.job.Application, o.job.Class)
	}
	// Only a clear no lets go of the upload: after any other error the job may be stored, and need it.
	if errors.Is(err, bus.ErrQueueFull) || errors.Is(err, bus.ErrTooLarge) {
		s.dropUpload(ctx, o)
	}
	return err
}

// dropUpload removes what came with a job that was refused.
func (s *Service) dropUpload(ctx context.Context, o order) {
	if o.repeated {
		return
	}
	for _, key := range o.job.Blobs() {
		if err := s.deps.Store.Delete(ctx, key); err != nil {
			s.deps.Log.Warn("upload of a refused job not removed", "key", key, "err", err)
		}
	}
}

func (s *Service) message(o order) (bus.Out, error) {
	sealed, err := o.record.Seal(s.deps.Key, o.job.Application, o.id)
	if err != nil {
		return bus.Out{}, err
	}
	return bus.JobMessage(o.job, sealed, eventSource)
}

// locations fixes where the outputs are going to be, before anything is made: the key depends on the job alone, so a job
// that is done twice overwrites its own outputs, and the client can be told the address at once.
func (s *Service) locations(o order) []job.Location {
	j := o.job
	outputs := j.Recipe.Outputs()
	if j.Archive != nil {
		outputs = []recipe.Save{{ID: "archive", Format: "zip"}}
	}
	locations := make([]job.Location, len(outputs))
	app, _ := s.deps.Applications.ByID(j.Application)
	for i, save := range outputs {
		if i < len(o.record.Destinations) && len(o.record.Destinations[i]) > 0 {
			locations[i] = job.Location{URL: storage.PublicURL(app, o.record.Destinations[i][0]), Numbering: o.numbering}
			continue
		}
		name := strconv.Itoa(i) + "-" + slug(save.ID)
		if save.Format != "" {
			name += "." + extension(save.Format)
		}
		path := j.Application + "/" + j.ID.String() + "/" + name
		locations[i] = job.Location{Key: outputPrefix + path, URL: s.publicURL + filesPath + path, Numbering: o.numbering}
	}
	return locations
}

const (
	outputPrefix = "out/"
	filesPath    = "/files/"
	slugLength   = 60
)

// slug makes a part of a file name of any text.
func slug(text string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, text)
	if len(clean) > slugLength {
		clean = clean[:slugLength]
	}
	return clean
}

func extension(format string) string {
	if format == "jpeg" {
		return "jpg"
	}
	return format
}

// bars remembers which applications hand over more than their share.
type bars struct {
	limit rate.Limit

	mu     sync.Mutex
	until  map[string]time.Time
	limits map[string]*rate.Limiter
}

func newBars(perSecond float64) *bars {
	return &bars{limit: rate.Limit(perSecond), until: map[string]time.Time{}, limits: map[string]*rate.Limiter{}}
}

// class makes a standard job a bulk job while its application is above its rate.
func (b *bars) class(application string, class job.Class) job.Class {
	b.mu.Lock()
	defer b.mu.Unlock()
	limiter, ok := b.limits[application]
	if !ok {
		limiter = rate.NewLimiter(b.limit, int(b.limit)+1)
		b.limits[application] = limiter
	}
	if limiter.Allow() || class != job.Standard {
		return class
	}
	return job.Bulk
}

func (b *bars) bar(application string, class job.Class) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.until[application+"/"+string(class)] = time.Now().Add(retryAfter)
}

func (b *bars) barred(application string, class job.Class) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := application + "/" + string(class)
	until, ok := b.until[key]
	if ok && time.Now().After(until) {
		delete(b.until, key)
		return false
	}
	return ok
}
