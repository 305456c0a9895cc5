package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/dialect/cloudinary/transformation"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/derive"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/library"
)

// headerError tells what is wrong with a delivery, whose body is empty.
const headerError = "X-Cld-Error"

// wanted is what a client wants to look at.
type wanted struct {
	app   application.Application
	asset asset.Asset
	path  transformation.Path
	base  string
}

// getAsset serves an asset, or a picture derived of it: GET /{cloud}/{resource type}/{type}/….
func (s *Service) getAsset(c *fiber.Ctx) error {
	app, found := s.cloud(c.Params("cloud"))
	if !found {
		return undelivered(c, fiber.StatusUnauthorized, "cloud_name mismatch")
	}
	kind, rest, _ := strings.Cut(c.Params("*"), "/")
	return s.deliver(c, app, c.Locals(resourceType).(string), kind, rest)
}

// resourceType is the key of a route's resource type.
const resourceType = "resource type"

func (s *Service) deliver(c *fiber.Ctx, app application.Application, resource, kind, rest string) error {
	text, err := url.PathUnescape(rest)
	if err != nil {
		return undelivered(c, fiber.StatusBadRequest, "Invalid URL")
	}
	asked, err := transformation.SplitPath(text)
	if err != nil {
		return undelivered(c, fiber.StatusBadRequest, err.Error())
	}
	sheet := kind == asset.Sprite && (asked.Extension == "css" || asked.Extension == "json")
	if resource == asset.Raw && asked.Extension != "" {
		asked.PublicID, asked.Extension = asked.PublicID+"."+asked.Extension, ""
	}
	a, err := s.findAsset(c.UserContext(), app.ID, asset.Ref{ResourceType: resource, Type: kind, PublicID: asked.PublicID})
	if instead := substitute(asked.Transformation); errors.Is(err, library.ErrNotFound) && instead != "" {
		a, err = s.findAsset(c.UserContext(), app.ID, asset.Ref{ResourceType: resource, Type: kind, PublicID: instead})
	}
	if errors.Is(err, library.ErrNotFound) {
		return undelivered(c, fiber.StatusNotFound, "Resource not found - "+asked.PublicID)
	}
	if err != nil {
		return s.undeliverable(c, err)
	}
	w := wanted{app: app, asset: a, path: asked, base: s.publicURL + "/" + app.ID}
	if complaint := w.forbidden(); complaint != "" {
		return undelivered(c, fiber.StatusUnauthorized, complaint)
	}
	s.cache(c, w)
	made := w.path.Transformation == a.Transformation && (kind == asset.Sprite || kind == asset.Multi)
	switch {
	case sheet && asked.Extension == "css":
		c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
		return c.Send(cloudinary.SpriteCSS(a, w.base+a.Path(a.Transformation, a.Format)))
	case sheet:
		return sendJSON(c, fiber.StatusOK, cloudinary.SpriteJSON(a))
	case (asked.Transformation == "" || made) && (asked.Extension == "" || asked.Extension == a.Format):
		return s.sendAsset(c, a.Key, a.ETag)
	case resource != asset.Image:
		return undelivered(c, fiber.StatusBadRequest, "Invalid resource type for a transformation")
	}
	return s.deliverDerived(c, w)
}

// substitute is the public id of the picture that a transformation names for one that is missing (d_), empty without.
func substitute(transformation string) string {
	for _, param := range strings.FieldsFunc(transformation, func(r rune) bool { return r == '/' || r == ',' }) {
		if named, ok := strings.CutPrefix(param, "d_"); ok {
			return strings.TrimSuffix(strings.ReplaceAll(named, ":", "/"), path.Ext(named))
		}
	}
	return ""
}

// findAsset finds an asset; a picture may be under a type that needs a signature.
func (s *Service) findAsset(ctx context.Context, app string, ref asset.Ref) (asset.Asset, error) {
	if ref.PublicID == "" || len(ref.PublicID) > maxPublicID {
		return asset.Asset{}, library.ErrNotFound
	}
	return s.library.Get(ctx, app, ref)
}

const maxPublicID = 255

// forbidden is why the picture must not be served, empty when it may.
func (w wanted) forbidden() string {
	guarded := w.asset.Type == asset.Private && w.path.Transformation == "" || w.asset.Type == asset.Authenticated
	strict := w.app.Settings.Cloudinary != nil && w.app.Settings.Cloudinary.Strict &&
		w.path.Transformation != "" && !strings.HasPrefix(w.path.Transformation, "t_") && w.path.Transformation != w.asset.Transformation
	if w.path.Signature != "" {
		signed := w.path.PublicID
		if w.path.Extension != "" {
			signed += "." + w.path.Extension
		}
		if w.path.Transformation != "" {
			signed = w.path.Transformation + "/" + signed
		}
		if !cloudinary.CheckURLSignature(w.path.Signature, signed, []string{w.app.Secrets.APISecret.Reveal()}) {
			return "Invalid signature in URL"
		}
		return ""
	}
	if guarded {
		return "deny or ACL failure"
	}
	if strict {
		return "Strict transformations: this transformation is not allowed without a signature"
	}
	return ""
}

