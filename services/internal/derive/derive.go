// Package derive makes jobs of what clients want derived of their assets: transformations, asked for ahead or when
// somebody looks at them first.
package derive

import (
	"context"
	"errors"
	"maps"
	"path"
	"strconv"
	"strings"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/cloudinary/transformation"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/library"
)

// InvalidTransformation is the code of an output whose transformation cannot be done.
const InvalidTransformation = "invalid_transformation"

// Want is what is to be derived of one asset.
type Want struct {
	Application application.Application
	Asset       asset.Asset
	// Base is what addresses begin with.
	Base string
	// Pictures are what to make; each becomes an output whose id is its index.
	Pictures []job.Derivation
	// Accept is the header of the client that is going to look at them, if there is one.
	Accept string
}

// Plan is the part of a job that says what it makes.
type Plan struct {
	Recipe    recipe.Recipe
	Pictures  map[string]job.Source
	Locations []job.Location
	// Unmade are those that cannot be made, with the reason in words for the client.
	Unmade []events.Failure
	// Made are the translations of the others, by the index of what was wanted.
	Made map[int]transformation.Translation
}

// MakePlan translates what is wanted into one recipe. It fails when the library does not answer.
func MakePlan(ctx context.Context, l *library.Library, w Want) (Plan, error) {
	plan := Plan{Pictures: map[string]job.Source{}, Made: map[int]transformation.Translation{}}
	for i, want := range w.Pictures {
		made, err := plan.add(ctx, l, w, i, want)
		var refused *transformation.Error
		switch {
		case errors.As(err, &refused):
			plan.Unmade = append(plan.Unmade, events.Failure{Output: strconv.Itoa(i), Code: InvalidTransformation, Message: refused.Message})
		case err != nil:
			return plan, err
		default:
			plan.Made[i] = made
		}
	}
	return plan, nil
}

func (p *Plan) add(ctx context.Context, l *library.Library, w Want, i int, want job.Derivation) (transformation.Translation, error) {
	asked, err := read(w.Application, want.Transformation)
	if err != nil {
		return transformation.Translation{}, err
	}
	layers := &layers{ctx: ctx, library: l, application: w.Application.ID, found: map[transformation.Layer]asset.Asset{}}
	made, err := asked.Translate(transformation.Request{
		Asset: known(w.Asset), Extension: want.Extension, Accept: w.Accept, Assets: layers.known, Prefix: strconv.Itoa(i) + "-",
	})
	if err != nil {
		return made, err
	}
	if len(p.Recipe.Steps) == 0 {
		p.Recipe.Pages, p.Recipe.Density, p.Recipe.AsStored = made.Recipe.Pages, made.Recipe.Density, made.Recipe.AsStored
	} else if p.Recipe.Pages != made.Recipe.Pages || p.Recipe.Density != made.Recipe.Density || p.Recipe.AsStored != made.Recipe.AsStored {
		return made, &transformation.Error{Message: "Invalid eager: pictures of different pages, densities or orientations are made by calls of their own"}
	}
	for name, from := range made.Pictures {
		source, err := layers.source(from)
		if err != nil {
			return made, err
		}
		p.Pictures[name] = source
	}
	steps := made.Recipe.Steps
	name(steps, strconv.Itoa(i))
	p.Recipe.Steps = append(p.Recipe.Steps, steps...)
	key := Key(w.Application.ID, w.Asset, asked, made)
	p.Locations = append(p.Locations, job.Location{Key: key, URL: w.Base + w.Asset.Path(want.Transformation, made.Format)})
	return made, nil
}

// read parses a transformation, and puts in what the application has named.
func read(a application.Application, text string) (transformation.Transformation, error) {
	asked, err := transformation.Parse(text)
	if err != nil {
		return asked, err
	}
	return asked.Expand(func(name string) (string, bool) {
		if a.Settings.Cloudinary == nil {
			return "", false
		}
		text, ok := a.Settings.Cloudinary.Transformations[name]
		return text, ok
	})
}

// Check tells whether a transformation can be read at all. It fails with a [*transformation.Error].
func Check(a application.Application, text string) error {
	_, err := read(a, text)
	return err
}

// Key is where a derived picture is in the blob store. Pages of one document have the key of all pages, with their number.
func Key(application string, a asset.Asset, asked transformation.Transformation, made transformation.Translation) string {
	canonical := asked.Canonical()
	if len(made.Pages) == 1 {
		page := "pg_" + strconv.Itoa(made.Pages[0])
		if replaced := replacePage(canonical, page); replaced != canonical {
			key := a.DerivedKey(application, replaced, made.Format)
			extension := path.Ext(key)
			return strings.TrimSuffix(key, extension) + "-" + strconv.Itoa(made.Pages[0]) + extension
		}
	}
	return a.DerivedKey(application, canonical, made.Format)
}

// replacePage writes pg_all in the place of a page.
func replacePage(canonical, page string) string {
	components := strings.Split(canonical, "/")
	for i, component := range components {
		params := strings.Split(component, ",")
		for j, param := range params {
			if param == page {
				params[j] = "pg_all"
			}
		}
		components[i] = strings.Join(params, ",")
	}
	return strings.Join(components, "/")
}

// name gives the one save below steps an id.
func name(steps []recipe.Step, id string) {
	for i := range steps {
		if steps[i].Save != nil {
			steps[i].Save.ID = id
		}
		name(steps[i].Steps, id)
	}
}

// known is what a translation may know of an asset.
func known(a asset.Asset) transformation.Asset {
	boxes := func(from []asset.Box) []transformation.Box {
		var all []transformation.Box
		for _, b := range from {
			all = append(all, transformation.Box(b))
		}
		return all
	}
	return transformation.Asset{
		Width: a.Width, Height: a.Height, Pages: a.Pages, Bytes: int(a.Bytes), Format: a.Format, Tags: a.Tags,
		Context: maps.Clone(a.Context), Metadata: maps.Clone(a.Metadata), Faces: boxes(a.Faces), Custom: boxes(a.Custom),
		Opaque: a.Format == "jpg",
	}
}

// layers finds the assets that are laid over another.
type layers struct {
	ctx         context.Context //nolint:containedctx // for one translation, which asks back
	library     *library.Library
	application string
	found       map[transformation.Layer]asset.Asset
}

func (l *layers) known(from transformation.Layer) (transformation.Asset, bool) {
	if from.PublicID == "" {
		return transformation.Asset{}, false
	}
	a, err := l.get(from)
	return known(a), err == nil
}

func (l *layers) get(from transformation.Layer) (asset.Asset, error) {
	if a, ok := l.found[from]; ok {
		return a, nil
	}
	a, err := l.library.Get(l.ctx, l.application, asset.Ref{ResourceType: from.ResourceType, Type: from.Type, PublicID: from.PublicID})
	if err == nil {
		l.found[from] = a
	}
	return a, err
}

// source is where a layer's picture is read from. It fails with a [*transformation.Error] for one that there is not.
func (l *layers) source(from transformation.Layer) (job.Source, error) {
	if data, inline := strings.CutPrefix(from.URL, "data:image/png;base64,"); inline {
		return job.Source{Inline: data}, nil
	}
	if from.URL != "" {
		return job.Source{URL: from.URL}, nil
	}
	a, err := l.get(from)
	if errors.Is(err, library.ErrNotFound) {
		return job.Source{}, &transformation.Error{Message: "Resource not found - " + from.PublicID}
	}
	return job.Source{Kept: a.Key}, err
}
