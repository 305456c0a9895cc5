package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/pixta"
	"github.com/ringback/ringback/services/dialect/pixta/parameter"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/storage"
)

const (
	// pixtaPath is where background processes are handed over.
	pixtaPath = "/api/processes/v1/background_processes"
	// pixtaKey is the header with the application's token.
	pixtaKey = "x-api-key"
)

// mountPixta serves background processes, and the pictures of sources by their ids.
func (s *Service) mountPixta(app *fiber.App) {
	app.Post(pixtaPath, s.postPixtaProcess)
	app.Get(pixtaPath+"/:id", s.getPixtaProcess)
	app.Use("/api/processes", func(c *fiber.Ctx) error {
		return s.refusePixta(c, &pixta.Error{Status: fiber.StatusNotFound, Message: "There is nothing at " + c.Method() + " " + c.Path()})
	})
	app.Get(picturesPath+":source/*", s.getPictureBySource)
}

// postPixtaProcess takes a background process: POST /api/processes/v1/background_processes.
func (s *Service) postPixtaProcess(c *fiber.Ctx) error {
	body, err := s.acceptPixta(c)
	if err != nil {
		return s.refusePixta(c, err)
	}
	return sendJSON(c, fiber.StatusOK, body)
}

// pixtaCaller finds the application that a request comes from.
func (s *Service) pixtaCaller(c *fiber.Ctx) (application.Application, error) {
	app, ok := s.deps.Applications.ByToken(c.Get(pixtaKey))
	if !ok {
		return app, &pixta.Error{Status: fiber.StatusUnauthorized, Message: "The x-api-key is not the token of an application here"}
	}
	return app, nil
}

func (s *Service) acceptPixta(c *fiber.Ctx) ([]byte, error) {
	app, err := s.pixtaCaller(c)
	if err != nil {
		return nil, err
	}
	body, err := readBody(c, documentBytes)
	if err != nil {
		return nil, err
	}
	request, err := pixta.Parse(c.Get(fiber.HeaderContentType), body)
	if err != nil {
		return nil, err
	}
	o, err := s.pixtaOrder(app, request)
	if err != nil {
		return nil, err
	}
	accepted, err := s.accept(c.UserContext(), o)
	if err != nil {
		return nil, err
	}
	return pixta.AcceptedReply(accepted.ID, pixta.Details{SourceID: request.SourceID}), nil
}

// pixtaOrder makes a job of a process: one picture, to all destinations of the application.
func (s *Service) pixtaOrder(app application.Application, request pixta.Request) (order, error) {
	unprocessable := func(format string, args ...any) error {
		return &pixta.Error{Status: fiber.StatusUnprocessableEntity, Message: fmt.Sprintf(format, args...)}
	}
	place, ok := app.Source(request.SourceID)
	if !ok {
		return order{}, &pixta.Error{Status: fiber.StatusNotFound, Message: "The application has no source " + request.SourceID}
	}
	source, err := storage.From(place, request.ObjectKey)
	if err != nil {
		return order{}, unprocessable("object_key: %v", err)
	}
	var to []job.Destination
	for _, d := range app.Secrets.Destinations {
		if d.Manual {
			continue
		}
		one, err := storage.To(d, request.DestinationKey)
		if err != nil {
			return order{}, unprocessable("destination_object_key: %v", err)
		}
		to = append(to, one)
	}
	if len(to) == 0 {
		return order{}, unprocessable("The application has no destination; ringback destination add gives it one")
	}
	made, err := s.translatePixta(app, place, request.Parameters, "")
	if err != nil {
		return order{}, err
	}
	o := order{
		id: events.NewShortID(time.Now(), app.ID, s.idKey), numbering: job.Unnumbered,
		job: job.Job{
			Application: app.ID, Class: job.Standard, Source: source, Recipe: made.recipe, Pictures: made.pictures,
		},
		record: job.Record{
			Dialect: pixta.Dialect, Destinations: [][]job.Destination{to}, Details: pixta.Details{SourceID: request.SourceID}.Encode(),
		},
	}
	if app.Settings.Pixta != nil {
		for _, url := range app.Settings.Pixta.WebhookURLs {
			o.record.Targets = append(o.record.Targets, job.Target{Sink: job.SinkPostback, URL: url})
		}
	}
	return o, nil
}