// cache says for how long what is served may be kept: an address with the version of now never changes.
func (s *Service) cache(c *fiber.Ctx, w wanted) {
	age := "public, max-age=300"
	if w.path.Version == w.asset.Version {
		age = "public, max-age=2592000, immutable"
	}
	if w.asset.Type == asset.Authenticated || w.asset.Type == asset.Private {
		age = "private, max-age=300"
	}
	c.Set(fiber.HeaderCacheControl, age)
}

// deliverDerived serves a derived picture, and has it made where it is not there.
func (s *Service) deliverDerived(c *fiber.Ctx, w wanted) error {
	plan, err := derive.MakePlan(c.UserContext(), s.library, derive.Want{
		Application: w.app, Asset: w.asset, Base: w.base, Accept: c.Get(fiber.HeaderAccept),
		Pictures: []job.Derivation{{Transformation: w.path.Transformation, Extension: w.path.Extension}},
	})
	if err != nil {
		return s.undeliverable(c, err)
	}
	if len(plan.Unmade) > 0 {
		return undelivered(c, fiber.StatusBadRequest, plan.Unmade[0].Message)
	}
	made := plan.Made[0]
	if strings.Contains(w.path.Transformation, "f_auto") {
		c.Set(fiber.HeaderVary, fiber.HeaderAccept)
	}
	key := plan.Locations[0].Key
	if made.Download {
		name := made.Attachment
		if name == "" {
			name = path.Base(w.path.PublicID)
		}
		c.Attachment(slug(name) + "." + made.Format)
	}
	failure, err := s.ensure(c.UserContext(), sight{key: key, dialect: cloudinary.Dialect, job: job.Job{
		Application: w.app.ID, Source: job.Source{Kept: w.asset.Key}, Recipe: plan.Recipe, Pictures: plan.Pictures, Locations: plan.Locations,
	}})
	if err != nil {
		return s.undeliverable(c, err)
	}
	if failure != nil {
		return undelivered(c, fiber.StatusBadRequest, failure.Message)
	}
	if made.GetInfo {
		return s.sendInfo(c, w, made, key)
	}
	return s.sendAsset(c, key, "")
}

// sendAsset serves what is in the blob store, or a range of it.
func (s *Service) sendAsset(c *fiber.Ctx, key, etag string) error {
	reader, err := s.deps.Store.NewReader(c.UserContext(), key)
	if errors.Is(err, blob.ErrNotFound) {
		return undelivered(c, fiber.StatusNotFound, "Resource not found")
	}
	if err != nil {
		return s.undeliverable(c, err)
	}
	return sendBlob(c, reader, etag)
}

// sendInfo answers what fl_getinfo asks for.
func (s *Service) sendInfo(c *fiber.Ctx, w wanted, made transformation.Translation, key string) error {
	reader, err := s.deps.Store.NewReader(c.UserContext(), key)
	if err != nil {
		return s.undeliverable(c, err)
	}
	defer reader.Close() //nolint:errcheck // read only
	type facts struct {
		Width  int    `json:"width"`
		Height int    `json:"height"`
		Bytes  int64  `json:"bytes"`
		Format string `json:"format,omitempty"`
	}
	body, err := json.Marshal(map[string]facts{
		"input":  {w.asset.Width, w.asset.Height, w.asset.Bytes, w.asset.Format},
		"output": {made.Size.Width, made.Size.Height, reader.Size, made.Format},
	})
	if err != nil {
		return err
	}
	return sendJSON(c, fiber.StatusOK, body)
}

// undelivered answers a delivery that went wrong, without a body.
func undelivered(c *fiber.Ctx, status int, message string) error {
	c.Set(headerError, oneLine(message))
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	return c.Status(status).Send(nil)
}

// oneLine makes text fit for a header.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
}

// undeliverable answers a delivery whose fault is on this side.
func (s *Service) undeliverable(c *fiber.Ctx, err error) error {
	switch {
	case errors.Is(err, errStillMade):
		setRetryAfter(c, retryAfter)
		return undelivered(c, fiber.StatusLocked, "The picture is still being made, try again later")
	case errors.Is(err, bus.ErrQueueFull), errors.Is(err, bus.ErrUnavailable), errors.Is(err, errTooManyWaiters):
		setRetryAfter(c, retryAfter)
		return undelivered(c, fiber.StatusServiceUnavailable, "Too much is asked for at the moment, try again later")
	}
	s.deps.Log.Error("delivery failed", "path", c.Path(), "err", err)
	return undelivered(c, fiber.StatusInternalServerError, "General error")
}
