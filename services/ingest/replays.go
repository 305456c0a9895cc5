package ingest

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
)

// countMost is where a dry run stops counting: each delivery is a question to the broker.
const countMost = 10_000

// replayPath is where replays are.
const replayPath = "/v1/replays"

// postReplay orders that deliveries are made again, or with dry_run tells how many there are: POST /v1/replays.
func (s *Service) postReplay(c *fiber.Ctx) error {
	app, ok := s.bearer(c)
	if !ok {
		return problem(c, unauthorized())
	}
	document, err := readDocument(c)
	if err != nil {
		return s.refuse(c, err)
	}
	order, dry, err := parseOrder(document)
	if err != nil {
		return s.refuse(c, err)
	}
	if dry {
		n, err := s.replays.Count(c.UserContext(), app.ID, order, countMost)
		if err != nil {
			return s.refuse(c, unavailable(err))
		}
		return sendValue(c, fiber.StatusOK, counted{Count: n, More: n >= countMost})
	}
	replay, err := s.replays.Start(c.UserContext(), app.ID, order)
	if err != nil {
		return s.refuse(c, unavailable(err))
	}
	c.Set(fiber.HeaderLocation, s.publicURL+replayPath+"/"+replay.ID)
	return s.sendReplay(c, fiber.StatusAccepted, replay)
}

// counted is the answer to a dry run.
type counted struct {
	Count int `json:"count"`
	// More tells that the counting stopped there.
	More bool `json:"more,omitempty"`
}

// parseOrder reads the request of a replay.
func parseOrder(document []byte) (order delivery.Order, dry bool, err error) {
	var f fields
	var filter json.RawMessage
	var rate *int
	f.object("", document, map[string]member{
		"ids":     {into: &order.IDs, want: "a list of ids of deliveries"},
		"filter":  {into: &filter, want: "an object with state, endpoint, class, job, from or to"},
		"rate":    {into: &rate, want: "a whole number from 1 to 1000: deliveries a second"},
		"dry_run": {into: &dry, want: "true or false"},
	})
	if filter != nil {
		var from, to string
		f.object("filter.", filter, map[string]member{
			"state":    {into: &order.Filter.State, want: "exhausted or delivered"},
			"endpoint": {into: &order.Filter.Endpoint, want: "the id of an endpoint"},
			"class":    {into: &order.Filter.Class, want: "a class of failure, such as timeout"},
			"job":      {into: &order.Filter.Job, want: "the id of a job"},
			"from":     {into: &from, want: "a time such as 2026-01-31T03:00:00Z"},
			"to":       {into: &to, want: "a time such as 2026-01-31T03:00:00Z"},
		})
		order.Filter.From, order.Filter.To = f.time("filter.from", from), f.time("filter.to", to)
	}
	if rate != nil {
		if order.Rate = *rate; order.Rate == 0 {
			order.Rate = -1 // somebody who asks for none a second does not want the usual rate
		}
	}
	if f.wrong == nil {
		f.filter("", order.Validate())
	}
	return order, dry, f.err("The replay cannot be read; nothing was begun.")
}

// getReplay tells how far a replay is: GET /v1/replays/{id}.
func (s *Service) getReplay(c *fiber.Ctx) error {
	app, ok := s.bearer(c)
	if !ok {
		return problem(c, unauthorized())
	}
	replay, err := s.replays.Get(c.UserContext(), app.ID, param(c, "id"))
	if err != nil {
		return s.refuseReplay(c, err)
	}
	return s.sendReplay(c, fiber.StatusOK, replay)
}

// deleteReplay ends a replay before its next step: DELETE /v1/replays/{id}.
func (s *Service) deleteReplay(c *fiber.Ctx) error {
	app, ok := s.bearer(c)
	if !ok {
		return problem(c, unauthorized())
	}
	replay, err := s.replays.Cancel(c.UserContext(), app.ID, param(c, "id"))
	if err != nil {
		return s.refuseReplay(c, err)
	}
	return s.sendReplay(c, fiber.StatusOK, replay)
}

func (s *Service) refuseReplay(c *fiber.Ctx, err error) error {
	if errors.Is(err, bus.ErrNotFound) {
		return problem(c, native.NewProblem(native.NotFound, "There is no such replay."))
	}
	return s.refuse(c, unavailable(err))
}

// shownReplay is what a client sees of a replay.
type shownReplay struct {
	ID        string               `json:"id"`
	State     delivery.ReplayState `json:"state"`
	IDs       []string             `json:"ids,omitempty"`
	Filter    *delivery.Filter     `json:"filter,omitempty"`
	Rate      int                  `json:"rate"`
	Sent      int                  `json:"sent"`
	Skipped   int                  `json:"skipped"`
	CreatedAt time.Time            `json:"created_at"`
	ChangedAt time.Time            `json:"changed_at"`
	Links     struct {
		Self string `json:"self"`
	} `json:"links"`
}

func (s *Service) sendReplay(c *fiber.Ctx, status int, r delivery.Replay) error {
	shown := shownReplay{
		ID: r.ID, State: r.State, IDs: r.Order.IDs, Rate: r.Order.Rate, Sent: r.Sent, Skipped: r.Skipped,
		CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt,
	}
	if r.Order.Filter != (delivery.Filter{}) {
		shown.Filter = &r.Order.Filter
	}
	shown.Links.Self = s.publicURL + replayPath + "/" + r.ID
	return sendValue(c, status, shown)
}
