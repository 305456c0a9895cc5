package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/dialect/cloudinary/transformation"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/derive"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/library"
)

const (
	// deriveWait is how long a client waits for a picture that is made when it is first looked at.
	deriveWait = 50 * time.Second
	// failedMemory is for how long a picture that could not be made is not tried again.
	failedMemory = time.Minute
	// derivedTries is how often a picture is made anew that was made and is not there: it was purged.
	derivedTries = 5
	// headerError tells what is wrong with a delivery, whose body is empty.
	headerError = "X-Cld-Error"
)

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
	failure, err := s.ensure(c.UserContext(), w, plan)
	if err != nil {
		return s.undeliverable(c, err)
	}
	if failure != "" {
		return undelivered(c, fiber.StatusBadRequest, failure)
	}
	if made.GetInfo {
		return s.sendInfo(c, w, made, key)
	}
	return s.sendAsset(c, key, "")
}

// errStillMade is returned when a picture takes longer to make than a client waits.
var errStillMade = errors.New("the picture is still being made")

// ensure has a derived picture made unless it is there. failure says in words for the client why it cannot be.
func (s *Service) ensure(ctx context.Context, w wanted, plan derive.Plan) (failure string, err error) {
	key := plan.Locations[0].Key
	if s.stands(ctx, key) {
		return "", nil
	}
	type answer struct{ failure string }
	made, err, _ := s.deriving.Do(key, func() (any, error) {
		// Those that come after share what the first one found, and its connection may be gone before.
		failure, err := s.makeDerived(context.WithoutCancel(ctx), w, plan)
		return answer{failure}, err
	})
	if err != nil {
		return "", err
	}
	return made.(answer).failure, nil
}

func (s *Service) stands(ctx context.Context, key string) bool {
	reader, err := s.deps.Store.NewReader(ctx, key)
	if err != nil {
		return false
	}
	_ = reader.Close() // read only
	return true
}

// makeDerived has a picture made by one job, however many processes are asked for it: its id is kept by the picture's key.
func (s *Service) makeDerived(ctx context.Context, w wanted, plan derive.Plan) (failure string, err error) {
	key := plan.Locations[0].Key
	name := "derived " + key
	for range derivedTries {
		id, repeated, err := s.once(ctx, w.app.ID, name, []byte(key))
		if err != nil {
			return "", err
		}
		var result *events.Result
		if repeated {
			if result, err = s.outcome(ctx, w.app.ID, id, 0); err != nil {
				return "", err
			}
		}
		if result == nil {
			if err := s.orderDerived(ctx, w, plan, id, repeated); err != nil {
				return "", err
			}
			if result, err = s.outcome(ctx, w.app.ID, id, deriveWait); err != nil {
				return "", err
			}
			repeated = false
		}
		switch {
		case result == nil:
			return "", errStillMade
		case len(result.Errors) > 0 && (!repeated || time.Since(id.Time()) < failedMemory):
			return result.Errors[0].Message, nil
		case len(result.Errors) == 0 && s.stands(ctx, key):
			return "", nil
		}
		name += "@" + id.String() // it was made and purged, or failed a while ago
	}
	return "", errStillMade
}

// orderDerived hands over the job that makes a derived picture.
func (s *Service) orderDerived(ctx context.Context, w wanted, plan derive.Plan, id events.ID, repeated bool) error {
	_, err := s.accept(ctx, order{
		id: id, repeated: repeated, record: job.Record{Dialect: cloudinary.Dialect},
		job: job.Job{
			Application: w.app.ID, Class: job.High, Source: job.Source{Kept: w.asset.Key}, Recipe: plan.Recipe,
			Pictures: plan.Pictures, Locations: plan.Locations,
		},
	})
	return err
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
	if etag = `"` + etag + `"`; etag == `""` {
		etag = reader.ETag
	}
	contentType := reader.ContentType
	if !strings.HasPrefix(contentType, "image/") && contentType != recipe.PDF.ContentType() {
		contentType = fiber.MIMEOctetStream
	}
	c.Set(fiber.HeaderContentType, contentType)
	c.Set(fiber.HeaderETag, etag)
	c.Set(fiber.HeaderLastModified, reader.ModTime.UTC().Format(time.RFC1123))
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'")
	if strings.Contains(c.Get(fiber.HeaderIfNoneMatch), etag) {
		return errors.Join(reader.Close(), c.SendStatus(fiber.StatusNotModified))
	}
	return sendRange(c, reader)
}

// sendRange serves a blob, or the one range of it that was asked for. The server closes the reader.
func sendRange(c *fiber.Ctx, reader *blob.Reader) error {
	size := int(reader.Size)
	asked := c.Get(fiber.HeaderRange)
	if asked == "" || strings.Contains(asked, ",") {
		return c.SendStream(reader, size)
	}
	from, to, err := fasthttp.ParseByteRange([]byte(asked), size)
	if err == nil {
		_, err = reader.Seek(int64(from), io.SeekStart)
	}
	if err != nil {
		c.Set(fiber.HeaderContentRange, "bytes */"+strconv.Itoa(size))
		return errors.Join(reader.Close(), c.SendStatus(fiber.StatusRequestedRangeNotSatisfiable))
	}
	c.Set(fiber.HeaderContentRange, "bytes "+strconv.Itoa(from)+"-"+strconv.Itoa(to)+"/"+strconv.Itoa(size))
	c.Status(fiber.StatusPartialContent)
	part := struct {
		io.Reader
		io.Closer
	}{io.LimitReader(reader, int64(to-from+1)), reader}
	return c.SendStream(part, to-from+1)
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
