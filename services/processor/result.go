package processor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/job"
)

// eventSource is the ce-source of what the processor emits.
const eventSource = "/ringback/processor"

// ended is the error of a step that decides the job: it fails with this reason, and no other try would help.
type ended struct{ failure events.Failure }

func (e *ended) Error() string { return e.failure.Code + ": " + e.failure.Message }

// errEnded is returned for a job that turned out to have its result already.
var errEnded = errors.New("the job has ended already")

// endUnless ends the job when err decided it, and hands every other error to the law.
func (s *Service) endUnless(ctx context.Context, t *task, err error) error {
	var decided *ended
	switch {
	case errors.Is(err, errEnded):
		return nil
	case errors.As(err, &decided) && t.waits(decided.failure):
		return bus.Later(err, t.job.Patience)
	case errors.As(err, &decided):
		return s.fail(ctx, t, decided.failure)
	default:
		return err
	}
}

// waits tells whether the job wants its source to be tried again: it may not be there yet.
func (t *task) waits(failure events.Failure) bool {
	return t.job.Patience > 0 && strings.HasPrefix(failure.Code, "source_") &&
		time.Since(t.job.AcceptedAt) < job.PatientTries*t.job.Patience
}

func (s *Service) fail(ctx context.Context, t *task, failure events.Failure) error {
	t.result.Errors = append(t.result.Errors, failure)
	return s.end(ctx, t)
}

// end publishes the job's record and then its one result. That another processor did so before is as good: then the job
// has ended, and not twice. The record is the same whoever publishes it, so the two need not be one atomic batch, which
// would cost six times as much; and whoever reads the stream has the record in hand when the result comes.
func (s *Service) end(ctx context.Context, t *task) error {
	t.result.Timing = t.timing
	t.result.State = stateOf(t.result)
	id := t.result.ID
	result, err := bus.Event(events.ResultSubject(t.job.Application, id), t.result.State.Type(), eventSource, id, t.result)
	if err != nil {
		return bus.Reject(err)
	}
	result.Last = bus.MustBeNew()
	record := bus.Out{Subject: bus.RecordSubject(t.job.Application, id), Data: t.sealed, Last: bus.MustBeNew()}
	if _, err := s.results.Commit(ctx, record); err != nil && !errors.Is(err, bus.ErrExists) {
		return bus.Later(fmt.Errorf("store record: %w", err), storePause)
	}
	_, err = s.results.Commit(ctx, result)
	switch {
	case errors.Is(err, bus.ErrExists):
		return s.behind(ctx, t.job)
	case err != nil:
		return bus.Later(fmt.Errorf("store result: %w", err), storePause)
	}
	s.deps.Metrics.ResultPublished(string(t.result.State))
	s.deps.Log.Info("job ended", "job", id, "application", t.job.Application, "state", t.result.State,
		"outputs", len(t.result.Outputs), "took", time.Since(t.begun))
	return s.behind(ctx, t.job)
}

// behind sees to what comes after a job that has its result.
func (s *Service) behind(ctx context.Context, j job.Job) error {
	if err := s.follow(ctx, j); err != nil {
		return err
	}
	s.dropSource(ctx, j)
	return nil
}

// dropSource removes what was uploaded with a job that has its result.
func (s *Service) dropSource(ctx context.Context, j job.Job) {
	for _, key := range j.Blobs() {
		if err := s.deps.Store.Delete(ctx, key); err != nil && !errors.Is(err, blob.ErrNotFound) {
			s.deps.Log.Warn("uploaded source not removed", "job", j.ID.String(), "err", err)
		}
	}
}

// bury ends a job that the law gave up: also such a job gets its result.
func (s *Service) bury(ctx context.Context, message *bus.Message, reason error) error {
	event, err := message.Event()
	if err != nil {
		return nil //nolint:nilerr // nobody can be told about a message without an id; RINGBACK_DEAD keeps it
	}
	id, err := events.ParseID(event.Subject())
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	j, sealed, err := job.Decode(id, message.Data)
	if err != nil {
		return nil //nolint:nilerr // as above
	}
	s.deps.Log.Error("job given up", "job", id.String(), "err", reason)
	t := &task{job: j, sealed: sealed, begun: time.Now()}
	t.result = events.Result{ID: id.String(), Metadata: j.Metadata, Media: j.Media, Outputs: []events.Output{}}
	if elsewhere(j) {
		s.dropMade(ctx, j)
	}
	return s.fail(ctx, t, events.Failure{
		Code: "internal", Message: "The job could not be done because of a fault of this installation; its log has the details.",
	})
}

// sourceOf is what is told of a source.
func sourceOf(facts imaging.Facts) *events.Source {
	source := &events.Source{
		Width: facts.Width, Height: facts.Height, Format: facts.Format, Bytes: facts.Bytes, DPI: facts.DPI,
	}
	if facts.Pages > 1 {
		source.Pages = facts.Pages
	}
	if facts.Details != nil {
		details := events.Details(*facts.Details)
		source.Details = &details
	}
	return source
}

// outputOf is what is told of an output.
func outputOf(r imaging.Rendered, at job.Location) events.Output {
	output := events.Output{
		ID: r.ID, Page: r.Page, URL: at.URL, Width: r.Width, Height: r.Height, Format: r.Format,
		Bytes: int64(len(r.Data)), Placeholder: r.Placeholder,
		Quality: r.Quality, DPI: r.DPI, Blank: r.Blank,
	}
	if r.Frames > 1 {
		output.Frames = r.Frames
	}
	for _, sprite := range r.Sprites {
		output.Sprites = append(output.Sprites, events.Sprite(sprite))
	}
	return output
}

func stateOf(result events.Result) events.State {
	switch {
	case len(result.Errors) == 0:
		return events.StateCompleted
	case len(result.Outputs) > 0:
		return events.StatePartial
	default:
		return events.StateFailed
	}
}
