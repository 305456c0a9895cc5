package ingest

import (
	"errors"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/ringback/ringback/services/dialect/native"
)

// headerBytes bounds the headers of a request.
const headerBytes = 16 << 10

// routes mounts everything that is served. A path of one dialect is answered in that dialect's shape, also when it fails.
func (s *Service) routes() *fiber.App {
	app := fiber.New(fiber.Config{
		AppName: "ringback", DisableStartupMessage: true, ErrorHandler: s.failed,
		// Bodies are read by us, as a stream with a limit: with the server's own, a client that sends too much sees its
		// connection reset instead of an answer.
		StreamRequestBody: true, DisablePreParseMultipartForm: true, BodyLimit: aheadBytes,
		ReadBufferSize: headerBytes, ReadTimeout: s.config.Timeout, DisableDefaultContentType: true,
	})
	app.Use(readLeftovers, recover.New())
	app.Use(s.getPictureAtHost)

	app.Post("/v1/jobs", s.postJob)
	app.Post("/v1/uploads", s.postUpload)
	app.Put("/v1/uploads/:id", s.putUpload)
	app.Post("/v1/jobs/status", s.postStatus)
	app.Get("/v1/jobs/:id", s.getJob)
	app.Get("/v1/application", s.getApplication)
	app.Patch("/v1/application/settings", s.patchSettings)
	app.Post("/v1/application/webhook-secret/rotate", s.rotateWebhookSecret)
	app.Get("/v1/application/sources", s.getSources)
	app.Patch("/v1/application/sources/:name", s.patchSource)
	app.Delete("/v1/application/sources/:name", s.deleteSource)
	app.Get("/v1/application/destinations", s.getDestinations)
	app.Patch("/v1/application/destinations/:name", s.patchDestination)
	app.Delete("/v1/application/destinations/:name", s.deleteDestination)
	// Not by Get, which would open a stream for HEAD, too.
	app.Add(fiber.MethodGet, "/v1/jobs/:id/events", s.getJobEvents)
	app.Add(fiber.MethodGet, "/v1/events", s.getEvents)

	app.Get("/v1/deliveries", s.getDeliveries)
	app.Get("/v1/deliveries/:id", s.getDelivery)
	app.Post(replayPath, s.postReplay)
	app.Get(replayPath+"/:id", s.getReplay)
	app.Delete(replayPath+"/:id", s.deleteReplay)
	app.Get("/v1/endpoints", s.getEndpoints)
	app.Post("/v1/endpoints/test", s.testEndpoint)
	app.Get("/v1/endpoints/:id", s.getEndpoint)
	app.Patch("/v1/endpoints/:id", s.patchEndpoint)
	app.Post("/v1/endpoints/:id/pause", s.pauseEndpoint)
	app.Post("/v1/endpoints/:id/resume", s.resumeEndpoint)

	app.Post("/job", s.postBlitlineJob)
	app.Options("/job", s.allowBlitlineOrigin)
	app.Get("/listen/:id", s.getBlitlineResult)
	app.Get("/poll", s.getBlitlinePoll)
	app.Post("/convert", s.postBlitlineConvert)

	app.Get(filesPath+"*", s.getFile)

	if s.config.Inbox {
		app.Post("/inbox/:name", s.postInbox)
		app.Get("/inbox/:name", s.getInbox)
	}

	app.Get("/livez", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	app.Get("/readyz", s.getReady)
	app.Get("/metrics", adaptor.HTTPHandler(s.deps.Metrics.Handler()))
	s.mountMedia(app)
	s.mountFilemobile(app)
	s.mountPixta(app)
	s.mountCloudinary(app)
	return app
}

// failed answers what no handler did: unknown paths, wrong methods and panics.
func (s *Service) failed(c *fiber.Ctx, err error) error {
	var known *fiber.Error
	if errors.As(err, &known) && known.Code < fiber.StatusInternalServerError {
		switch known.Code {
		case fiber.StatusNotFound, fiber.StatusMethodNotAllowed:
			return problem(c, native.NewProblem(native.NotFound, "There is nothing at "+c.Method()+" "+c.Path()+"."))
		default:
			return problem(c, native.NewProblem(native.InvalidRequest, "The request is not HTTP as it should be."))
		}
	}
	s.deps.Log.Error("request failed", "method", c.Method(), "path", c.Path(), "err", err)
	return problem(c, native.NewProblem(native.Internal, "The fault is on this side; the log of the installation says more."))
}
