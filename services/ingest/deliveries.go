package ingest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
)

// How many deliveries a page has.
const (
	usualPage = 50
	mostPage  = 500
)

// deliveryPage is the answer to a question about deliveries.
type deliveryPage struct {
	Deliveries []delivery.Logged `json:"deliveries"`
	// Next is where the next page begins; empty on the last.
	Next string `json:"next,omitempty"`
}

// getDeliveries lists deliveries, each by its newest entry in the log, those that changed last first:
// GET /v1/deliveries?state=&endpoint=&class=&from=&to=&job=&limit=&after=.
func (s *Service) getDeliveries(c *fiber.Ctx) error {
	app, ok := s.bearer(c)
	if !ok {
		return problem(c, unauthorized())
	}
	var f fields
	q := f.query(c, "state", "endpoint", "class", "from", "to", "job", "limit", "after")
	filter := delivery.Filter{
		State: q["state"], Endpoint: q["endpoint"], Class: q["class"], Job: q["job"],
		From: f.time("from", q["from"]), To: f.time("to", q["to"]),
	}
	limit, before := f.number("limit", q["limit"], usualPage, mostPage), f.cursor("after", q["after"])
	f.filter("", filter.Validate())
	if err := f.err("The query cannot be read."); err != nil {
		return s.refuse(c, err)
	}
	list, next, err := s.journal.Page(c.UserContext(), app.ID, filter, before, limit)
	if err != nil {
		return s.refuse(c, unavailable(err))
	}
	page := deliveryPage{Deliveries: append([]delivery.Logged{}, list...)}
	for i := range page.Deliveries {
		page.Deliveries[i].Answer = "" // up to 16 KiB each: the delivery alone has it
	}
	if next > 0 {
		page.Next = cursor(next)
	}
	return sendValue(c, fiber.StatusOK, page)
}

// filter adds what is wrong with a filter or an order.
func (f *fields) filter(prefix string, err error) {
	for _, e := range delivery.FieldErrors(err) {
		f.wrong = append(f.wrong, native.FieldError{Field: prefix + e.Field, Value: e.Value, Want: e.Want})
	}
}

// shownDelivery is one delivery with everything that was tried.
type shownDelivery struct {
	ID       string            `json:"id"`
	Job      string            `json:"job,omitempty"`
	State    string            `json:"state"`
	Attempts []delivery.Logged `json:"attempts"`
}

// getDelivery shows every attempt of one delivery: GET /v1/deliveries/{id}.
func (s *Service) getDelivery(c *fiber.Ctx) error {
	app, ok := s.bearer(c)
	if !ok {
		return problem(c, unauthorized())
	}
	list, err := s.journal.Attempts(c.UserContext(), app.ID, param(c, "id"))
	if errors.Is(err, bus.ErrNotFound) || errors.Is(err, delivery.ErrInvalidFilter) || err == nil && len(list) == 0 {
		return problem(c, native.NewProblem(native.NotFound, "There is no such delivery, or nothing was tried yet, or it is no longer kept."))
	}
	if err != nil {
		return s.refuse(c, unavailable(err))
	}
	newest := list[len(list)-1]
	return sendValue(c, fiber.StatusOK, shownDelivery{ID: newest.ID, Job: newest.Job, State: newest.State, Attempts: list})
}

// param is a part of the path, in memory of its own: the server uses its own again.
func param(c *fiber.Ctx, name string) string { return strings.Clone(c.Params(name)) }

// unavailable marks what the broker did not answer, however it puts that.
func unavailable(err error) error { return fmt.Errorf("%w: %w", bus.ErrUnavailable, err) }

func sendValue(c *fiber.Ctx, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return sendJSON(c, status, body)
}
