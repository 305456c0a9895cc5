package processor

import (
	"context"
	"errors"
	"math/bits"
	"net/http"
	"strconv"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/storage"
)

// keepOriginal stores the source as it came, where the job wants it, before anything is made of it.
func (s *Service) keepOriginal(ctx context.Context, t *task, source []byte, attempt int) error {
	if t.job.Original == "" {
		return nil
	}
	record, err := job.OpenRecord(s.deps.Key, t.job.Application, t.result.ID, t.sealed)
	if err != nil {
		return bus.Reject(err)
	}
	if record.Original == nil {
		return bus.Reject(errors.New("the record has no destination for the original"))
	}
	object := storage.Object{Data: source, ContentType: http.DetectContentType(source)}
	refused, err := s.deliver(ctx, t, *record.Original, object, attempt)
	if err != nil {
		return err
	}
	if refused != nil {
		return &ended{events.Failure{Code: "destination_" + refused.Class, Message: refused.Message}}
	}
	t.result.Original = t.job.Original
	return nil
}

// compare tells how much further pictures look like the source. One that cannot be had or read fails by itself.
func (s *Service) compare(ctx context.Context, t *task, files files) error {
	if len(t.job.Compare) == 0 {
		return nil
	}
	own, err := s.print(ctx, t, files.source)
	if err != nil {
		return err
	}
	for _, name := range t.job.Compare {
		other, err := s.print(ctx, t, files.pictures[name])
		if decided, ok := errors.AsType[*ended](err); ok {
			t.result.Errors = append(t.result.Errors, events.Failure{Output: name, Code: decided.failure.Code, Message: decided.failure.Message})
			continue
		}
		if err != nil {
			return err
		}
		t.result.Compared = append(t.result.Compared, events.Comparison{Picture: name, Distance: bits.OnesCount64(own ^ other)})
	}
	return nil
}

// print is the perceptual hash of a picture.
func (s *Service) print(ctx context.Context, t *task, file []byte) (uint64, error) {
	look := recipe.Recipe{Inspect: []string{recipe.InspectPHash}, Steps: []recipe.Step{{}}}
	response, err := s.engine(ctx, t, imaging.Request{Recipe: look, Source: file})
	if err != nil {
		return 0, err
	}
	unreadable := &ended{events.Failure{Code: string(recipe.SourceUnreadable), Message: "The picture cannot be compared: it has no perceptual hash."}}
	if response.Source.Details == nil {
		return 0, unreadable
	}
	hash, err := strconv.ParseUint(response.Source.Details.PHash, 16, 64)
	if err != nil {
		return 0, unreadable
	}
	return hash, nil
}
