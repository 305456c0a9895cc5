package ingest

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/dialect/filemobile"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/dialect/pixta"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/collection"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/media"
)

// storagePath is where media items are for those who look at them: the file, and its renditions behind a slash.
const storagePath = "/storage/"

// idTries is how many ids are tried for a new item. Two uploads of one millisecond rarely take the same one.
const idTries = 5

// originalKey is where the file of an item is in the blob store. Only items that we gave their ids have one.
func originalKey(application, item string) string {
	return "media/" + application + "/" + item + "/original"
}

// item reads a media item that is there for clients: one that was deleted is not.
func (s *Service) item(ctx context.Context, app, id string) (events.Media, error) {
	item, err := s.items.Get(ctx, app, id)
	if err == nil && media.Deleted(item.Status) {
		err = collection.ErrNotFound
	}
	return item, err
}

// changeItem changes an item that is there for clients.
func (s *Service) changeItem(ctx context.Context, app, id string, change func(*events.Media) error) (events.Media, error) {
	return s.items.Change(ctx, app, id, func(item *events.Media) error {
		if media.Deleted(item.Status) {
			return collection.ErrNotFound
		}
		return change(item)
	})
}

// describe applies a merge patch to what is said of an item.
func describe(patch []byte) func(*events.Media) error {
	return func(item *events.Media) error {
		info, err := media.Patch(item.MediaInfo, patch)
		if err == nil {
			item.MediaInfo = info
		}
		return err
	}
}

// newItem makes an item of a file that is about to come, under an id of its own. Its job has an id before it is accepted:
// an upload that is completed twice is one job.
func (s *Service) newItem(ctx context.Context, app string, file events.MediaFile, patch []byte) (events.Media, error) {
	item := events.Media{
		Status: events.MediaUploading, Job: s.newID(app).String(), Outputs: []events.Output{}, File: &file,
		UploadedAt: time.Now().UTC(), MediaInfo: events.MediaInfo{Injector: filemobile.Injector, Privacy: 1},
	}
	if err := describe(patch)(&item); err != nil {
		return item, err
	}
	for range idTries {
		id, err := filemobile.NewID(time.Now(), rand.Reader)
		if err != nil {
			return item, err
		}
		item.ID = id
		item.PublicURL = s.publicURL + storagePath + url.PathEscape(app) + "/" + id
		item.ThumbURL = item.PublicURL
		made, err := s.items.Create(ctx, app, item)
		if !errors.Is(err, collection.ErrExists) {
			return made, err
		}
	}
	return item, fmt.Errorf("make media item: %w", bus.ErrUnavailable)
}

// itemOf is the media item of a job that names none, in the dialects that the application makes items of; nil without one. An
// item of Cloudinary's lives on with its asset, and has its id; any other has that of its job. Pictures that are made for those
// who look at them are no items.
func (s *Service) itemOf(o order) *events.MediaRef {
	app, _ := s.deps.Applications.ByID(o.job.Application)
	switch dialect := o.record.Dialect; {
	case o.job.Media != nil || !app.Settings.Media.Makes(dialect):
		return o.job.Media
	case dialect == cloudinary.Dialect && o.job.Keep != nil:
		return &events.MediaRef{ID: o.job.Keep.Asset.ID}
	case dialect == blitline.Dialect, dialect == pixta.Dialect && len(o.record.Destinations) > 0:
		return &events.MediaRef{ID: o.id.String()}
	default:
		return nil
	}
}

// receive keeps the file of an item and hands it over to be converted by the application's standing recipe; a text has
// nothing to be converted. What was received before is as good.
func (s *Service) receive(ctx context.Context, app application.Application, item events.Media, data []byte) (events.Media, error) {
	key := originalKey(app.ID, item.ID)
	if err := s.deps.Store.Put(ctx, key, data, item.File.ContentType); err != nil {
		return item, fmt.Errorf("store upload: %w: %w", bus.ErrUnavailable, err)
	}
	next := events.MediaQueued
	if filemobile.FiletypeOf(item.File.ContentType) == filemobile.FiletypeText {
		next = events.MediaConverted
	} else if err := s.convert(ctx, app, item, key); err != nil {
		return item, err
	}
	return s.items.Change(ctx, app.ID, item.ID, func(now *events.Media) error {
		if media.Base(now.Status) == events.MediaUploading { // else its job was faster
			now.Status += next
		}
		return nil
	})
}

