package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/pixta"
	"github.com/ringback/ringback/services/dialect/pixta/parameter"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/storage"
)

const (
	// picturesPath is where the pictures of a source are that has no host, or for those who cannot reach it.
	picturesPath = "/pictures/"
	// pictureAge is for how long a picture may be kept by whoever was served it.
	pictureAge = 24 * time.Hour
)

// translated is what is to be done for one picture, with the places of what is laid over it.
type translated struct {
	recipe   recipe.Recipe
	pictures map[string]job.Source
	params   parameter.Params
}

// translatePixta makes a recipe of parameters. A path in them is a key in the picture's own source.
func (s *Service) translatePixta(app application.Application, place application.Source, given url.Values, accept string) (translated, error) {
	options := parameter.Options{IgnoreUnknown: app.Settings.Pixta != nil && app.Settings.Pixta.IgnoreUnknown}
	params, err := parameter.Parse(given, options)
	if err != nil {
		return translated{}, err
	}
	made, err := params.Translate(accept)
	if err != nil {
		return translated{}, err
	}
	all := translated{recipe: made.Recipe, params: params}
	for name, picture := range made.Pictures {
		source := job.Source{URL: picture.URL, Inline: picture.Inline}
		if picture.Path != "" {
			if source, err = storage.From(place, picture.Path); err != nil {
				return translated{}, &pixta.Error{Status: fiber.StatusUnprocessableEntity, Message: fmt.Sprintf("%s: %v", name, err)}
			}
		}
		if all.pictures == nil {
			all.pictures = map[string]job.Source{}
		}
		all.pictures[name] = source
	}
	return all, nil
}

// getPictureAtHost serves pictures at the host of a source, and lets everything else through.
func (s *Service) getPictureAtHost(c *fiber.Ctx) error {
	host := strings.ToLower(c.Hostname())
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	app, source, found := s.deps.Applications.SourceByHost(host)
	if !found || host == s.ownHost() {
		return c.Next()
	}
	if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
		return s.refusePicture(c, &pixta.Error{Status: fiber.StatusMethodNotAllowed, Message: "Pictures are only read here"})
	}
	return s.servePicture(c, app, source, string(c.Request().URI().PathOriginal()))
}

// ownHost is where the installation itself is reached: no source can take that away.
func (s *Service) ownHost() string {
	u, err := url.Parse(s.publicURL)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// getPictureBySource serves pictures of a source by its id: GET /pictures/{source}/{key}. What is signed is the path behind
// the id, so that an address is signed the same way wherever it is served.
func (s *Service) getPictureBySource(c *fiber.Ctx) error {
	app, source, found := s.deps.Applications.SourceByID(c.Params("source"))
	if !found {
		return s.refusePicture(c, &pixta.Error{Status: fiber.StatusNotFound, Message: "There is no such source"})
	}
	return s.servePicture(c, app, source, strings.TrimPrefix(string(c.Request().URI().PathOriginal()), picturesPath+source.ID))
}

func (s *Service) servePicture(c *fiber.Ctx, app application.Application, place application.Source, where string) error {
	query := string(c.Request().URI().QueryString())
	if place.Secured && !pixta.Signed(where, query, place.SecureKey.Reveal()) {
		return s.refusePicture(c, &pixta.Error{Status: fiber.StatusUnauthorized, Message: "The signature of the address is missing, or is not of this address"})
	}
	key, err := url.PathUnescape(where)
	if err != nil {
		return s.refusePicture(c, &pixta.Error{Status: fiber.StatusBadRequest, Message: "The path cannot be read"})
	}
	source, err := storage.From(place, key)
	if err != nil {
		return s.refusePicture(c, &pixta.Error{Status: fiber.StatusNotFound, Message: err.Error()})
	}
	given, err := url.ParseQuery(query)
	if err != nil {
		return s.refusePicture(c, &pixta.Error{Status: fiber.StatusBadRequest, Message: "The query cannot be read"})
	}
	made, err := s.translatePixta(app, place, given, c.Get(fiber.HeaderAccept))
	if err != nil {
		return s.refusePicture(c, err)
	}
	age, gone := pictureLife(made.params, time.Now())
	if gone {
		return s.refusePicture(c, &pixta.Error{Status: fiber.StatusNotFound, Message: "The address has expired"})
	}
	want, err := sightOf(app, source, made)
	if err != nil {
		return s.refusePicture(c, err)
	}
	want.job.Locations[0].URL = s.publicURL + picturesPath + place.ID + where + "?" + query
	failure, err := s.ensure(c.UserContext(), want)
	if err == nil && failure != nil {
		err = pixta.Refusal(*failure)
	}
	if err != nil {
		return s.refusePicture(c, err)
	}
	c.Set(fiber.HeaderCacheControl, "public, max-age="+strconv.Itoa(int(age.Seconds())))
	if strings.Contains(made.params.Get("auto"), "format") {
		c.Set(fiber.HeaderVary, fiber.HeaderAccept)
	}
	if name := made.params.Get("dl"); name != "" {
		base, extension, _ := strings.Cut(name, ".")
		c.Attachment(strings.TrimSuffix(slug(base)+"."+slug(extension), "."))
	}
	reader, err := s.deps.Store.NewReader(c.UserContext(), want.key)
	if err != nil {
		return s.refusePicture(c, err)
	}
	return sendBlob(c, reader, "")
}

// pictureLife is for how long a picture may be kept; gone tells that its address is no longer good.
func pictureLife(params parameter.Params, now time.Time) (age time.Duration, gone bool) {
	until, err := strconv.ParseInt(params.Get("expires"), 10, 64)
	if err != nil {
		return pictureAge, false
	}
	left := time.Unix(until, 0).Sub(now)
	return min(left, pictureAge), left <= 0
}

// sightOf is the picture that parameters make of a source. It is kept by what it is made of and how: whatever has the same
// recipe is made once, and a source that is moved elsewhere is not served from what was made before.
func sightOf(app application.Application, source job.Source, made translated) (sight, error) {
	described, err := json.Marshal([]any{source, made.pictures, made.params.Canonical(), made.recipe.Outputs()})
	if err != nil {
		return sight{}, err
	}
	sum := sha256.Sum256(described)
	key := "derived/" + app.ID + "/" + hex.EncodeToString(sum[:])
	return sight{key: key, dialect: pixta.Dialect, job: job.Job{
		Application: app.ID, Source: source, Recipe: made.recipe, Pictures: made.pictures,
		Locations: []job.Location{{Key: key, Numbering: job.Unnumbered}},
	}}, nil
}

// refusePicture answers a picture that cannot be served. Nobody shall remember that.
func (s *Service) refusePicture(c *fiber.Ctx, err error) error {
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	return s.refusePixta(c, err)
}
