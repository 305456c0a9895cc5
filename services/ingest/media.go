package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/collection"
	"github.com/ringback/ringback/services/internal/media"
)

const (
	// mediaPage and maxMediaPage are how many items a page of the list has.
	mediaPage    = 50
	maxMediaPage = 500
	// maxVoter bounds the name of a voter, in bytes.
	maxVoter = 100
	// maxVoice is the best that can be said of an item.
	maxVoice = 10
)

// mountMedia serves media items as resources of the native API.
func (s *Service) mountMedia(app *fiber.App) {
	app.Get("/v1/media", s.listMedia)
	app.Get("/v1/media/:id", s.getMedia)
	app.Patch("/v1/media/:id", s.patchMedia)
	app.Delete("/v1/media/:id", s.deleteMedia)
	app.Post("/v1/media/:id/votes", s.postVote)
	app.Post("/v1/media/:id/callback", s.postMediaCallback)
	app.Get(storagePath+":application/:item/:rendition?", s.getStorage)
}

// mediaItem finds who asks, and which item is meant.
func (s *Service) mediaItem(c *fiber.Ctx) (app application.Application, id string, err error) {
	app, ok := s.bearer(c)
	if !ok {
		return app, "", unauthorized()
	}
	if id, err = url.PathUnescape(string([]byte(c.Params("id")))); err != nil {
		return app, "", collection.ErrNotFound
	}
	return app, id, nil
}

// refuseMedia answers what became of a request about media items.
func (s *Service) refuseMedia(c *fiber.Ctx, err error) error {
	if errors.Is(err, collection.ErrNotFound) {
		return problem(c, native.NewProblem(native.NotFound, "There is no such media item."))
	}
	if wrong := media.FieldErrors(err); wrong != nil {
		p := native.NewProblem(native.InvalidRequest, "The media item cannot be as it was given; nothing was changed.")
		for _, e := range wrong {
			p.Errors = append(p.Errors, native.FieldError{Field: e.Field, Value: e.Value, Want: e.Want})
		}
		return problem(c, p)
	}
	return s.refuse(c, err)
}

// listMedia lists an application's items by their ids: GET /v1/media?limit=&after=&moderation=&trashed=.
func (s *Service) listMedia(c *fiber.Ctx) error {
	app, err := s.asks(c)
	if err != nil {
		return s.refuse(c, err)
	}
	var f fields
	limit := f.number("limit", c.Query("limit"), mediaPage, maxMediaPage)
	moderation, narrowed := 0, c.Query("moderation") != ""
	if narrowed {
		moderation = slices.Index([]string{"0", "1", "2"}, c.Query("moderation"))
		if moderation < 0 {
			f.fail("moderation", c.Query("moderation"), "0 for unmoderated, 1 for approved or 2 for denied")
		}
	}
	trashed, err := strconv.ParseBool(c.Query("trashed", "false"))
	if err != nil {
		f.fail("trashed", c.Query("trashed"), "true or false")
	}
	if err := f.err("The query cannot be read."); err != nil {
		return s.refuse(c, err)
	}
	after := string([]byte(c.Query("after")))
	places, err := s.list(c.UserContext(), app.ID, func(item events.Media) (int64, bool) {
		return 0, item.ID > after && media.Trashed(item.Status) == trashed && (!narrowed || item.Moderation.Status == moderation)
	})
	if err != nil {
		return s.refuse(c, unavailable(err))
	}
	shown := struct {
		Media []events.Media `json:"media"`
		Next  string         `json:"next,omitempty"`
	}{}
	if len(places) > limit {
		places = places[:limit]
		shown.Next = places[limit-1].id
	}
	if shown.Media, err = s.page(c.UserContext(), app.ID, places); err != nil {
		return s.refuseMedia(c, err)
	}
	return sendValue(c, fiber.StatusOK, shown)
}