// getPixtaProcess tells how a process is: GET /api/processes/v1/background_processes/{job_id}.
func (s *Service) getPixtaProcess(c *fiber.Ctx) error {
	body, status, err := s.pixtaProcess(c)
	if err != nil {
		return s.refusePixta(c, err)
	}
	return sendJSON(c, status, body)
}

// pixtaProcess answers what the webhook does once the process is done, and until then that it is not.
func (s *Service) pixtaProcess(c *fiber.Ctx) (body []byte, status int, err error) {
	app, err := s.pixtaCaller(c)
	if err != nil {
		return nil, 0, err
	}
	if !s.mayAsk(c, app) {
		return nil, 0, &pixta.Error{Status: fiber.StatusTooManyRequests, Message: "The application asks for results too often, try again later"}
	}
	id, err := events.ParsePixtaID(c.Params("id"), app.ID)
	if err != nil {
		return nil, 0, errUnknownJob
	}
	result, err := s.outcome(c.UserContext(), app.ID, id, 0)
	if err != nil {
		return nil, 0, err
	}
	if result == nil {
		return pixta.QueuedReply(id), fiber.StatusAccepted, nil
	}
	details, err := s.pixtaDetails(c.UserContext(), app.ID, id.String())
	if err != nil {
		return nil, 0, err
	}
	body, err = pixta.Webhook(*result, details)
	return body, fiber.StatusOK, err
}

func (s *Service) pixtaDetails(ctx context.Context, app, id string) (pixta.Details, error) {
	record, err := s.recordOf(ctx, app, id)
	if err != nil {
		return pixta.Details{}, err
	}
	if record.Dialect != pixta.Dialect {
		return pixta.Details{}, errUnknownJob
	}
	return pixta.ParseDetails(record.Details)
}

// refusePixta answers in the format's envelope why something was not taken.
func (s *Service) refusePixta(c *fiber.Ctx, err error) error {
	refused, known := errors.AsType[*pixta.Error](err)
	wrong, isParameter := errors.AsType[*parameter.Error](err)
	switch {
	case known:
	case isParameter:
		refused = &pixta.Error{Status: fiber.StatusUnprocessableEntity, Message: wrong.Error()}
	case errors.Is(err, errBodyTooLarge), errors.Is(err, bus.ErrTooLarge):
		refused = &pixta.Error{Status: fiber.StatusRequestEntityTooLarge, Message: "A request may have 1 MiB"}
	case errors.Is(err, errBodyBroken):
		refused = &pixta.Error{Status: fiber.StatusBadRequest, Message: "The body breaks off"}
	case errors.Is(err, errUnknownJob):
		refused = &pixta.Error{Status: fiber.StatusNotFound, Message: "There is no such process, or its result is no longer kept"}
	case errors.Is(err, bus.ErrQueueFull):
		setRetryAfter(c, retryAfter)
		refused = &pixta.Error{Status: fiber.StatusTooManyRequests, Message: "The application has too many processes waiting, try again in a few seconds"}
	case errors.Is(err, bus.ErrUnavailable), errors.Is(err, errTooManyWaiters), errors.Is(err, errStillMade):
		setRetryAfter(c, retryAfter)
		refused = &pixta.Error{Status: fiber.StatusServiceUnavailable, Message: "Try again in a few seconds"}
	default:
		refused = &pixta.Error{Status: fiber.StatusInternalServerError, Message: "The fault is on this side, try again later"}
	}
	if refused.Status >= fiber.StatusInternalServerError {
		s.deps.Log.Error("request failed", "path", c.Path(), "err", err)
	}
	return sendJSON(c, refused.Status, pixta.ErrorReply(refused))
}
