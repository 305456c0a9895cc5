package ingest

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/dialect/cloudinary/transformation"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/library"
)

// Bounds of calls in Cloudinary's format.
const (
	// syncWait is how long a call waits for what it asked for. The clients give up after 60 seconds.
	syncWait = 50 * time.Second
	// cloudinaryFields bounds everything of a call but its file.
	cloudinaryFields = 1 << 20
	// dataURIShare is by how much a data URI is larger than its file, roughly.
	dataURIShare = 2
)

// Sentences for Cloudinary's clients.
const (
	cloudinaryBusy  = "Nothing was accepted, try again in a few seconds"
	cloudinaryFault = "General Error: the fault is on this side, try again later"
)

// cloudinaryCall is one call that was read and whose sender is known.
type cloudinaryCall struct {
	app application.Application
	cloudinary.Request
	resource string
	// key is the api key that signed, empty for an unsigned upload.
	key  string
	site cloudinary.Site
	at   time.Time
}

// mountCloudinary serves the API and the delivery addresses of Cloudinary's format.
func (s *Service) mountCloudinary(app *fiber.App) {
	actions := map[string]func(context.Context, *fiber.Ctx, cloudinaryCall) ([]byte, error){
		"upload": s.cloudinaryUpload, "upload_chunked": s.cloudinaryUpload, "explicit": s.cloudinaryExplicit, "rename": s.cloudinaryRename,
		"destroy": s.cloudinaryDestroy, "tags": s.cloudinaryTags, "context": s.cloudinaryContext, "metadata": s.cloudinaryMetadata,
		"sprite": s.cloudinarySprite, "multi": s.cloudinaryMulti, "explode": s.cloudinaryExplode,
	}
	for action, handle := range actions {
		app.Post("/v1_1/:cloud/:resource/"+action, s.cloudinaryHandler(handle, false))
	}
	app.Get("/v1_1/:cloud/:resource/sprite", s.downloadSet(sprites))
	app.Get("/v1_1/:cloud/:resource/multi", s.downloadSet(series))
	app.Get("/v1_1/:cloud/ping", s.cloudinaryHandler(s.cloudinaryPing, true))
	app.Get("/v1_1/:cloud/resources/:resource/tags/:tag", s.cloudinaryHandler(s.cloudinaryResources, true))
	app.Get("/v1_1/:cloud/resources/:resource", s.cloudinaryHandler(s.cloudinaryResources, true))
	app.Get("/v1_1/:cloud/resources/:resource/:type", s.cloudinaryHandler(s.cloudinaryResources, true))
	app.Get("/v1_1/:cloud/resources/:resource/:type/*", s.cloudinaryHandler(s.cloudinaryResource, true))
	app.Delete("/v1_1/:cloud/resources/:resource/:type", s.cloudinaryHandler(s.cloudinaryDeleteResources, true))
	app.Use("/v1_1", func(c *fiber.Ctx) error {
		return s.refuseCloudinary(c, &cloudinary.Error{Status: fiber.StatusNotFound, Message: "There is nothing at " + c.Method() + " " + c.Path()})
	})
	for _, resource := range []string{"image", "raw"} {
		kept := func(c *fiber.Ctx) error { c.Locals(resourceType, resource); return c.Next() }
		app.Get("/:cloud/"+resource+"/*", kept, s.getAsset)
		app.Get("/"+resource+"/*", kept, s.getAsset)
	}
}

// cloudinaryHandler reads a call, finds out who sent it, and answers in the format's shape.
func (s *Service) cloudinaryHandler(handle func(context.Context, *fiber.Ctx, cloudinaryCall) ([]byte, error), admin bool) fiber.Handler {
	return func(c *fiber.Ctx) error {
		allowOrigin(c)
		call, err := s.openCloudinary(c, admin)
		var body []byte
		if err == nil {
			body, err = handle(c.UserContext(), c, call)
		}
		if err != nil {
			return s.refuseCloudinary(c, err)
		}
		return sendJSON(c, fiber.StatusOK, body)
	}
}

// openCloudinary reads a call and checks who sent it.
func (s *Service) openCloudinary(c *fiber.Ctx, admin bool) (cloudinaryCall, error) {
	call := cloudinaryCall{resource: string([]byte(c.Params("resource"))), at: time.Now()}
	cloud := string([]byte(c.Params("cloud")))
	app, found := s.cloud(cloud)
	if !found {
		return call, &cloudinary.Error{Status: fiber.StatusUnauthorized, Message: "Invalid cloud_name " + cloud}
	}
	call.app = app
	call.site = cloudinary.Site{Base: s.publicURL, SecureBase: s.publicURL, Cloud: app.ID, Secret: app.Secrets.APISecret.Reveal()}
	query, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		return call, &cloudinary.Error{Status: fiber.StatusBadRequest, Message: "The query is not as it should be"}
	}
	limits := cloudinary.Limits{Fields: cloudinaryFields + dataURIShare*int64(s.config.MaxBody), File: int64(s.config.MaxBody)}
	call.Request, err = cloudinary.ReadRequest(c.Get(fiber.HeaderContentType), query, bodyOf(c), limits)
	if err != nil {
		return call, err
	}
	call.key, call.Authorized, err = cloudinaryCaller(c, call, admin)
	return call, err
}