// getMedia shows an item: GET /v1/media/{id}.
func (s *Service) getMedia(c *fiber.Ctx) error {
	app, id, err := s.mediaItem(c)
	if err != nil {
		return s.refuseMedia(c, err)
	}
	item, err := s.item(c.UserContext(), app.ID, id)
	if err != nil {
		return s.refuseMedia(c, err)
	}
	return sendValue(c, fiber.StatusOK, item)
}

// patchMedia changes what is said of an item, or puts it away and back: PATCH /v1/media/{id}.
func (s *Service) patchMedia(c *fiber.Ctx) error {
	app, id, err := s.mediaItem(c)
	if err != nil {
		return s.refuseMedia(c, err)
	}
	document, err := readDocument(c)
	if err != nil {
		return s.refuse(c, err)
	}
	patch, trash, err := splitTrashed(document)
	if err != nil {
		return s.refuseMedia(c, err)
	}
	item, err := s.changeItem(c.UserContext(), app.ID, id, func(item *events.Media) error {
		switch {
		case trash == nil:
		case *trash && !media.Trashed(item.Status):
			item.Status = media.Trash(item.Status)
		case !*trash:
			item.Status = media.Restore(item.Status)
		}
		return describe(patch)(item)
	})
	if err != nil {
		return s.refuseMedia(c, err)
	}
	return sendValue(c, fiber.StatusOK, item)
}

// splitTrashed takes the one field of a patch that is no part of what is said of an item.
func splitTrashed(document []byte) (patch []byte, trash *bool, err error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(document, &object); err != nil || object == nil {
		return nil, nil, &media.FieldError{Want: "a JSON object"}
	}
	raw, ok := object["trashed"]
	if !ok {
		return document, nil, nil
	}
	if err := json.Unmarshal(raw, &trash); err != nil || trash == nil {
		return nil, nil, &media.FieldError{Field: "trashed", Value: shortened(raw), Want: "true or false"}
	}
	delete(object, "trashed")
	patch, err = json.Marshal(object)
	return patch, trash, err
}

// deleteMedia deletes an item and its pictures: DELETE /v1/media/{id}.
func (s *Service) deleteMedia(c *fiber.Ctx) error {
	app, id, err := s.mediaItem(c)
	if err == nil {
		err = s.deleteItem(c.UserContext(), app.ID, id)
	}
	if err != nil {
		return s.refuseMedia(c, err)
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// postVote counts what somebody thinks of an item: POST /v1/media/{id}/votes.
func (s *Service) postVote(c *fiber.Ctx) error {
	app, id, err := s.mediaItem(c)
	if err != nil {
		return s.refuseMedia(c, err)
	}
	document, err := readDocument(c)
	if err != nil {
		return s.refuse(c, err)
	}
	var vote struct {
		Value *int   `json:"value"`
		Voter string `json:"voter"`
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&vote); err != nil || vote.Value == nil || *vote.Value < 0 || *vote.Value > maxVoice {
		return s.refuseMedia(c, &media.FieldError{Field: "value", Want: `a whole number from 0 to 10; the one other field is "voter"`})
	}
	if flaw := media.Flaw(vote.Voter, maxVoter); flaw != "" {
		return s.refuseMedia(c, &media.FieldError{Field: "voter", Want: flaw})
	}
	if _, err := s.item(c.UserContext(), app.ID, id); err != nil {
		return s.refuseMedia(c, err)
	}
	item, err := s.items.Vote(c.UserContext(), app.ID, id, vote.Voter, *vote.Value)
	if err != nil {
		return s.refuseMedia(c, err)
	}
	return sendValue(c, fiber.StatusOK, item)
}

// postMediaCallback lets an item's newest state be sent once more, at the end of its window: POST /v1/media/{id}/callback.
func (s *Service) postMediaCallback(c *fiber.Ctx) error {
	app, id, err := s.mediaItem(c)
	if err != nil {
		return s.refuseMedia(c, err)
	}
	item, err := s.items.Touch(c.UserContext(), app.ID, id)
	if err != nil {
		return s.refuseMedia(c, err)
	}
	return sendValue(c, fiber.StatusAccepted, item)
}
