package postback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/signing"
	"github.com/ringback/ringback/services/internal/storage"
)

// errStays says that a probe failed and its delivery stays parked.
var errStays = errors.New("the endpoint is still failing")

// attempt makes one attempt of a delivery. What becomes of it is stored without waiting, and the delivery settled once it
// is: nothing, a timer for the next attempt, a place among the parked ones, or the record that there will be no other.
func (s *Service) attempt(ctx context.Context, it *item) (result outbound.Attempt, told bool) {
	p, err := s.unpack(it.message)
	if err != nil {
		it.settle(bus.Reject(err))
		return result, false
	}
	it.url = p.URL
	header, err := s.header(p)
	if err != nil {
		it.settle(err)
		return result, false
	}
	defer s.deps.Metrics.InFlight("postback")()
	s.deps.Metrics.Lagged("postback", time.Since(due(it.message)))
	begun := time.Now()
	if result, err = s.consent(ctx, it, p); err == nil && result.Class == "" {
		result, err = s.send(ctx, p, header)
	}
	if err != nil && !errors.Is(context.Cause(ctx), errPressed) {
		it.settle(err) // the process is stopping: the attempt was cut by us
		return result, false
	}
	if err != nil {
		result.Class, result.Total = outbound.ClassTimeout, time.Since(begun)
		result.Message = fmt.Sprintf("the endpoint did not answer in %s, and others waited", result.Total.Round(time.Millisecond))
	}
	s.deps.Metrics.Attempted("postback", result.Class, result.Total)
	s.conclude(ctx, it, p, result)
	return result, result.Class != outbound.ClassConsent
}

// send posts a parcel, or puts it into the storage that it is for.
func (s *Service) send(ctx context.Context, p parcel, header http.Header) (outbound.Attempt, error) {
	if p.Put == "" {
		return s.deps.Poster.Post(ctx, outbound.Request{URL: p.URL, Header: header, Body: p.Body, Timeout: s.config.Timeout})
	}
	var d job.Destination
	if err := json.Unmarshal([]byte(p.Put), &d); err != nil {
		return outbound.Attempt{}, bus.Reject(fmt.Errorf("read the destination of delivery %s: %w", p.ID, err))
	}
	app, _ := s.deps.Applications.ByID(p.Application) // header has found it
	request, err := storage.Request(ctx, app, d, storage.Object{Data: p.Body, ContentType: p.ContentType}, time.Now())
	if failure, ok := errors.AsType[*outbound.Error](err); ok {
		return outbound.Attempt{Class: failure.Class, Message: failure.Message}, nil
	}
	if err != nil {
		return outbound.Attempt{}, err
	}
	request.Timeout = s.config.Timeout
	attempt, err := s.deps.Poster.Post(ctx, request)
	if failure, ok := errors.AsType[*outbound.Error](storage.Failure(d, attempt)); ok && err == nil {
		attempt.Message = failure.Message
	}
	return attempt, err
}

// header signs an attempt: the signature and its time are fresh on each.
func (s *Service) header(p parcel) (http.Header, error) {
	header := http.Header{}
	for name, value := range p.Header {
		header.Set(name, value)
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", p.ContentType)
	}
	app, ok := s.deps.Applications.ByID(p.Application)
	if !ok {
		return nil, bus.Reject(fmt.Errorf("application %q is gone", p.Application))
	}
	now := time.Now()
	signature, err := signing.Sign(p.Scheme, app, p.ID, now, p.Body)
	if err != nil {
		return nil, fmt.Errorf("sign delivery %s: %w", p.ID, err)
	}
	maps.Copy(header, signature)
	return header, nil
}

// conclude sees to what follows from an attempt.
func (s *Service) conclude(ctx context.Context, it *item, p parcel, result outbound.Attempt) {
	attempts := made(it.message) + 1
	entry := s.entry(it, p, attempts, result)
	switch {
	case result.Class == "":
		s.end(p, it, delivery.Delivered, entry)
		it.settle(nil)
	case it.probe && delivery.Trouble(result):
		entry.Reason = reasonBroken
		s.log.Note(p.Application, entry.Endpoint, delivery.Held, entry)
		it.settle(errStays)
	case result.Status == http.StatusGone:
		s.disable(ctx, it, p, attempts, result)
	default:
		s.again(ctx, it, p, attempts, result, entry)
	}
}

// entry is what the log says of an attempt.
func (s *Service) entry(it *item, p parcel, attempts int, result outbound.Attempt) events.Delivery {
	return delivery.Entry(events.Delivery{
		ID: p.ID, Job: p.Job, Sink: "postback", Endpoint: it.endpoint.id, Target: delivery.Shown(p.URL), Attempt: attempts,
		Replay: it.replay,
	}, result)
}

