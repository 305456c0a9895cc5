package processor

import (
	"context"
	"crypto/md5" //nolint:gosec // the format's ETag, which is no proof of anything
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/derive"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/library"
)

// unread tells of a file that is no picture, but is to be kept all the same.
func unread(t *task, err error) bool {
	var decided *ended
	if t.job.Keep == nil || !t.job.Keep.Any || !errors.As(err, &decided) {
		return false
	}
	return decided.failure.Code == string(recipe.SourceUnreadable) || decided.failure.Code == string(recipe.UnsupportedFormat)
}

// keep writes down the asset that a job makes, once its content is in the blob store. It does so before the result is
// announced, so that whoever is told of the asset finds it.
func (s *Service) keep(ctx context.Context, t *task, files files, response imaging.Response) error {
	if t.job.Keep == nil || len(response.Failures) > 0 {
		return nil
	}
	a := t.job.Keep.Asset
	content, contentType := files.source, "application/octet-stream"
	switch {
	case len(response.Outputs) > 0:
		made := response.Outputs[0]
		content = made.Data
		a.Width, a.Height, a.Format, a.Pages = made.Width, made.Height, extensionOf(made.Format), max(made.Frames, 1)
		a.Placeholder = made.Placeholder
		for _, sprite := range made.Sprites {
			a.Sprites = append(a.Sprites, events.Sprite(sprite))
		}
	case response.Source.Width > 0:
		facts := response.Source
		a.Width, a.Height, a.Format, a.Pages = facts.Width, facts.Height, extensionOf(facts.Format), max(facts.Pages, 1)
		contentType = recipe.Format(facts.Format).ContentType()
	default:
		a.ResourceType = asset.Raw
	}
	if formats := t.job.Keep.Formats; len(formats) > 0 && !slices.Contains(formats, a.Format) {
		t.result.Outputs = []events.Output{}
		t.result.Errors = append(t.result.Errors, events.Failure{
			Code: "format_not_allowed", Message: fmt.Sprintf("A file of format %q is not allowed; allowed are %s.", a.Format, strings.Join(formats, ", ")),
		})
		return nil
	}
	sum := md5.Sum(content) //nolint:gosec // as above
	a.ETag, a.Bytes = hex.EncodeToString(sum[:]), int64(len(content))
	if len(response.Outputs) == 0 {
		if err := s.deps.Store.Put(ctx, a.Key, content, contentType); err != nil {
			return bus.Later(fmt.Errorf("store asset: %w", err), storePause)
		}
	}
	a, err := s.library.Put(ctx, t.job.Application, a)
	if err != nil {
		return bus.Later(fmt.Errorf("write asset down: %w", err), storePause)
	}
	t.result.Outputs = []events.Output{{
		ID: a.PublicID, URL: t.job.Keep.Base + a.Path("", a.Format), Width: a.Width, Height: a.Height, Format: a.Format,
		Bytes: a.Bytes, Placeholder: a.Placeholder, Sprites: a.Sprites,
	}}
	return nil
}

// extensionOf is the file extension of a format.
func extensionOf(format string) string {
	if format == string(recipe.JPEG) {
		return "jpg"
	}
	return format
}

// follow hands over the job that comes after this one. It is done before this one is behind, and again when it is handed
// out again; the broker drops what it has already.
func (s *Service) follow(ctx context.Context, j job.Job) error {
	if j.Next == nil || j.Keep == nil {
		return nil
	}
	id, err := events.ParseID(j.Next.ID)
	if err != nil {
		return bus.Reject(fmt.Errorf("read the next job: %w", err))
	}
	next, err := s.next(ctx, j, id)
	if err != nil {
		return bus.Later(fmt.Errorf("make the next job: %w", err), storePause)
	}
	out, err := bus.JobMessage(next, j.Next.Record, eventSource)
	if errors.Is(err, bus.ErrTooLarge) {
		next = refused(next, "too_large", "The transformations are too many for one job.")
		out, err = bus.JobMessage(next, j.Next.Record, eventSource)
	}
	if err == nil {
		_, err = s.deps.Bus.Publish(ctx, out)
	}
	if err != nil {
		return bus.Later(fmt.Errorf("hand over the next job: %w", err), storePause)
	}
	return nil
}

// next is the job that derives pictures of the asset that this one kept. It is refused when this one kept none.
func (s *Service) next(ctx context.Context, j job.Job, id events.ID) (job.Job, error) {
	next := job.Job{ID: id, Application: j.Application, Class: j.Class, AcceptedAt: id.Time()}
	a, err := s.library.Get(ctx, j.Application, j.Keep.Asset.Ref)
	if errors.Is(err, library.ErrNotFound) || err == nil && a.Version < j.Keep.Asset.Version {
		return refused(next, "source_unreadable", "The upload failed, or is no picture."), nil
	}
	if err != nil {
		return next, err
	}
	plan, err := derive.MakePlan(ctx, s.library, derive.Want{
		Application: s.applicationOf(j), Asset: a, Base: j.Keep.Base, Pictures: j.Next.Derive,
	})
	if err != nil {
		return next, err
	}
	next.Source, next.Pictures = job.Source{Kept: a.Key}, plan.Pictures
	next.Recipe, next.Locations, next.Unmade = plan.Recipe, plan.Locations, plan.Unmade
	return next, nil
}

// applicationOf is the application of a job. One that is gone has no settings.
func (s *Service) applicationOf(j job.Job) application.Application {
	if app, ok := s.deps.Applications.ByID(j.Application); ok {
		return app
	}
	return application.Application{ID: j.Application}
}

func refused(j job.Job, code, message string) job.Job {
	return job.Job{
		ID: j.ID, Application: j.Application, Class: j.Class, AcceptedAt: j.AcceptedAt,
		Refusal: &events.Failure{Code: code, Message: message},
	}
}
