package processor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/collection"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/media"
)

// busyPause is the wait after all renderers of documents were busy.
const busyPause = time.Second

// storePause is the wait after the blob store or the broker refused a write. It is nobody's fault and not counted: an
// accepted job outlasts a full disk.
const storePause = 2 * time.Second

// task is one job in progress.
type task struct {
	job    job.Job
	sealed []byte
	begun  time.Time
	timing events.Timing
	result events.Result
}

// handle sees one job through: fetch, render, store, publish. It returns nil once the job's result is on disk.
func (s *Service) handle(ctx context.Context, message *bus.Message) error {
	t, err := s.begin(ctx, message)
	if err != nil || t == nil {
		return err
	}
	defer s.deps.Metrics.InFlight("job")()
	if t.job.Archive != nil {
		if err := s.archive(ctx, t, message.Attempt); err != nil {
			t.result.Archives = nil // half of an archive is none
			return s.endUnless(ctx, t, err)
		}
		return s.end(ctx, t)
	}
	made, files, err := s.make(ctx, t, message)
	if err != nil {
		return s.endUnless(ctx, t, err)
	}
	if err := s.store(ctx, t, made, message.Attempt); err != nil {
		return err
	}
	if err := s.keep(ctx, t, files, made.Response); err != nil {
		return err
	}
	if err := s.end(ctx, t); err != nil {
		return err
	}
	if made.resumed {
		s.dropMade(ctx, t.job)
	}
	return nil
}

// make fetches and renders, unless an earlier try did and only some of the destinations are missing.
func (s *Service) make(ctx context.Context, t *task, message *bus.Message) (*kept, files, error) {
	if elsewhere(t.job) && (message.Attempt > 1 || message.Redelivered) {
		if made, err := s.resume(ctx, t); made != nil || err != nil {
			return made, files{}, err
		}
	}
	all, err := s.fetch(ctx, t, message.Attempt)
	if err != nil {
		return nil, all, err
	}
	if err := s.before(ctx, t, &all, message.Attempt); err != nil {
		return nil, all, err
	}
	if err := s.derivePieces(ctx, t, &all); err != nil {
		return nil, all, err
	}
	response, err := s.render(ctx, t, all)
	if err != nil && !unread(t, err) {
		return nil, all, err
	}
	return &kept{Response: response}, all, nil
}

// begin reads the job. It returns no task when the job has ended already: the broker hands out again what a killed
// processor had finished but not acknowledged.
func (s *Service) begin(ctx context.Context, message *bus.Message) (*task, error) {
	event, err := message.Event()
	if err != nil {
		return nil, bus.Reject(fmt.Errorf("read job: %w", err))
	}
	id, err := events.ParseID(event.Subject())
	if err != nil {
		return nil, bus.Reject(fmt.Errorf("read job: %w", err))
	}
	j, sealed, err := job.Decode(id, message.Data)
	if err != nil {
		return nil, bus.Reject(err)
	}
	if message.Redelivered {
		ended, err := s.hasEnded(ctx, j)
		if err != nil {
			return nil, err
		}
		if ended && elsewhere(j) {
			s.dropMade(ctx, j)
		}
		if ended {
			return nil, s.behind(ctx, j)
		}
	}
	t := &task{job: j, sealed: sealed, begun: time.Now()}
	t.timing.QueuedMS = max(0, t.begun.Sub(j.AcceptedAt).Milliseconds())
	t.result = events.Result{ID: id.String(), Metadata: j.Metadata, Media: j.Media, Outputs: []events.Output{}, Errors: j.Unmade}
	if j.Refusal != nil {
		return nil, s.fail(ctx, t, *j.Refusal)
	}
	if len(j.Recipe.Steps) == 0 && j.Archive == nil {
		return nil, s.end(ctx, t)
	}
	s.converting(ctx, j)
	return t, nil
}

// converting tells of a media item that its file is being converted. It is only told: an item that nobody uploaded is made
// by its result, and so is whatever could not be written here.
func (s *Service) converting(ctx context.Context, j job.Job) {
	if j.Media == nil {
		return
	}
	_, err := s.items.Change(ctx, j.Application, j.Media.ID, func(item *events.Media) error {
		if status := media.Base(item.Status); item.Job == j.ID.String() && status < events.MediaConverting {
			item.Status += events.MediaConverting - status
		}
		return nil
	})
	if err != nil && !errors.Is(err, collection.ErrNotFound) {
		s.deps.Log.Warn("media item not marked as being converted", "job", j.ID.String(), "err", err)
	}
}

