package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/seal"
)

// applicationBytes bounds what an application may send about itself.
const applicationBytes = 64 << 10

// getApplication shows an application to itself: GET /v1/application.
func (s *Service) getApplication(c *fiber.Ctx) error {
	app, ok := s.bearer(c)
	if !ok {
		return problem(c, unauthorized())
	}
	// Not from memory, which is a moment behind: whoever changed a setting wants to see it.
	app, err := s.applications.Get(c.UserContext(), app.ID)
	if err != nil {
		return s.refuseApplication(c, err)
	}
	return sendApplication(c, app)
}

// patchSettings changes what an application has of its own: PATCH /v1/application/settings.
func (s *Service) patchSettings(c *fiber.Ctx) error {
	app, ok := s.bearer(c)
	if !ok {
		return problem(c, unauthorized())
	}
	patch, err := readDocument(c)
	if err != nil {
		return s.refuse(c, err)
	}
	app, err = s.applications.Change(c.UserContext(), app.ID, func(settings *application.Settings) error {
		patched, err := settings.Patch(patch)
		if err == nil {
			*settings = patched
		}
		return err
	})
	if err != nil {
		return s.refuseApplication(c, err)
	}
	s.changed(c.UserContext(), app)
	return sendApplication(c, app)
}

// changePatience is for how long an answer waits for what was changed to be known here.
const changePatience = 2 * time.Second

// changed waits until this process goes by a change of an application, so that its client's next request does. Other
// processes may be a moment behind.
func (s *Service) changed(ctx context.Context, app application.Application) {
	ctx, cancel := context.WithTimeout(ctx, changePatience)
	defer cancel()
	if err := s.deps.Applications.Await(ctx, app); err != nil {
		s.deps.Log.Warn("a changed application is not known yet", "app", app.ID, "err", err)
	}
}

// rotateWebhookSecret replaces the secret that signs postbacks: POST /v1/application/webhook-secret/rotate. The answer is
// the only one that ever shows it.
func (s *Service) rotateWebhookSecret(c *fiber.Ctx) error {
	app, ok := s.bearer(c)
	if !ok {
		return problem(c, unauthorized())
	}
	document, err := readDocument(c)
	if err != nil {
		return s.refuse(c, err)
	}
	overlap, err := parseOverlap(document)
	if err != nil {
		return s.refuse(c, err)
	}
	app, err = s.applications.Rotate(c.UserContext(), app.ID, application.WebhookSecret, overlap)
	if err != nil {
		return s.refuseApplication(c, err)
	}
	s.changed(c.UserContext(), app)
	shown := rotated{WebhookSecret: app.Secrets.WebhookSecret.Reveal()}
	if end, ok := app.OverlapEnds(time.Now()); ok {
		shown.OverlapEndsAt = &end
	}
	body, err := json.Marshal(shown)
	if err != nil {
		return s.refuse(c, err)
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return sendJSON(c, fiber.StatusOK, body)
}

// rotated is the answer to a rotation.
type rotated struct {
	WebhookSecret string     `json:"webhook_secret"`
	OverlapEndsAt *time.Time `json:"overlap_ends_at,omitempty"`
}

// parseOverlap reads the request of a rotation. An empty one means the usual overlap.
func parseOverlap(document []byte) (time.Duration, error) {
	if len(document) == 0 {
		return application.DefaultOverlap, nil
	}
	wrong := func(errs ...native.FieldError) error {
		p := native.NewProblem(native.InvalidRequest, "The rotation cannot be read.")
		p.Errors = errs
		return p
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(document, &fields); err != nil || fields == nil {
		return 0, wrong(native.FieldError{Want: `a JSON object such as {"overlap": "24h"}`})
	}
	var unknown []native.FieldError
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name != "overlap" {
			unknown = append(unknown, native.FieldError{Field: name, Want: "no field of this name"})
		}
	}
	if unknown != nil {
		return 0, wrong(unknown...)
	}
	raw, ok := fields["overlap"]
	if !ok {
		return application.DefaultOverlap, nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err == nil {
		overlap, err := time.ParseDuration(text)
		if err == nil && overlap >= 0 && overlap <= application.MaxOverlap {
			return overlap, nil
		}
	}
	return 0, wrong(native.FieldError{Field: "overlap", Value: shortened(raw), Want: `a duration from "0s" to "168h"`})
}

// shortened is the beginning of what was found.
func shortened(raw []byte) string {
	const most = 60
	if text := []rune(strings.ToValidUTF8(string(raw), "�")); len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(raw)
}

// readDocument reads a JSON body; a request without a body has an empty one.
func readDocument(c *fiber.Ctx) ([]byte, error) {
	media, _, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType, fiber.MIMEApplicationJSON))
	if err != nil || media != fiber.MIMEApplicationJSON && !strings.HasSuffix(media, "+json") {
		return nil, native.NewProblem(native.UnsupportedMediaType, "Send application/json.")
	}
	document, err := readBody(c, applicationBytes)
	if errors.Is(err, errBodyTooLarge) {
		return nil, native.NewProblem(native.TooLarge, fmt.Sprintf("What is said about an application may have %d KiB.", applicationBytes>>10))
	}
	return document, err
}

// refuseApplication answers what the store of applications says.
func (s *Service) refuseApplication(c *fiber.Ctx, err error) error {
	switch {
	case errors.Is(err, application.ErrInvalidSettings):
		p := native.NewProblem(native.InvalidRequest, "The settings cannot be as they were given; nothing was changed.")
		for _, e := range application.SettingErrors(err) {
			p.Errors = append(p.Errors, native.FieldError{Field: e.Field, Value: e.Value, Want: e.Want})
		}
		return problem(c, p)
	case errors.Is(err, application.ErrTooManyRotations):
		p := native.NewProblem(native.InvalidRequest, "Too many secrets from before still sign; nothing was changed.")
		p.Errors = []native.FieldError{{Field: "overlap", Want: `"0s", which ends them all, or some patience`}}
		return problem(c, p)
	case errors.Is(err, application.ErrNotFound):
		return problem(c, unauthorized()) // it was removed a moment ago
	case errors.Is(err, seal.ErrBroken):
		return s.refuse(c, err)
	default: // the broker, however it puts it, or others who change the same application all the time
		return s.refuse(c, fmt.Errorf("%w: %w", bus.ErrUnavailable, err))
	}
}

// shownApplication is what an application may know of itself. Secrets are not among it: whoever holds the token is not
// always who may sign.
type shownApplication struct {
	ID            string               `json:"id"`
	CreatedAt     time.Time            `json:"created_at"`
	RotatedAt     time.Time            `json:"rotated_at"`
	OverlapEndsAt *time.Time           `json:"overlap_ends_at,omitempty"`
	PublicKeys    []string             `json:"public_keys,omitempty"`
	Settings      application.Settings `json:"settings"`
}

func sendApplication(c *fiber.Ctx, app application.Application) error {
	now := time.Now()
	shown := shownApplication{
		ID: app.ID, CreatedAt: app.CreatedAt, RotatedAt: app.RotatedAt, PublicKeys: app.PublicKeys(now), Settings: app.Settings,
	}
	if end, ok := app.OverlapEnds(now); ok {
		shown.OverlapEndsAt = &end
	}
	body, err := json.Marshal(shown)
	if err != nil {
		return err
	}
	return sendJSON(c, fiber.StatusOK, body)
}
