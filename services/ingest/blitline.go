package ingest

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/storage"
)

// listenWait is how long a poll hangs for a result. The clients of the format wait 5 seconds to 10 minutes; the most
// used one gives up after 60.
const listenWait = 55 * time.Second

// Sentences for Blitline's clients.
const (
	blitlineNoApplication = "Your application ID is required to process any job, and it must be the token of an application here"
	blitlineTooLarge      = "Job is too large: a request may have 1 MiB"
	blitlineCutShort      = "The request could not be read: it is cut short"
	blitlineBusy          = "Nothing was accepted, try again in a few seconds"
	blitlineQueueFull     = "The application has too many jobs waiting, try again in a few seconds"
	blitlineUnknownJob    = "Job not found, or its results are no longer kept"
	blitlineTooOften      = "The application asks for results too often, try again later"
	blitlineNotDone       = "Job is not done yet, poll again"
	blitlineFault         = "The fault is on this side, try again later"
)

// postBlitlineJob takes one job or a list of them: POST /job.
func (s *Service) postBlitlineJob(c *fiber.Ctx) error {
	allowOrigin(c)
	body, err := readBody(c, documentBytes)
	switch {
	case errors.Is(err, errBodyTooLarge):
		return sendJSON(c, fiber.StatusRequestEntityTooLarge, blitline.ErrorReply(false, blitlineTooLarge))
	case err != nil:
		return sendJSON(c, fiber.StatusBadRequest, blitline.ErrorReply(false, blitlineCutShort))
	}
	query, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		query = url.Values{}
	}
	request, err := blitline.Parse(c.Get(fiber.HeaderContentType), body, query)
	if err != nil {
		return sendJSON(c, fiber.StatusBadRequest, blitline.ErrorReply(false, blitline.Sentence(err)))
	}
	answers := make([]blitline.Answer, len(request.Jobs))
	status := 0
	for i, submission := range request.Jobs {
		answer, judged := s.acceptBlitline(c.UserContext(), submission)
		answers[i] = answer
		if judged == fiber.StatusOK || status == 0 {
			status = judged // a list is answered job by job: it went well if one of them did
		}
	}
	if status == fiber.StatusTooManyRequests || status == fiber.StatusServiceUnavailable {
		setRetryAfter(c, retryAfter)
	}
	return sendJSON(c, status, blitline.AcceptReply(request.IsArray, answers))
}

// acceptBlitline accepts one job, and tells the status of a reply that is about it alone.
func (s *Service) acceptBlitline(ctx context.Context, submission blitline.Submission) (answer blitline.Answer, status int) {
	refused := func(status int, sentence string) (blitline.Answer, int) {
		return blitline.Answer{Error: sentence}, status
	}
	app, complaint := s.blitlineApplication(submission)
	switch {
	case complaint != "":
		return refused(fiber.StatusUnauthorized, complaint)
	case submission.Error != "":
		return refused(fiber.StatusBadRequest, submission.Error)
	}
	if complaint := s.checkBlitlineAddresses(submission); complaint != "" {
		return refused(fiber.StatusBadRequest, complaint)
	}
	o := order{
		id: s.newID(app.ID), numbering: submission.Details.Numbering,
		job: job.Job{
			Application: app.ID, Class: job.Standard, Source: blitlineSource(submission.Source), Before: submission.Before,
			Recipe: submission.Recipe, Archive: submission.Archive, Compare: submission.Compare,
			Refusal: submission.Refusal, Patience: submission.Patience,
		},
		record: job.Record{
			Dialect: blitline.Dialect, Targets: submission.Targets, Destinations: job.Singly(submission.Destinations), Original: submission.Original,
			Details: submission.Details.Encode(),
		},
	}
	if submission.Original != nil {
		o.job.Original = storage.PublicURL(app, *submission.Original)
	}
	if submission.Source.Data != nil {
		o.upload = &upload{data: submission.Source.Data, contentType: fiber.MIMEOctetStream}
	}
	if len(submission.Pictures) > 0 {
		o.job.Pictures, o.pictures = map[string]job.Source{}, map[string]upload{}
	}
	for name, picture := range submission.Pictures {
		o.job.Pictures[name] = blitlineSource(picture)
		if picture.Data != nil {
			o.pictures[name] = upload{data: picture.Data, contentType: fiber.MIMEOctetStream}
		}
	}
	accepted, err := s.accept(ctx, o)
	switch {
	case err == nil:
		return blitline.Answer{Job: accepted, Details: submission.Details}, fiber.StatusOK
	case errors.Is(err, bus.ErrQueueFull):
		return refused(fiber.StatusTooManyRequests, blitlineQueueFull)
	case errors.Is(err, bus.ErrTooLarge):
		return refused(fiber.StatusRequestEntityTooLarge, blitlineTooLarge)
	default:
		s.deps.Log.Error("job refused", "application", app.ID, "err", err)
		return refused(fiber.StatusServiceUnavailable, blitlineBusy)
	}
}

