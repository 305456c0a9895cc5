package ingest

import (
	"encoding/json"
	"errors"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/application"
)

// getSources lists an application's sources, without their keys: GET /v1/application/sources.
func (s *Service) getSources(c *fiber.Ctx) error { return s.editPlaces(c, nil, sendSources) }

// patchSource changes a source, or makes one: PATCH /v1/application/sources/{name}.
func (s *Service) patchSource(c *fiber.Ctx) error {
	return s.editPlaces(c, func(app, name string, patch []byte) (application.Application, error) {
		return s.applications.ChangeSource(c.UserContext(), app, name, func(source *application.Source) error {
			return source.Patch(name, patch)
		})
	}, sendSources)
}

// deleteSource takes a source away: DELETE /v1/application/sources/{name}.
func (s *Service) deleteSource(c *fiber.Ctx) error {
	return s.editPlaces(c, func(app, name string, _ []byte) (application.Application, error) {
		return s.applications.RemoveSource(c.UserContext(), app, name)
	}, sendSources)
}

// getDestinations lists an application's destinations: GET /v1/application/destinations.
func (s *Service) getDestinations(c *fiber.Ctx) error {
	return s.editPlaces(c, nil, sendDestinations)
}

// patchDestination changes a destination, or makes one: PATCH /v1/application/destinations/{name}.
func (s *Service) patchDestination(c *fiber.Ctx) error {
	return s.editPlaces(c, func(app, name string, patch []byte) (application.Application, error) {
		return s.applications.ChangeDestination(c.UserContext(), app, name, func(d *application.Destination) error {
			return d.Patch(name, patch)
		})
	}, sendDestinations)
}

// deleteDestination takes a destination away: DELETE /v1/application/destinations/{name}.
func (s *Service) deleteDestination(c *fiber.Ctx) error {
	return s.editPlaces(c, func(app, name string, _ []byte) (application.Application, error) {
		return s.applications.RemoveDestination(c.UserContext(), app, name)
	}, sendDestinations)
}

// editPlaces changes an application's sources or destinations, and answers what there is of them then. Without an edit it
// only looks.
func (s *Service) editPlaces(
	c *fiber.Ctx, edit func(app, name string, patch []byte) (application.Application, error),
	send func(*fiber.Ctx, application.Application) error,
) error {
	app, ok := s.bearer(c)
	if !ok {
		return problem(c, unauthorized())
	}
	if edit == nil {
		app, err := s.applications.Get(c.UserContext(), app.ID) // not from memory, which is a moment behind
		if err != nil {
			return s.refuseApplication(c, err)
		}
		return send(c, app)
	}
	var patch []byte
	if c.Method() == fiber.MethodPatch {
		document, err := readDocument(c)
		if err != nil {
			return s.refuse(c, err)
		}
		patch = document
	}
	app, err := edit(app.ID, string([]byte(c.Params("name"))), patch)
	switch {
	case errors.Is(err, application.ErrNoPlace):
		return problem(c, native.NewProblem(native.NotFound, "There is "+err.Error()+"."))
	case errors.Is(err, application.ErrInvalidPlace), errors.Is(err, application.ErrHostTaken):
		return problem(c, native.NewProblem(native.InvalidRequest, err.Error()+"; nothing was changed."))
	case err != nil:
		return s.refuseApplication(c, err)
	}
	s.changed(c.UserContext(), app)
	return send(c, app)
}

func sendSources(c *fiber.Ctx, app application.Application) error {
	return sendPlaces(c, "sources", app.Secrets.Sources)
}

func sendDestinations(c *fiber.Ctx, app application.Application) error {
	return sendPlaces(c, "destinations", app.Secrets.Destinations)
}

func sendPlaces[T any](c *fiber.Ctx, name string, places []T) error {
	if places == nil {
		places = []T{}
	}
	body, err := json.Marshal(map[string][]T{name: places})
	if err != nil {
		return err
	}
	return sendJSON(c, fiber.StatusOK, body)
}
