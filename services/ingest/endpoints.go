package ingest

import (
	"cmp"
	"context"
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
)

const (
	// reasonMost bounds, in characters, why somebody paused an endpoint.
	reasonMost = 500
	// mostRate and mostInFlight bound what an endpoint may be given of its own.
	mostRate     = 10_000
	mostInFlight = 1000
	// endpointEntries is how many deliveries are shown with an endpoint.
	endpointEntries = 20
)

// shownEndpoint is what a client sees of an endpoint: one scheme, host and port, or one address there that answered 410.
type shownEndpoint struct {
	ID       string            `json:"id"`
	URL      string            `json:"url"`
	Mode     string            `json:"mode"`
	Failing  bool              `json:"failing"`
	Reason   string            `json:"reason,omitempty"`
	Since    time.Time         `json:"since,omitzero"`
	Rate     float64           `json:"rate,omitempty"`
	InFlight int               `json:"in_flight,omitempty"`
	Consent  *delivery.Consent `json:"consent,omitempty"`
	// Held is how many deliveries rest for it.
	Held uint64 `json:"held"`
	// Deliveries are those that changed last; only where one endpoint is shown.
	Deliveries []delivery.Logged `json:"deliveries,omitempty"`
}

func showEndpoint(s delivery.Standing, held uint64) shownEndpoint {
	return shownEndpoint{
		ID: s.Endpoint, URL: s.URL, Mode: cmp.Or(string(s.Mode), "active"), Failing: s.Failing, Reason: s.Reason, Since: s.Since,
		Rate: s.Rate, InFlight: s.InFlight, Consent: s.Consent, Held: held,
	}
}

// getEndpoints lists where an application's deliveries go, by address: GET /v1/endpoints.
func (s *Service) getEndpoints(c *fiber.Ctx) error {
	app, ok := s.bearer(c)
	if !ok {
		return problem(c, unauthorized())
	}
	list, err := s.endpoints.List(c.UserContext(), app.ID)
	if err != nil {
		return s.refuse(c, unavailable(err))
	}
	held, err := s.deps.Bus.Counts(c.UserContext(), bus.Parked, bus.HookParkedFilter)
	if err != nil {
		return s.refuse(c, unavailable(err))
	}
	shown := struct {
		Endpoints []shownEndpoint `json:"endpoints"`
	}{[]shownEndpoint{}}
	for _, standing := range list {
		shown.Endpoints = append(shown.Endpoints, showEndpoint(standing, held[bus.HookParked(standing.Endpoint)]))
	}
	slices.SortFunc(shown.Endpoints, func(a, b shownEndpoint) int { return cmp.Or(cmp.Compare(a.URL, b.URL), cmp.Compare(a.ID, b.ID)) })
	return sendValue(c, fiber.StatusOK, shown)
}

// getEndpoint shows one endpoint with the deliveries that changed last: GET /v1/endpoints/{id}.
func (s *Service) getEndpoint(c *fiber.Ctx) error {
	app, standing, err := s.endpoint(c)
	if err != nil {
		return s.refuseEndpoint(c, err)
	}
	shown, err := s.withHeld(c.UserContext(), standing)
	if err != nil {
		return s.refuseEndpoint(c, err)
	}
	list, _, err := s.journal.Page(c.UserContext(), app, delivery.Filter{Endpoint: standing.Endpoint}, 0, endpointEntries)
	if err != nil {
		return s.refuseEndpoint(c, err)
	}
	shown.Deliveries = list
	for i := range list {
		list[i].Answer = ""
	}
	return sendValue(c, fiber.StatusOK, shown)
}

// pauseEndpoint holds what comes for an endpoint: POST /v1/endpoints/{id}/pause.
func (s *Service) pauseEndpoint(c *fiber.Ctx) error {
	app, standing, err := s.endpoint(c)
	if err != nil {
		return s.refuseEndpoint(c, err)
	}
	document, err := readDocument(c)
	if err != nil {
		return s.refuse(c, err)
	}
	var f fields
	reason := ""
	f.object("", document, map[string]member{"reason": {into: &reason, want: "a text: why it is paused"}})
	if n := utf8.RuneCountInString(reason); n > reasonMost {
		f.fail("reason", strconv.Itoa(n)+" characters", "at most "+strconv.Itoa(reasonMost))
	}
	if err := f.err("The request cannot be read; nothing was changed."); err != nil {
		return s.refuse(c, err)
	}
	standing, err = delivery.Pause(c.UserContext(), s.endpoints, app, standing.Endpoint, reason)
	return s.sendEndpoint(c, standing, err)
}

