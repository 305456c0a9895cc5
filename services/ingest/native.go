package ingest

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
)

// maxWait bounds ?wait=.
const maxWait = 60 * time.Second

// maxIdempotencyKey bounds the Idempotency-Key header.
const maxIdempotencyKey = 255

// postJob takes a native job: POST /v1/jobs.
func (s *Service) postJob(c *fiber.Ctx) error {
	app, ok := s.bearer(c)
	if !ok {
		return problem(c, unauthorized())
	}
	document, picture, err := s.readJob(c)
	if err != nil {
		return s.refuse(c, err)
	}
	submission, err := native.Parse(document, picture != nil)
	if err != nil {
		return s.refuse(c, err)
	}
	if err := s.checkAddresses(submission); err != nil {
		return s.refuse(c, err)
	}
	if err := s.checkUploads(c.UserContext(), app.ID, submission); err != nil {
		return s.refuse(c, err)
	}
	o := order{
		id: s.newID(app.ID), upload: picture,
		job: job.Job{
			Application: app.ID, Class: submission.Class, Source: sourceOf(app.ID, submission.Source),
			Recipe: submission.Recipe, Media: submission.Media, Metadata: submission.Metadata,
		},
		record: job.Record{Dialect: native.Dialect, Targets: submission.Targets},
	}
	if submission.Source.Data != nil {
		o.upload = &upload{data: submission.Source.Data, contentType: submission.Source.ContentType}
	}
	o.addPictures(submission.Pictures)
	if err := o.addPlaces(app, submission); err != nil {
		return s.refuse(c, err)
	}
	accepted, err := s.acceptOnce(c, o, document)
	if err != nil {
		return s.refuse(c, err)
	}
	c.Set(fiber.HeaderLocation, s.publicURL+native.JobPath(accepted.ID))
	return sendJSON(c, fiber.StatusAccepted, native.AcceptedReply(accepted, s.publicURL))
}

// addPictures puts the further pictures into the order: their addresses, or what came with the request.
func (o *order) addPictures(pictures map[string]native.Source) {
	if len(pictures) == 0 {
		return
	}
	o.job.Pictures, o.pictures = map[string]job.Source{}, map[string]upload{}
	for name, picture := range pictures {
		if picture.Data != nil {
			o.pictures[name] = upload{data: picture.Data, contentType: picture.ContentType}
			continue
		}
		o.job.Pictures[name] = sourceOf(o.job.Application, picture)
	}
}

// acceptOnce accepts the job unless its Idempotency-Key was seen: then the client gets the answer of the first time.
func (s *Service) acceptOnce(c *fiber.Ctx, o order, document []byte) (job.Job, error) {
	key, err := idempotencyKey(c)
	if err != nil {
		return job.Job{}, err
	}
	if key == "" {
		return s.accept(c.UserContext(), o)
	}
	content := document
	if o.upload != nil {
		content = append(append([]byte{}, document...), o.upload.data...)
	}
	id, repeated, err := s.once(c.UserContext(), o.job.Application, key, content)
	if err != nil {
		return job.Job{}, err
	}
	o.id, o.repeated = id, repeated
	if repeated {
		c.Set("Idempotency-Replayed", "true")
		if _, err := s.stored(c.UserContext(), o.job.Application, id.String()); err == nil {
			o.job.ID = id
			o.job.Locations = s.locations(o)
			return o.job, nil
		}
	}
	return s.accept(c.UserContext(), o)
}

// idempotencyKey is the key of a request, empty when there is none.
func idempotencyKey(c *fiber.Ctx) (string, error) {
	key := c.Get("Idempotency-Key")
	if len(key) > maxIdempotencyKey {
		return "", native.NewProblem(native.InvalidRequest,
			fmt.Sprintf("Idempotency-Key has %d characters: expected at most %d.", len(key), maxIdempotencyKey))
	}
	return key, nil
}

// checkAddresses refuses addresses that could never be reached, before a job is made of them. The guard looks again at
// the moment of connecting.
func (s *Service) checkAddresses(submission native.Submission) error {
	var wrong []native.FieldError
	check := func(field, url string) {
		if err := s.deps.Guard.CheckURL(url); err != nil {
			wrong = append(wrong, native.FieldError{Field: field, Want: "an address that may be reached: " + err.Error()})
		}
	}
	if submission.Source.URL != "" {
		check("source.url", submission.Source.URL)
	}
	for _, name := range slices.Sorted(maps.Keys(submission.Pictures)) {
		if url := submission.Pictures[name].URL; url != "" {
			check("pictures."+name+".url", url)
		}
	}
	for i, target := range submission.Targets {
		if target.URL == "" {
			continue // an event bus is a setting of the operator's, not an address of the client's
		}
		check(fmt.Sprintf("notify[%d].%s.url", i, target.Sink), target.URL)
	}
	if wrong == nil {
		return nil
	}
	p := native.NewProblem(native.InvalidRequest, "An address in the request may not be reached from here.")
	p.Errors = wrong
	return p
}