// hasEnded tells whether a job has its result.
func (s *Service) hasEnded(ctx context.Context, j job.Job) (bool, error) {
	_, err := s.deps.Bus.Last(ctx, bus.Events, events.ResultSubject(j.Application, j.ID.String()))
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, bus.ErrNotFound):
		return false, nil
	default:
		return false, bus.Later(err, storePause)
	}
}

// before does what comes before the recipe.
func (s *Service) before(ctx context.Context, t *task, files *files, attempt int) error {
	if err := s.prepare(ctx, t, files); err != nil { // the source itself may be made there
		return err
	}
	if err := s.keepOriginal(ctx, t, files.source, attempt); err != nil {
		return err
	}
	return s.compare(ctx, t, *files)
}

// prepare makes what has to be made first, and puts it where the job itself looks for it. What could not be made fails the
// outputs that need it.
func (s *Service) prepare(ctx context.Context, t *task, files *files) error {
	if t.job.Before == nil {
		return nil
	}
	response, err := s.engine(ctx, t, imaging.Request{
		Recipe: t.job.Before.Recipe, Source: files.pictures[t.job.Before.Source], Pictures: files.pictures,
	})
	if err != nil {
		return err
	}
	made := map[string][]byte{}
	for _, output := range response.Outputs {
		made[output.ID] = output.Data
	}
	for name, source := range t.job.Pictures {
		if data, ok := made[source.Output]; ok {
			files.pictures[name] = data
		}
	}
	if id := t.job.Source.Output; id != "" {
		if files.source = made[id]; files.source == nil {
			return &ended{events.Failure{Code: "source_unreadable", Message: fmt.Sprintf("Image reference '%s' not found. Preprocessing probably failed.", id)}}
		}
	}
	return nil
}

func (s *Service) render(ctx context.Context, t *task, files files) (imaging.Response, error) {
	if k := t.job.Keep; k != nil && k.Asset.ResourceType == asset.Raw {
		return imaging.Response{}, nil
	}
	s.progress(t, "rendering", 20)
	if t.job.Keep != nil && t.job.Source.Derive != nil && len(t.job.Recipe.Outputs()) == 0 {
		return s.incoming(ctx, t, files)
	}
	response, err := s.engine(ctx, t, imaging.Request{
		Recipe: t.job.Recipe, Source: files.source, Pictures: files.pictures,
		Progress: func(done, total int) { s.progress(t, "rendering", 20+60*done/total) },
	})
	if err != nil {
		return response, err
	}
	t.result.Source = sourceOf(response.Source)
	t.result.Notes = t.job.Recipe.Notes()
	return response, nil
}

// engine has a renderer do something, and decides what its failure means for the job.
func (s *Service) engine(ctx context.Context, t *task, request imaging.Request) (imaging.Response, error) {
	begun := time.Now()
	response, err := s.deps.Renderer.Render(ctx, request)
	took := time.Since(begun)
	t.timing.RenderMS += took.Milliseconds()
	s.deps.Metrics.Rendered(took)
	if bad, ok := errors.AsType[*recipe.Error](err); ok {
		if bad.Code == recipe.RendererCrashed {
			s.keepAside(ctx, t, request.Source)
		}
		return response, &ended{events.Failure{Code: string(bad.Code), Message: bad.Message}}
	}
	if errors.Is(err, imaging.ErrBusy) {
		return response, bus.Later(err, busyPause)
	}
	if err != nil {
		return response, fmt.Errorf("render: %w", err)
	}
	return response, nil
}

// keepAside saves a picture that ended a renderer, for people to look at. That it cannot be saved is no reason to fail
// otherwise.
func (s *Service) keepAside(ctx context.Context, t *task, source []byte) {
	key := "quarantine/" + t.job.Application + "/" + t.job.ID.String()
	if err := s.deps.Store.Put(ctx, key, source, "application/octet-stream"); err != nil {
		s.deps.Log.Warn("source not kept aside", "job", t.job.ID.String(), "err", err)
		return
	}
	s.deps.Log.Error("picture ended its renderer and was kept aside", "job", t.job.ID.String(), "key", key)
}

func (s *Service) progress(t *task, stage string, percent int) {
	id := t.job.ID.String()
	out, err := bus.Event(events.LiveProgressSubject(t.job.Application, id), events.TypeJobProgress, eventSource, id,
		events.Progress{ID: id, Stage: stage, Percent: percent})
	if err == nil {
		err = s.deps.Bus.Announce(out)
	}
	if err != nil {
		s.deps.Log.Debug("progress not sent", "job", id, "err", err)
	}
}