// blitlineApplication finds whose job it is: by its token, or by the signature of one that goes through a browser.
func (s *Service) blitlineApplication(submission blitline.Submission) (application.Application, string) {
	if submission.ApplicationID == "" && submission.Signed != nil {
		app, ok := s.deps.Applications.ByAPIKey(submission.Signed.PublicToken)
		if !ok {
			return app, "The public_token is not the API key of an application here"
		}
		return app, submission.Signed.Check(app.Secrets.APISecret.Reveal(), submission.Keys(), time.Now())
	}
	app, ok := s.deps.Applications.ByToken(submission.ApplicationID)
	if !ok {
		return app, blitlineNoApplication
	}
	return app, ""
}

// checkBlitlineAddresses refuses addresses that could never be reached, before a job is made of them.
func (s *Service) checkBlitlineAddresses(submission blitline.Submission) string {
	check := func(name string, d *job.Destination, url string) string {
		switch {
		case d != nil && d.Kind != job.DestinationPut:
			return ""
		case d != nil:
			url = d.URL
		}
		if err := s.deps.Guard.CheckURL(url); err != nil {
			return name + " cannot be used: " + err.Error()
		}
		return ""
	}
	for _, target := range submission.Targets {
		if complaint := check("postback_url", target.Destination, target.URL); complaint != "" {
			return complaint
		}
	}
	for _, d := range append(slices.Clip(submission.Destinations), submission.Original) {
		if d == nil {
			continue
		}
		if complaint := check("the address of a destination", d, ""); complaint != "" {
			return complaint
		}
	}
	return ""
}

// blitlineSource is where a picture is, unless it came along.
func blitlineSource(source blitline.Source) job.Source {
	return job.Source{URL: source.URL, Object: source.Object, Page: source.Page, Output: source.Reference}
}

// getBlitlineResult hangs until a job is done and answers its result: GET /listen/{id}, with ?callback= as JSONP.
func (s *Service) getBlitlineResult(c *fiber.Ctx) error {
	allowOrigin(c)
	callback := c.Query("callback")
	if callback != "" && !blitline.ValidCallback(callback) {
		return sendJSON(c, fiber.StatusBadRequest, blitline.ErrorReply(false, "callback must be the name of a function"))
	}
	id, err := events.ParseBlitlineID(c.Params("id"))
	if err != nil {
		return sendJSON(c, fiber.StatusNotFound, blitline.ErrorReply(false, blitlineUnknownJob))
	}
	application, result, err := s.blitlineOutcome(c, id, listenWait)
	if err != nil {
		return s.refuseBlitlinePoll(c, id, err)
	}
	if result == nil {
		return sendJSON(c, fiber.StatusGatewayTimeout, blitline.ErrorReply(false, blitlineNotDone))
	}
	details, err := s.blitlineDetails(c.UserContext(), application, id.String())
	if err != nil {
		return s.refuseBlitlinePoll(c, id, err)
	}
	body, contentType := blitline.Listen(*result, details, callback)
	c.Set(fiber.HeaderContentType, contentType)
	return c.Send(body)
}