func (s *Service) end(p parcel, it *item, state string, entry events.Delivery) {
	s.deps.Metrics.Delivered("postback", state)
	s.log.Note(p.Application, it.endpoint.id, state, entry)
}

// again sets the timer of the next attempt, or records that there is none.
func (s *Service) again(ctx context.Context, it *item, p parcel, attempts int, result outbound.Attempt, entry events.Delivery) {
	pause, again := s.schedule(p).Next(attempts, result)
	if !again {
		s.exhaust(p, it, entry, result.Message)
		it.settle(bus.Reject(errors.New("no attempt is left: " + result.Message)))
		return
	}
	next := time.Now().Add(pause).UTC()
	header := p.headers(attempts, next)
	if it.replay != "" {
		header.Set(headerReplay, it.replay)
	}
	if errors.Is(context.Cause(ctx), errPressed) && it.replay == "" && delivery.Trouble(result) {
		// It breaks its endpoint: a timer of its own would only lead it to the others that are parked.
		s.rest(it, header, result, hold{reasonBroken, next, it.endpoint.id})
		return
	}
	out := bus.Out{
		Subject: bus.HookRetry(it.endpoint.id, p.ID), Target: bus.HookLate(it.endpoint.id), At: next, Data: it.message.Data,
		Header: header,
	}
	entry.NextAt = &next
	stored := func(_ bus.Ack, err error) {
		if err != nil {
			it.settle(bus.Later(fmt.Errorf("schedule delivery %s: %w", p.ID, err), brokerPause))
			return
		}
		s.log.Note(p.Application, it.endpoint.id, delivery.Scheduled, entry)
		it.settle(nil)
	}
	if err := s.store.Submit(context.WithoutCancel(ctx), stored, out); err != nil {
		stored(bus.Ack{}, err)
	}
}

// aside puts a delivery off that has waited for its turn while its lane was crowded. It is no attempt.
func (s *Service) aside(it *item) {
	endpoint := it.message.Header.Get(headerEndpoint)
	out := bus.Out{
		Subject: bus.HookRetry(endpoint, it.message.Header.Get(headerDelivery)), Target: bus.HookLate(endpoint),
		At: time.Now().Add(spread(crowdedPause)), Data: it.message.Data, Header: kept(maps.Clone(it.message.Header)),
	}
	s.spawn(func(ctx context.Context) {
		_, err := s.store.Commit(ctx, out)
		if err != nil {
			err = bus.Later(fmt.Errorf("put delivery off: %w", err), brokerPause)
		}
		it.settle(err)
	})
}

// schedule is the job's own, else the application's for the dialect, else the installation's.
func (s *Service) schedule(p parcel) delivery.Schedule {
	if len(p.Pauses) > 0 {
		return p.Pauses
	}
	if app, ok := s.deps.Applications.ByID(p.Application); ok {
		if pauses, ok := app.Settings.Schedule(p.Dialect); ok {
			return pauses
		}
	}
	if s.deps.Schedule != nil {
		return s.deps.Schedule
	}
	if own := s.config.Schedules.of(p.Dialect); own != nil {
		return delivery.Schedule(own)
	}
	if p.Dialect == cloudinary.Dialect {
		return delivery.CloudinarySchedule()
	}
	return delivery.DefaultSchedule()
}

// exhaust records that a delivery has no attempt left, where people and operators look.
func (s *Service) exhaust(p parcel, it *item, entry events.Delivery, reason string) {
	s.deps.Log.Warn("delivery exhausted", "delivery", p.ID, "target", entry.Target, "attempt", entry.Attempt, "err", reason)
	s.end(p, it, delivery.Exhausted, entry)
	s.herald.Exhausted(p.Application, entry)
}

// disable holds a delivery whose endpoint said that it is gone, and whatever else comes for that address.
func (s *Service) disable(ctx context.Context, it *item, p parcel, attempts int, result outbound.Attempt) {
	s.herald.Gone(p.Application, p.URL, result)
	s.rest(it, p.headers(attempts, due(it.message)), result, hold{reason: reasonDisabled, id: it.address})
}

// rest parks a delivery that was attempted.
func (s *Service) rest(it *item, header bus.Header, result outbound.Attempt, h hold) {
	message := *it.message
	message.Header = header
	// An item of its own: the attempt is not over yet for those who watch its place.
	s.yard.park(&item{
		message: &message, endpoint: it.endpoint, replay: it.replay, attempted: &result, settle: it.settle, giveBack: it.giveBack,
	}, h)
}
