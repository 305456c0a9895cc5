package processor

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/storage"
)

// copied is what became of an output at one destination.
type copied struct {
	// Settled tells that there is nothing more to do: it is there, or the destination does not take it.
	Settled bool `json:"settled,omitempty"`
	// Refused is why the destination does not take it.
	Refused *events.Failure `json:"refused,omitempty"`
}

// store writes the outputs, side by side, to where the client was told when the job was accepted: under keys of our own
// store, or to destinations of the client's. What a destination does not take is its failure alone, unless it may take it
// later: then what was made is kept, and the next try writes only what is missing.
func (s *Service) store(ctx context.Context, t *task, made *kept, attempt int) error {
	s.progress(t, "storing", 85)
	begun := time.Now()
	destinations, err := s.destinations(t)
	if err != nil {
		return err
	}
	if made.Copies == nil {
		if err := s.storeOwn(ctx, t, made.Response); err != nil {
			return err
		}
		made.Copies = make([][]copied, len(made.Response.Outputs))
	}
	err = s.copyOut(ctx, t, made, destinations, attempt)
	t.timing.StoreMS += time.Since(begun).Milliseconds()
	if err != nil {
		s.keepMade(ctx, t, made)
		return err
	}
	for i, output := range made.Response.Outputs {
		t.report(output, destinations[output.Index], made.Copies[i], s.applicationOf(t.job))
	}
	for _, failure := range made.Response.Failures {
		t.result.Errors = append(t.result.Errors, events.Failure{
			Output: failure.ID, Page: failure.Page, Code: string(failure.Code), Message: failure.Message,
		})
	}
	return nil
}

// storeOwn puts what stays here under its keys.
func (s *Service) storeOwn(ctx context.Context, t *task, response imaging.Response) error {
	group, writing := errgroup.WithContext(ctx)
	for _, output := range response.Outputs {
		location := t.job.Locations[output.Index].Page(output.Page)
		if location.Key == "" {
			continue
		}
		group.Go(func() error {
			if err := s.deps.Store.Put(writing, location.Key, output.Data, contentType(output)); err != nil {
				return bus.Later(fmt.Errorf("store output %s: %w", output.ID, err), storePause)
			}
			return nil
		})
	}
	return group.Wait()
}

// copyOut puts outputs at all destinations where they are not settled yet. One that fails stops no other.
func (s *Service) copyOut(ctx context.Context, t *task, made *kept, destinations map[int][]job.Destination, attempt int) error {
	var writing sync.WaitGroup
	var turn sync.Mutex
	var failed []error
	for i, output := range made.Response.Outputs {
		all := destinations[output.Index]
		if made.Copies[i] == nil {
			made.Copies[i] = make([]copied, len(all))
		}
		object := storage.Object{Data: output.Data, ContentType: contentType(output)}
		for j, destination := range all {
			if made.Copies[i][j].Settled {
				continue
			}
			to := destination.Page(output.Page, t.job.Locations[output.Index].Numbering)
			writing.Go(func() {
				refused, err := s.deliver(ctx, t, to, object, attempt)
				turn.Lock()
				defer turn.Unlock()
				if err != nil {
					failed = append(failed, err)
					return
				}
				made.Copies[i][j].Settled = true
				if refused != nil {
					made.Copies[i][j].Refused = &events.Failure{
						Output: output.ID, Page: output.Page, Destination: to.Name, Code: "destination_" + refused.Class, Message: refused.Message,
					}
				}
			})
		}
	}
	writing.Wait()
	return errors.Join(failed...)
}

func contentType(output imaging.Rendered) string { return recipe.Format(output.Format).ContentType() }

// report tells of an output and where it is. One that no destination took was not made, as far as the client can see.
func (t *task) report(output imaging.Rendered, destinations []job.Destination, copies []copied, app application.Application) {
	location := t.job.Locations[output.Index].Page(output.Page)
	told := outputOf(output, location)
	taken := len(destinations) == 0
	for i, destination := range destinations {
		to := destination.Page(output.Page, location.Numbering)
		stored := events.Stored{Name: to.Name, Bucket: to.Bucket, Key: to.Key, URL: storage.PublicURL(app, to), Error: copies[i].Refused}
		if i == 0 {
			stored.URL = location.URL // as the client was told when the job was accepted
		}
		if stored.Error != nil {
			t.result.Errors = append(t.result.Errors, *stored.Error)
		} else if !taken {
			taken, told.URL = true, stored.URL
		}
		told.Stored = append(told.Stored, stored)
	}
	if taken {
		t.result.Outputs = append(t.result.Outputs, told)
	}
}

// elsewhere tells whether a job has outputs that do not stay here.
func elsewhere(j job.Job) bool {
	for _, location := range j.Locations {
		if location.Key == "" {
			return true
		}
	}
	return false
}

// destinations are where the outputs go that do not stay here, by the index of the output. The record is only opened for
// jobs that have any.
func (s *Service) destinations(t *task) (map[int][]job.Destination, error) {
	found := map[int][]job.Destination{}
	if !elsewhere(t.job) {
		return found, nil
	}
	record, err := job.OpenRecord(s.deps.Key, t.job.Application, t.result.ID, t.sealed)
	if err != nil {
		return nil, bus.Reject(err)
	}
	for i, location := range t.job.Locations {
		if location.Key != "" {
			continue
		}
		if i >= len(record.Destinations) || len(record.Destinations[i]) == 0 {
			return nil, bus.Reject(fmt.Errorf("output %d of job %s has neither a key nor a destination", i, t.result.ID))
		}
		found[i] = record.Destinations[i]
	}
	return found, nil
}

// deliver puts an output at its destination. It returns why the destination does not take it; an error means that it may
// be tried again.
func (s *Service) deliver(ctx context.Context, t *task, d job.Destination, o storage.Object, attempt int) (*outbound.Error, error) {
	err := storage.Put(ctx, s.deps.Sender, s.applicationOf(t.job), d, o, s.config.PutTimeout)
	var refused *outbound.Error
	switch {
	case err == nil:
		return nil, nil
	case !errors.As(err, &refused) || refused.Temporary() && attempt < s.config.Tries:
		return nil, fmt.Errorf("put output at its destination: %w", err)
	default:
		return refused, nil
	}
}
