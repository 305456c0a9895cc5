package postback

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/collection"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
)

// deliveryID names the delivery of a job to one of its targets, the same however often it is made.
func deliveryID(job string, target int) string { return fmt.Sprintf("dlv_%s_%d", job, target) }

// parseDeliveryID reads what [deliveryID] wrote.
func parseDeliveryID(id string) (job string, target int, ok bool) {
	rest, ours := strings.CutPrefix(id, "dlv_")
	job, number, cut := strings.Cut(rest, "_")
	target, err := strconv.Atoi(number)
	return job, target, ours && cut && err == nil && target >= 0
}

// replay makes the step of a replay that is due.
func (s *Service) replay(ctx context.Context, m *bus.Message) error {
	return s.replays.Step(ctx, m, s.resend)
}

// resend makes a delivery again from the event that it was made of, and puts it into its lane behind first attempts. It
// is signed when it goes out, with the secrets of then.
func (s *Service) resend(ctx context.Context, application, id, replay string) error {
	jobID, target, ok := parseDeliveryID(id)
	if !ok {
		return s.callAgain(ctx, application, id)
	}
	m, err := s.deps.Bus.Last(ctx, bus.Events, events.ResultSubject(application, jobID))
	if errors.Is(err, bus.ErrNotFound) {
		return delivery.ErrNotReplayable
	}
	if err != nil {
		return err
	}
	reader := delivery.NewResults(s.deps.Bus, s.deps.Key)
	finished, err := reader.Next(m)
	if err != nil || finished == nil {
		return delivery.ErrNotReplayable
	}
	rec, err := reader.Record(ctx, finished)
	if bus.Rejected(err) {
		return delivery.ErrNotReplayable
	}
	if err != nil {
		return err
	}
	if target >= len(rec.Targets) || rec.Targets[target].Sink != job.SinkPostback {
		return delivery.ErrNotReplayable
	}
	out, err := s.parcel(rec, finished, target, m)
	if err != nil || out == nil {
		return delivery.ErrNotReplayable
	}
	out.Subject = bus.HookLate(out.Header.Get(headerEndpoint))
	out.Header.Set(headerReplay, replay)
	out.ID = "replay-" + replay + "-" + id
	_, err = s.deps.Bus.Publish(ctx, *out)
	return err
}

// callAgain lets the media item of an XML callback be told of once more. A callback has no state of its own: the newest one
// is sent, at the end of the item's window. Done again, it falls into the same window.
func (s *Service) callAgain(ctx context.Context, application, id string) error {
	entry, err := s.journal.Newest(ctx, application, id)
	if errors.Is(err, bus.ErrNotFound) || err == nil && entry.Media == "" {
		return delivery.ErrNotReplayable
	}
	if err != nil {
		return err
	}
	_, err = s.items.Touch(ctx, application, entry.Media)
	if errors.Is(err, collection.ErrNotFound) {
		return delivery.ErrNotReplayable
	}
	return err
}
