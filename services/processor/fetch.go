package processor

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/screenshot"
	"github.com/ringback/ringback/services/internal/storage"
)

// picturesAtATime is how many further pictures of a job are fetched side by side.
const picturesAtATime = 8

// files are the pictures of a job.
type files struct {
	source   []byte
	pictures map[string][]byte
}

// fetch gets the source and the further pictures that the recipe names. What may answer better next time is tried again,
// without holding the slot. A further picture that cannot be had fails only the outputs that need it.
func (s *Service) fetch(ctx context.Context, t *task, attempt int) (files, error) {
	s.progress(t, "fetching", 5)
	begun := time.Now()
	defer func() { t.timing.FetchMS = time.Since(begun).Milliseconds() }()
	names := append(t.job.Recipe.Pictures(), t.job.Compare...)
	if t.job.Before != nil {
		names = append(append(names, t.job.Before.Source), t.job.Before.Recipe.Pictures()...)
	}
	if most := s.deps.Renderer.Limits().Pictures; len(names) > most {
		return files{}, &ended{events.Failure{
			Code:    string(recipe.SourceTooLarge),
			Message: fmt.Sprintf("The recipe names %d further pictures, the limit is %d.", len(names), most),
		}}
	}
	all := files{pictures: map[string][]byte{}}
	var turn sync.Mutex
	group, fetching := errgroup.WithContext(ctx)
	group.SetLimit(picturesAtATime)
	if t.job.Source.Output == "" {
		group.Go(func() (err error) {
			all.source, err = s.fetchOne(fetching, t.job, t.job.Source, attempt)
			return err
		})
	}
	for _, name := range names {
		source, given := t.job.Pictures[name]
		if !given || source.Output != "" {
			continue // nothing to fetch; what is missing fails the outputs that need it
		}
		group.Go(func() error {
			data, err := s.fetchOne(fetching, t.job, source, attempt)
			if _, decided := errors.AsType[*ended](err); decided {
				s.deps.Log.Debug("further picture not fetched", "job", t.job.ID.String(), "picture", name, "err", err)
				return nil
			}
			turn.Lock()
			defer turn.Unlock()
			all.pictures[name] = data
			return err
		})
	}
	return all, group.Wait()
}

// fetchOne gets one picture.
func (s *Service) fetchOne(ctx context.Context, j job.Job, source job.Source, attempt int) ([]byte, error) {
	switch {
	case source.Blob != "":
		return s.readUpload(ctx, j, source.Blob)
	case source.Kept != "":
		return s.readKept(ctx, source.Kept)
	case source.Inline != "":
		return base64.StdEncoding.DecodeString(source.Inline)
	}
	if source.Page != nil {
		return s.draw(ctx, *source.Page, attempt)
	}
	address, err := s.address(ctx, j, source)
	if err != nil {
		return nil, s.unfetched(err, attempt)
	}
	body, err := s.deps.Fetcher.Fetch(ctx, address)
	if refused, ok := errors.AsType[*outbound.Error](err); ok && source.Place != "" && missing(refused.Status) {
		return nil, &ended{events.Failure{Code: "source_not_found", Message: "There is no such picture in the source " + source.Place + "."}}
	}
	if err != nil {
		return nil, s.unfetched(err, attempt)
	}
	return body.Data, nil
}

// missing tells whether a status says that there is nothing.
func missing(status int) bool { return status == http.StatusNotFound || status == http.StatusGone }

// draw takes a screenshot.
func (s *Service) draw(ctx context.Context, page job.Page, attempt int) ([]byte, error) {
	data, err := s.deps.Camera.Shoot(ctx, page)
	switch {
	case err == nil:
		return data, nil
	case errors.Is(err, screenshot.ErrNoBrowser):
		return nil, &ended{events.Failure{Code: "unsupported_option", Message: err.Error()}}
	case errors.Is(err, screenshot.ErrNotDrawn) && attempt >= s.config.Tries:
		return nil, &ended{events.Failure{Code: "source_unreadable", Message: err.Error()}}
	default:
		return nil, s.unfetched(err, attempt)
	}
}

// unfetched decides what it means for the job that a source could not be had.
func (s *Service) unfetched(err error, attempt int) error {
	var refused *outbound.Error
	switch {
	case !errors.As(err, &refused):
		return fmt.Errorf("fetch source: %w", err)
	case refused.Temporary() && attempt < s.config.Tries:
		return fmt.Errorf("fetch source: %w", err)
	default:
		return &ended{events.Failure{Code: "source_" + string(refused.Class), Message: refused.Message}}
	}
}

// address is where a source is fetched from: for an object in a bucket one that is signed for a while.
func (s *Service) address(ctx context.Context, j job.Job, source job.Source) (string, error) {
	if source.Object == nil {
		return source.URL, nil
	}
	return storage.SourceURL(ctx, s.applicationOf(j), *source.Object, time.Now())
}

// readKept reads the content of an asset, or an upload. What was purged fails the job: nobody can bring it back.
func (s *Service) readKept(ctx context.Context, key string) ([]byte, error) {
	data, _, err := s.deps.Store.Get(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, &ended{events.Failure{Code: "source_not_found", Message: "The picture is no longer kept."}}
	}
	if err != nil {
		return nil, bus.Later(fmt.Errorf("read a kept picture: %w", err), storePause)
	}
	return data, nil
}

// readUpload reads a picture that came with its request. A repeated request may bring a job in twice; the second finds
// the upload gone, and the result there.
func (s *Service) readUpload(ctx context.Context, j job.Job, key string) ([]byte, error) {
	data, _, err := s.deps.Store.Get(ctx, key)
	if err == nil {
		return data, nil
	}
	err = fmt.Errorf("read the uploaded source: %w", err)
	if !errors.Is(err, blob.ErrNotFound) {
		return nil, bus.Later(err, storePause)
	}
	ended, unknown := s.hasEnded(ctx, j)
	if unknown != nil {
		return nil, unknown
	}
	if ended {
		return nil, errEnded
	}
	return nil, err
}
