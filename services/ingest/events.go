package ingest

import (
	"bufio"
	"context"
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/bus"
)

// replayMost is how many missed results one stream makes up for. A client that missed more is sent back for the rest, so
// that no stream reads the bus for ever.
const replayMost = 10_000

const headerLastEventID = "Last-Event-ID"

// getJobEvents shows one job from now to its result: GET /v1/jobs/{id}/events.
func (s *Service) getJobEvents(c *fiber.Ctx) error {
	app, position, err := s.listens(c)
	if err != nil {
		return s.refuse(c, err)
	}
	id, err := events.ParseID(c.Params("id"))
	if err != nil || !s.known(app, id) {
		return s.refuse(c, errUnknownJob)
	}
	st := newStream(app, id.String(), c.Context().Conn())
	if err := s.hub.join(st); err != nil {
		return s.refuse(c, err)
	}
	st.start() // before the read: a result that comes in between must not be missed
	first, err := s.jobNow(c.UserContext(), app, id)
	if err != nil {
		s.hub.part(st)
		return s.refuse(c, err)
	}
	if first.sequence > 0 && first.sequence == position {
		s.hub.part(st)
		return c.SendStatus(fiber.StatusNoContent) // it has the result: this is how a client is told to stay away
	}
	return s.sendStream(c, st, func(w *bufio.Writer) {
		switch {
		case !st.write(w, openingOfOne()) || !st.write(w, first):
		case first.sequence > 0:
			st.write(w, frameEnd)
		default:
			st.run(w, 0, s.config.Heartbeat)
		}
	})
}

// jobNow is the result of a job, or that it was accepted. Both are read from the results themselves, whose sequence is
// the event's id.
func (s *Service) jobNow(ctx context.Context, application string, id events.ID) (frame, error) {
	message, err := s.deps.Bus.Last(ctx, bus.Events, events.ResultSubject(application, id.String()))
	if err == nil {
		return messageFrame(message, message.Sequence)
	}
	if !errors.Is(err, bus.ErrNotFound) {
		return frame{}, unavailable(err)
	}
	accepted, err := events.New(events.TypeJobAccepted, eventSource, id.String(), nil)
	if err != nil {
		return frame{}, err
	}
	accepted.SetTime(id.Time().UTC())
	return eventFrame(accepted, 0)
}

// getEvents shows everything that happens in an application, and first the results since Last-Event-ID: GET /v1/events.
func (s *Service) getEvents(c *fiber.Ctx) error {
	app, position, err := s.listens(c)
	if err != nil {
		return s.refuse(c, err)
	}
	st := newStream(app, "", c.Context().Conn())
	if err := s.hub.join(st); err != nil {
		return s.refuse(c, err)
	}
	end, err := s.deps.Bus.End(c.UserContext(), bus.Events)
	if err != nil {
		s.hub.part(st)
		return s.refuse(c, unavailable(err))
	}
	since := end
	if c.Get(headerLastEventID) != "" {
		since = min(position, end) // beyond the end is of a broker that was made anew
	}
	if since == end {
		st.start() // nothing to make up for: whatever happens from now on is shown
	}
	ctx := c.UserContext() // the request is gone when the stream is written
	return s.sendStream(c, st, func(w *bufio.Writer) {
		if st.write(w, opening(since)) {
			s.showAll(ctx, w, st, app, since)
		}
	})
}

// showAll sends the results since a sequence and then what happens. The hub may push only once the client has caught up,
// else it would overrun the stream meanwhile; what was stored in between is read a second time.
func (s *Service) showAll(ctx context.Context, w *bufio.Writer, st *stream, application string, since uint64) {
	r := replay{bus: s.deps.Bus, stopping: s.stopping, application: application, at: since, left: replayMost}
	for _, then := range []func(){st.start, func() { st.run(w, r.at, s.config.Heartbeat) }} {
		err := r.send(ctx, func(f frame) bool { return st.write(w, f) })
		switch {
		case errors.Is(err, errClientGone):
			return
		case errors.Is(err, errReplayedMost):
			st.write(w, frameOverrun)
			return
		case err != nil:
			s.deps.Log.Warn("stream ended", "application", application, "err", err)
			st.write(w, frameReconnect)
			return
		}
		then()
	}
}

var (
	errClientGone   = errors.New("client is gone")
	errReplayedMost = errors.New("more was missed than one stream makes up for")
	errStopping     = errors.New("the process stops")
)

// replay reads the stored results of an application in their order.
type replay struct {
	bus         *bus.Bus
	stopping    <-chan struct{}
	application string
	at          uint64 // the newest that was sent
	left        int
}

// send hands the results after the position to write, until there are none.
func (r *replay) send(ctx context.Context, write func(frame) bool) error {
	for {
		select {
		case <-r.stopping:
			return errStopping
		default:
		}
		message, err := r.bus.Next(ctx, bus.Events, events.ResultFilter(r.application), r.at)
		if errors.Is(err, bus.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if r.left == 0 {
			return errReplayedMost
		}
		f, err := messageFrame(message, message.Sequence)
		if err != nil {
			return err
		}
		if !write(f) {
			return errClientGone
		}
		r.at = message.Sequence
		r.left--
	}
}

// listens lets a request for a stream in: whose it is, and the position in its Last-Event-ID, 0 without one.
func (s *Service) listens(c *fiber.Ctx) (application string, position uint64, err error) {
	app, err := s.asks(c)
	if err != nil {
		return "", 0, err
	}
	text := c.Get(headerLastEventID)
	if text == "" {
		return app.ID, 0, nil
	}
	if position, err = strconv.ParseUint(text, 10, 64); err != nil {
		p := native.NewProblem(native.InvalidRequest, "A header cannot be read.")
		p.Errors = []native.FieldError{{Field: headerLastEventID, Value: native.Shown(text), Want: "the id of an event of this stream, a whole number"}}
		return "", 0, p
	}
	return app.ID, position, nil
}