// getJob tells how a job is: GET /v1/jobs/{id}?wait=.
func (s *Service) getJob(c *fiber.Ctx) error {
	app, err := s.asks(c)
	if err != nil {
		return s.refuse(c, err)
	}
	wait, err := parseWait(c.Query("wait"))
	if err != nil {
		return s.refuse(c, err)
	}
	id, err := events.ParseID(c.Params("id"))
	if err != nil {
		return s.refuse(c, errUnknownJob)
	}
	result, err := s.outcome(c.UserContext(), app.ID, id, wait)
	if err != nil {
		return s.refuse(c, err)
	}
	if result == nil {
		return sendJSON(c, fiber.StatusOK, native.QueuedReply(id, s.publicURL))
	}
	body, err := native.StatusReply(*result)
	if err != nil {
		return s.refuse(c, err)
	}
	return sendJSON(c, fiber.StatusOK, body)
}

// parseWait reads seconds, or a duration such as 1.5s; more than a minute is a minute.
func parseWait(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	wait, err := time.ParseDuration(text)
	if seconds, plain := strconv.ParseFloat(text, 64); plain == nil {
		wait, err = time.Duration(seconds*float64(time.Second)), nil
	}
	if err != nil || wait < 0 {
		p := native.NewProblem(native.InvalidRequest, "The query cannot be read.")
		p.Errors = []native.FieldError{{Field: "wait", Value: text, Want: "seconds from 0 to 60"}}
		return 0, p
	}
	return min(wait, maxWait), nil
}

// asks finds the application that a question about results comes from, and counts the question.
func (s *Service) asks(c *fiber.Ctx) (application.Application, error) {
	app, ok := s.bearer(c)
	if !ok {
		return app, unauthorized()
	}
	if !s.mayAsk(c, app) {
		return app, tooOften()
	}
	return app, nil
}

// bearer finds the application that a request comes from.
func (s *Service) bearer(c *fiber.Ctx) (application.Application, bool) {
	scheme, token, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if !strings.EqualFold(scheme, "bearer") || token == "" {
		return application.Application{}, false
	}
	return s.deps.Applications.ByToken(strings.TrimSpace(token))
}

func unauthorized() *native.Problem {
	return native.NewProblem(native.Unauthorized,
		"Send the application's token as \"Authorization: Bearer <token>\"; `ringback app show <id> --secrets` prints it.")
}

// refuse answers an error as a problem document. What is not meant for the client is logged instead.
func (s *Service) refuse(c *fiber.Ctx, err error) error {
	var known *native.Problem
	switch {
	case errors.As(err, &known):
		return problem(c, known)
	case errors.Is(err, errBodyTooLarge), errors.Is(err, bus.ErrTooLarge):
		return problem(c, native.NewProblem(native.TooLarge, fmt.Sprintf(
			"A request may have 1 MiB without a picture and %s with one; a job may have %d KiB.", s.config.MaxBody, bus.MaxJobBytes>>10)))
	case errors.Is(err, errBodyBroken):
		return problem(c, native.NewProblem(native.InvalidRequest, "The body breaks off, or is not what its Content-Type says."))
	case errors.Is(err, errOtherRequest):
		return problem(c, native.NewProblem(native.IdempotencyConflict,
			"The Idempotency-Key belongs to another request; use a new one for each job."))
	case errors.Is(err, errUnknownJob):
		return problem(c, native.NewProblem(native.NotFound, "There is no such job, or its result is no longer kept."))
	case errors.Is(err, errTooManyOfOne):
		setRetryAfter(c, retryAfter)
		return problem(c, native.NewProblem(native.TooManyRequests,
			fmt.Sprintf("The application has %d streams open, which is the most it may have. Close one, or try again later.", s.config.StreamsOfOne)))
	case errors.Is(err, bus.ErrQueueFull):
		setRetryAfter(c, retryAfter)
		return problem(c, native.NewProblem(native.QueueFull,
			fmt.Sprintf("The application has %d jobs waiting, which is the most it may have. Try again in %s.", bus.QueueCap, retryAfter)))
	case errors.Is(err, bus.ErrUnavailable), errors.Is(err, errTooManyWaiters), errors.Is(err, errTooManyStreams):
		s.deps.Log.Error("request refused", "path", c.Path(), "err", err)
		setRetryAfter(c, retryAfter)
		return problem(c, native.NewProblem(native.Unavailable, "Nothing was accepted. Try again in a few seconds."))
	default:
		s.deps.Log.Error("request failed", "path", c.Path(), "err", err)
		return problem(c, native.NewProblem(native.Internal, "The fault is on this side; the log of the installation says more."))
	}
}

func problem(c *fiber.Ctx, p *native.Problem) error {
	p.Instance = c.Path()
	body, err := p.MarshalJSON()
	if err != nil {
		return err
	}
	if p.Type == native.Unauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="ringback"`)
	}
	c.Status(p.Type.Status()).Set(fiber.HeaderContentType, native.ProblemMedia)
	return c.Send(body)
}

// setRetryAfter tells a client when to come back, in whole seconds that are not too few.
func setRetryAfter(c *fiber.Ctx, wait time.Duration) {
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(wait.Seconds()))))
}

func sendJSON(c *fiber.Ctx, status int, body []byte) error {
	c.Status(status).Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(body)
}
