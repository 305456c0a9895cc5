package processor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/storage"
)

// store writes the outputs, side by side, to where the client was told when the job was accepted: under keys of our own
// store, or to destinations of the client's. What a destination does not take is the failure of its output alone, unless
// it may take it later.
func (s *Service) store(ctx context.Context, t *task, response imaging.Response, attempt int) error {
	s.progress(t, "storing", 85)
	begun := time.Now()
	destinations, err := s.destinations(t)
	if err != nil {
		return err
	}
	refused := make([]*outbound.Error, len(response.Outputs))
	group, writing := errgroup.WithContext(ctx)
	for i, output := range response.Outputs {
		location := t.job.Locations[output.Index].Page(output.Page)
		object := storage.Object{Data: output.Data, ContentType: recipe.Format(output.Format).ContentType()}
		if location.Key == "" {
			destination := destinations[output.Index].Page(output.Page, location.Numbering)
			group.Go(func() (err error) {
				refused[i], err = s.deliver(writing, t, destination, object, attempt)
				return err
			})
			continue
		}
		group.Go(func() error {
			if err := s.deps.Store.Put(writing, location.Key, object.Data, object.ContentType); err != nil {
				return bus.Later(fmt.Errorf("store output %s: %w", output.ID, err), storePause)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, output := range response.Outputs {
		if refused[i] != nil {
			t.result.Errors = append(t.result.Errors, events.Failure{
				Output: output.ID, Page: output.Page, Code: "destination_" + refused[i].Class, Message: refused[i].Message,
			})
			continue
		}
		t.result.Outputs = append(t.result.Outputs, outputOf(output, t.job.Locations[output.Index].Page(output.Page)))
	}
	for _, failure := range response.Failures {
		t.result.Errors = append(t.result.Errors, events.Failure{
			Output: failure.ID, Page: failure.Page, Code: string(failure.Code), Message: failure.Message,
		})
	}
	t.timing.StoreMS = time.Since(begun).Milliseconds()
	return nil
}

// destinations are where the outputs go that do not stay here, by the index of the output. The record is only opened for
// jobs that have any.
func (s *Service) destinations(t *task) (map[int]job.Destination, error) {
	found := map[int]job.Destination{}
	for i, location := range t.job.Locations {
		if location.Key != "" {
			continue
		}
		if len(found) == 0 {
			record, err := job.OpenRecord(s.deps.Key, t.job.Application, t.result.ID, t.sealed)
			if err != nil {
				return nil, bus.Reject(err)
			}
			for index, destination := range record.Destinations {
				if destination != nil {
					found[index] = *destination
				}
			}
		}
		if _, ok := found[i]; !ok {
			return nil, bus.Reject(fmt.Errorf("output %d of job %s has neither a key nor a destination", i, t.result.ID))
		}
	}
	return found, nil
}

// deliver puts an output at its destination. It returns why the destination does not take it; an error means that it may
// be tried again.
func (s *Service) deliver(ctx context.Context, t *task, d job.Destination, o storage.Object, attempt int) (*outbound.Error, error) {
	app, _ := s.deps.Applications.ByID(t.job.Application) // one that is gone has no accounts
	err := storage.Put(ctx, s.deps.Sender, app, d, o, s.config.PutTimeout)
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