// resumeEndpoint lets go what is held for an endpoint: POST /v1/endpoints/{id}/resume.
func (s *Service) resumeEndpoint(c *fiber.Ctx) error {
	app, standing, err := s.endpoint(c)
	if err != nil {
		return s.refuseEndpoint(c, err)
	}
	standing, err = delivery.Resume(c.UserContext(), s.deps.Bus, s.endpoints, app, standing.Endpoint)
	return s.sendEndpoint(c, standing, err)
}

// patchEndpoint gives an endpoint limits of its own, or takes them back with null: PATCH /v1/endpoints/{id}.
func (s *Service) patchEndpoint(c *fiber.Ctx) error {
	app, standing, err := s.endpoint(c)
	if err != nil {
		return s.refuseEndpoint(c, err)
	}
	document, err := readDocument(c)
	if err != nil {
		return s.refuse(c, err)
	}
	change, err := parseLimits(document)
	if err != nil {
		return s.refuse(c, err)
	}
	standing, err = s.endpoints.Change(c.UserContext(), app, standing.Endpoint, change)
	return s.sendEndpoint(c, standing, err)
}

// parseLimits reads a change of an endpoint's limits. What the document does not name stays as it is.
func parseLimits(document []byte) (func(*delivery.Standing), error) {
	const wantRate, wantInFlight = "more than 0 and at most 10000 attempts a second, or null", "a whole number from 1 to 1000, or null"
	var f fields
	rate, inFlight := new(math.NaN()), new(math.MinInt) // what nobody says
	f.object("", document, map[string]member{
		"rate": {into: &rate, want: wantRate, nullable: true}, "in_flight": {into: &inFlight, want: wantInFlight, nullable: true},
	})
	if rate != nil && !math.IsNaN(*rate) && (*rate <= 0 || *rate > mostRate) {
		f.fail("rate", strconv.FormatFloat(*rate, 'g', -1, 64), wantRate)
	}
	if inFlight != nil && *inFlight != math.MinInt && (*inFlight < 1 || *inFlight > mostInFlight) {
		f.fail("in_flight", strconv.Itoa(*inFlight), wantInFlight)
	}
	if len(document) == 0 {
		f.fail("", "nothing", `a JSON object such as {"rate": 10}`)
	}
	return func(s *delivery.Standing) {
		switch {
		case rate == nil:
			s.Rate = 0
		case !math.IsNaN(*rate):
			s.Rate = *rate
		}
		switch {
		case inFlight == nil:
			s.InFlight = 0
		case *inFlight != math.MinInt:
			s.InFlight = *inFlight
		}
	}, f.err("The limits cannot be as they were given; nothing was changed.")
}

var endpointID = regexp.MustCompile(`^a?[0-9a-f]{16}$`)

// endpoint reads the endpoint that a request is about. It must be the application's own: what is written later is written
// under what is read here.
func (s *Service) endpoint(c *fiber.Ctx) (app string, standing delivery.Standing, err error) {
	found, ok := s.bearer(c)
	if !ok {
		return "", standing, unauthorized()
	}
	id := param(c, "id")
	if !endpointID.MatchString(id) {
		return "", standing, bus.ErrNotFound
	}
	standing, err = s.endpoints.Get(c.UserContext(), found.ID, id)
	return found.ID, standing, err
}

func (s *Service) withHeld(ctx context.Context, standing delivery.Standing) (shownEndpoint, error) {
	parked := bus.HookParked(standing.Endpoint)
	held, err := s.deps.Bus.Counts(ctx, bus.Parked, parked)
	return showEndpoint(standing, held[parked]), err
}

// sendEndpoint answers a change with what the endpoint is now.
func (s *Service) sendEndpoint(c *fiber.Ctx, standing delivery.Standing, err error) error {
	if err != nil {
		return s.refuseEndpoint(c, err)
	}
	shown, err := s.withHeld(c.UserContext(), standing)
	if err != nil {
		return s.refuseEndpoint(c, err)
	}
	return sendValue(c, fiber.StatusOK, shown)
}

func (s *Service) refuseEndpoint(c *fiber.Ctx, err error) error {
	if errors.Is(err, bus.ErrNotFound) {
		return problem(c, native.NewProblem(native.NotFound, "There is no such endpoint: one is known from the first attempt on."))
	}
	if _, ok := errors.AsType[*native.Problem](err); ok {
		return s.refuse(c, err)
	}
	return s.refuse(c, unavailable(err))
}