// getBlitlinePoll tells at once whether a job is done: GET /poll?job_id=, which the format's oldest clients ask.
func (s *Service) getBlitlinePoll(c *fiber.Ctx) error {
	allowOrigin(c)
	id, err := events.ParseBlitlineID(c.Query("job_id"))
	if err != nil {
		return sendJSON(c, fiber.StatusNotFound, blitline.ErrorReply(false, blitlineUnknownJob))
	}
	_, result, err := s.blitlineOutcome(c, id, 0)
	if err != nil {
		return s.refuseBlitlinePoll(c, id, err)
	}
	return sendJSON(c, fiber.StatusOK, blitline.PollReply(result != nil))
}

// refuseBlitlinePoll answers a poll that went wrong.
func (s *Service) refuseBlitlinePoll(c *fiber.Ctx, id events.ID, err error) error {
	refused := func(status int, sentence string) error {
		return sendJSON(c, status, blitline.ErrorReply(false, sentence))
	}
	switch {
	case errors.Is(err, errUnknownJob):
		return refused(fiber.StatusNotFound, blitlineUnknownJob)
	case errors.Is(err, errTooOften): // Retry-After is set
		return refused(fiber.StatusTooManyRequests, blitlineTooOften)
	case errors.Is(err, bus.ErrUnavailable), errors.Is(err, errTooManyWaiters):
		s.deps.Log.Error("poll refused", "job", id.String(), "err", err)
		setRetryAfter(c, retryAfter)
		return refused(fiber.StatusServiceUnavailable, blitlineFault)
	default:
		s.deps.Log.Error("poll failed", "job", id.String(), "err", err)
		return refused(fiber.StatusInternalServerError, blitlineFault)
	}
}

// blitlineOutcome waits for a result by its id alone: the format's polls carry no credentials, the id is the secret. It
// fails with errTooOften, and as outcome does. An id that was never given out counts for nobody: strangers cannot use up
// what an application may ask.
func (s *Service) blitlineOutcome(c *fiber.Ctx, id events.ID, patience time.Duration) (string, *events.Result, error) {
	var candidates []string
	for _, app := range s.deps.Applications.ByTag(id.Tag()) {
		if !s.known(app.ID, id) {
			continue
		}
		if !s.mayAsk(c, app) {
			return "", nil, errTooOften
		}
		candidates = append(candidates, app.ID)
	}
	if len(candidates) == 0 {
		return "", nil, errUnknownJob
	}
	for i, app := range candidates {
		wait := patience
		if i < len(candidates)-1 {
			wait = 0 // two applications share the tag; the wait is for the last of them
		}
		result, err := s.outcome(c.UserContext(), app, id, wait)
		if err != nil || result != nil {
			return app, result, err
		}
	}
	return "", nil, nil
}

func (s *Service) blitlineDetails(ctx context.Context, application, id string) (blitline.Details, error) {
	record, err := s.recordOf(ctx, application, id)
	if err != nil {
		return blitline.Details{}, err
	}
	if record.Dialect != blitline.Dialect {
		return blitline.Details{Version: 2}, nil // a native job polled by a Blitline client: the newest layout
	}
	return blitline.ParseDetails(record.Details)
}

// postBlitlineConvert refuses to turn one vector drawing into another: POST /convert.
func (s *Service) postBlitlineConvert(c *fiber.Ctx) error {
	allowOrigin(c)
	return sendJSON(c, fiber.StatusNotImplemented, blitline.ErrorReply(false, blitline.NoVectors))
}

// allowBlitlineOrigin answers the preflight of browsers: anybody with an application's token may submit.
func (s *Service) allowBlitlineOrigin(c *fiber.Ctx) error {
	allowOrigin(c)
	c.Set(fiber.HeaderAccessControlAllowMethods, "POST, GET, OPTIONS")
	c.Set(fiber.HeaderAccessControlAllowHeaders, "Content-Type")
	return c.SendStatus(fiber.StatusNoContent)
}

func allowOrigin(c *fiber.Ctx) { c.Set(fiber.HeaderAccessControlAllowOrigin, "*") }