// cloudinaryCaller finds out who sent a call: its api key, or none for an unsigned upload; and whether a token or the pair
// itself stands for a signature.
func cloudinaryCaller(c *fiber.Ctx, call cloudinaryCall, admin bool) (key string, authorized bool, err error) {
	refused := func(message string) error {
		return &cloudinary.Error{Status: fiber.StatusUnauthorized, Message: message}
	}
	secrets := call.app.Secrets
	own := secrets.APIKey.Reveal()
	scheme, credentials, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		if !sameSecret(credentials, secrets.Token.Reveal()) {
			return "", false, refused("Invalid token")
		}
		return own, true, nil
	case strings.EqualFold(scheme, "Basic"):
		pair, err := base64.StdEncoding.DecodeString(credentials)
		if err != nil || !sameSecret(string(pair), own+":"+secrets.APISecret.Reveal()) {
			return "", false, refused("Invalid credentials")
		}
		return own, true, nil
	case admin:
		return "", false, refused("Authorization is required: the API key and secret, as Basic")
	}
	given := call.Params.Get("api_key")
	if given == "" && call.Params.Get("signature") == "" && call.Params.Get("upload_preset") != "" && strings.HasSuffix(c.Path(), "/upload") {
		return "", false, nil // the preset says whether that may be
	}
	if given == "" {
		return "", false, cloudinary.MissingParameter("api_key")
	}
	if !sameSecret(given, own) {
		return "", false, cloudinary.UnknownKey(given)
	}
	return own, false, cloudinary.CheckSignature(call.Params, []string{secrets.APISecret.Reveal()}, call.at)
}

// cloud is the application that a cloud name stands for. Without a name it is the only one that there is.
func (s *Service) cloud(name string) (application.Application, bool) {
	if name != "" {
		return s.deps.Applications.ByID(name)
	}
	return s.deps.Applications.Only()
}

// refuseCloudinary answers a call that went wrong.
func (s *Service) refuseCloudinary(c *fiber.Ctx, err error) error {
	var known *cloudinary.Error
	var refused *transformation.Error
	switch {
	case errors.As(err, &known):
	case errors.As(err, &refused):
		known = &cloudinary.Error{Status: fiber.StatusBadRequest, Message: refused.Message}
	case errors.Is(err, library.ErrNotFound):
		known = &cloudinary.Error{Status: fiber.StatusNotFound, Message: "Resource not found"}
	case errors.Is(err, bus.ErrTooLarge):
		known = &cloudinary.Error{Status: fiber.StatusBadRequest, Message: "The call asks for more than fits into one job"}
	case errors.Is(err, bus.ErrQueueFull), errors.Is(err, bus.ErrUnavailable), errors.Is(err, errTooManyWaiters):
		s.deps.Log.Warn("call refused", "path", c.Path(), "err", err)
		setRetryAfter(c, retryAfter)
		known = &cloudinary.Error{Status: fiber.StatusTooManyRequests, Message: cloudinaryBusy}
	default:
		s.deps.Log.Error("call failed", "path", c.Path(), "err", err)
		known = &cloudinary.Error{Status: fiber.StatusInternalServerError, Message: cloudinaryFault}
	}
	c.Set(headerError, oneLine(known.Message))
	return sendJSON(c, known.Status, cloudinary.ErrorReply(known.Message))
}

// tell makes the targets of notifications: what a call names, and what the application has for all.
func (s *Service) tell(call cloudinaryCall, own string) ([]job.Target, error) {
	var urls []string
	if own != "" {
		urls = append(urls, strings.FieldsFunc(own, func(r rune) bool { return r == '\n' })...)
	}
	if settings := call.app.Settings.Cloudinary; settings != nil {
		for _, url := range settings.NotificationURLs {
			if !slices.Contains(urls, url) {
				urls = append(urls, url)
			}
		}
	}
	var targets []job.Target
	for _, url := range urls {
		if err := s.deps.Guard.CheckURL(url); err != nil {
			return nil, &cloudinary.Error{Status: fiber.StatusBadRequest, Message: "Invalid notification_url: " + err.Error()}
		}
		targets = append(targets, job.Target{Sink: job.SinkPostback, URL: url})
	}
	return targets, nil
}

// details begins what notifications of a call are written from.
func (s *Service) details(call cloudinaryCall, kind cloudinary.Kind) cloudinary.Details {
	return cloudinary.Details{
		Kind: kind, Site: call.site, APIKey: call.key, TriggeredAt: call.at, RequestID: randomHex(requestIDBytes),
		Classic: call.app.Settings.Cloudinary != nil && call.app.Settings.Cloudinary.Classic,
	}
}

// notice tells of something that needs no work: a rename, a deletion, changed tags.
func (s *Service) notice(ctx context.Context, call cloudinaryCall, own string, details cloudinary.Details) error {
	targets, err := s.tell(call, own)
	if err != nil || len(targets) == 0 {
		return err
	}
	_, err = s.accept(ctx, order{
		id: s.newID(call.app.ID), job: job.Job{Application: call.app.ID, Class: job.Standard},
		record: job.Record{Dialect: cloudinary.Dialect, Targets: targets, Details: details.Encode()},
	})
	return err
}

func (s *Service) cloudinaryPing(context.Context, *fiber.Ctx, cloudinaryCall) ([]byte, error) {
	return cloudinary.PingReply(), nil
}

// sameSecret compares in a time that tells nothing.
func sameSecret(given, want string) bool {
	return len(given) == len(want) && want != "" && bytes.Equal(digest(given), digest(want))
}