// convert hands over the job of an item's file.
func (s *Service) convert(ctx context.Context, app application.Application, item events.Media, key string) error {
	id, err := events.ParseID(item.Job)
	if err != nil {
		return fmt.Errorf("read job of media item %s: %w", item.ID, err)
	}
	_, err = s.accept(ctx, order{
		id: id, repeated: true,
		job: job.Job{
			Application: app.ID, Class: job.Standard, Source: job.Source{Kept: key}, Recipe: standing(app),
			Media: &events.MediaRef{ID: item.ID},
		},
		record: job.Record{Dialect: filemobile.Dialect},
	})
	return err
}

// standing is the recipe of an application's uploads. It finds out when and where the picture was taken, too, and nothing
// but that where the application wants no renditions.
func standing(app application.Application) recipe.Recipe {
	r := recipe.Recipe{Steps: []recipe.Step{{}}}
	if settings := app.Settings.Media; settings != nil && settings.Renditions != nil {
		r = *settings.Renditions
	}
	r.Inspect = slices.Clone(r.Inspect)
	for _, one := range []string{recipe.InspectEXIF, recipe.InspectGPS} {
		if !slices.Contains(r.Inspect, one) {
			r.Inspect = append(r.Inspect, one)
		}
	}
	return r
}

// deleteItem removes an item's pictures and leaves what is told of it: that it is gone.
func (s *Service) deleteItem(ctx context.Context, app, id string) error {
	var outputs []events.Output
	item, err := s.changeItem(ctx, app, id, func(item *events.Media) error {
		item.Status, outputs, item.Outputs = media.Delete(item.Status), item.Outputs, []events.Output{}
		return nil
	})
	if err != nil {
		return err
	}
	keys := []string{}
	if item.File != nil {
		keys = append(keys, originalKey(app, id))
	}
	for _, output := range outputs {
		if path, ours := strings.CutPrefix(output.URL, s.publicURL+filesPath); ours {
			keys = append(keys, outputPrefix+path)
		}
	}
	for _, key := range keys {
		if err := s.deps.Store.Delete(ctx, key); err != nil {
			s.deps.Log.Warn("picture of a deleted media item not removed", "key", key, "err", err)
		}
	}
	return nil
}

// place is where an item comes in a list.
type place struct {
	key int64
	id  string
}

// list finds the items of an application that are wanted, in their order; those that were deleted never are. Only their
// places are kept while all items pass by.
func (s *Service) list(ctx context.Context, app string, wanted func(events.Media) (key int64, ok bool)) ([]place, error) {
	var places []place
	err := s.items.Walk(ctx, app, func(item events.Media) error {
		if media.Deleted(item.Status) {
			return nil
		}
		if key, ok := wanted(item); ok {
			places = append(places, place{key, item.ID})
		}
		return nil
	})
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id)) })
	return places, err
}

// page reads the items of some places. One that was deleted in the meantime is left out.
func (s *Service) page(ctx context.Context, app string, places []place) ([]events.Media, error) {
	items := []events.Media{}
	for _, at := range places {
		item, err := s.item(ctx, app, at.id)
		if errors.Is(err, collection.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// getStorage serves the file of a media item, or one of its renditions: GET /storage/{application}/{item}/{rendition}.
// What was denied, trashed or deleted is not there, from one moment to the next.
func (s *Service) getStorage(c *fiber.Ctx) error {
	app, id := string([]byte(c.Params("application"))), string([]byte(c.Params("item")))
	gone := native.NewProblem(native.NotFound, "There is no such picture.")
	item, err := s.item(c.UserContext(), app, id)
	switch {
	case errors.Is(err, collection.ErrNotFound):
		return problem(c, gone)
	case err != nil:
		return s.refuse(c, err)
	case media.Trashed(item.Status), item.Moderation.Status == events.MediaDenied, item.File == nil:
		return problem(c, gone)
	}
	rendition := c.Params("rendition")
	if rendition == "" {
		return s.sendStored(c, originalKey(app, id), "no-cache")
	}
	at := slices.IndexFunc(item.Outputs, func(o events.Output) bool { return o.ID == rendition })
	if at < 0 {
		return problem(c, gone)
	}
	address := item.Outputs[at].URL
	if path, ours := strings.CutPrefix(address, s.publicURL+filesPath); ours {
		return s.sendStored(c, outputPrefix+path, "no-cache")
	}
	return c.Redirect(address, fiber.StatusFound)
}
