package processor

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/derive"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
)

// piecesAtATime is how many pictures of one job are derived side by side: others want the renderers, too.
const piecesAtATime = 2

// looking is a recipe that finds out what a picture is, and makes nothing of it.
var looking = recipe.Recipe{Inspect: []string{"icc"}, Steps: []recipe.Step{{}}}

// derivePieces makes of the pictures that another one is put together from what is wanted of them first. What cannot be
// made fails the job: a sheet with a hole would be no use.
func (s *Service) derivePieces(ctx context.Context, t *task, files *files) error {
	if len(t.job.Recipe.Outputs()) == 0 {
		return nil // what comes in is transformed as the job's own output
	}
	group, deriving := errgroup.WithContext(ctx)
	group.SetLimit(piecesAtATime)
	if d := t.job.Source.Derive; d != nil {
		group.Go(func() (err error) {
			files.source, err = s.piece(deriving, t, files.source, *d)
			return err
		})
	}
	made := make(map[string][]byte, len(files.pictures))
	names := make([]string, 0, len(files.pictures))
	for name := range files.pictures {
		names = append(names, name)
	}
	pieces := make([][]byte, len(names))
	for i, name := range names {
		pieces[i] = files.pictures[name]
		if d := t.job.Pictures[name].Derive; d != nil {
			group.Go(func() (err error) {
				pieces[i], err = s.piece(deriving, t, files.pictures[name], *d)
				return err
			})
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, name := range names {
		made[name] = pieces[i]
	}
	files.pictures = made
	return nil
}

// piece makes a derived picture of data that loses nothing: it is going to be encoded once more.
func (s *Service) piece(ctx context.Context, t *task, data []byte, d job.Derivation) ([]byte, error) {
	plan, files, err := s.plan(ctx, t, asset.Asset{}, data, d)
	if err != nil {
		return nil, err
	}
	withoutLoss(plan.Recipe.Steps)
	response, err := s.engine(ctx, t, imaging.Request{Recipe: plan.Recipe, Source: data, Pictures: files})
	if err != nil {
		return nil, err
	}
	if len(response.Outputs) == 0 {
		return nil, unmade(response)
	}
	return response.Outputs[0].Data, nil
}

// withoutLoss lets the one save below steps write a PNG.
func withoutLoss(steps []recipe.Step) {
	for i := range steps {
		if save := steps[i].Save; save != nil {
			steps[i].Save = &recipe.Save{ID: save.ID, Format: string(recipe.PNG)}
		}
		withoutLoss(steps[i].Steps)
	}
}

// incoming transforms an upload before it is kept.
func (s *Service) incoming(ctx context.Context, t *task, files files) (imaging.Response, error) {
	plan, pictures, err := s.plan(ctx, t, t.job.Keep.Asset, files.source, *t.job.Source.Derive)
	if err != nil {
		return imaging.Response{}, err
	}
	response, err := s.engine(ctx, t, imaging.Request{Recipe: plan.Recipe, Source: files.source, Pictures: pictures})
	if err == nil && len(response.Outputs) == 0 {
		err = unmade(response)
	}
	if err != nil {
		return response, err
	}
	response.Outputs = response.Outputs[:1]
	response.Outputs[0].Index, response.Outputs[0].Page = 0, 0
	t.job.Locations = []job.Location{{Key: t.job.Keep.Asset.Key}}
	t.result.Source = sourceOf(response.Source)
	return response, nil
}

// plan finds out what data is, translates what is wanted of it, and gets the further pictures for that.
func (s *Service) plan(ctx context.Context, t *task, a asset.Asset, data []byte, d job.Derivation) (derive.Plan, map[string][]byte, error) {
	seen, err := s.engine(ctx, t, imaging.Request{Recipe: looking, Source: data})
	if err != nil {
		return derive.Plan{}, nil, err
	}
	facts := seen.Source
	a.Width, a.Height, a.Format, a.Pages, a.Bytes = facts.Width, facts.Height, extensionOf(facts.Format), facts.Pages, facts.Bytes
	plan, err := derive.MakePlan(ctx, s.library, derive.Want{Application: s.applicationOf(t.job), Asset: a, Pictures: []job.Derivation{d}})
	if err != nil {
		return plan, nil, fmt.Errorf("plan: %w", err)
	}
	if len(plan.Unmade) > 0 {
		failure := plan.Unmade[0]
		failure.Output = ""
		return plan, nil, &ended{failure}
	}
	pictures := map[string][]byte{}
	for name, source := range plan.Pictures {
		picture, err := s.fetchOne(ctx, t.job, source, 1)
		if _, decided := errors.AsType[*ended](err); decided {
			continue // it fails the step that needs it
		}
		if err != nil {
			return plan, nil, err
		}
		pictures[name] = picture
	}
	return plan, pictures, nil
}

// unmade is why a recipe of one output made none.
func unmade(response imaging.Response) error {
	if len(response.Failures) == 0 {
		return &ended{events.Failure{Code: "internal", Message: "Nothing was made."}}
	}
	failure := response.Failures[0]
	return &ended{events.Failure{Code: string(failure.Code), Message: failure.Message}}
}
