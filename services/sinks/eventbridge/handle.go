package eventbridge

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/url"
	"sync"
	"time"

	awsbridge "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

// brokerPause is the wait when the broker did not answer.
const brokerPause = time.Second

// handle makes one attempt of each event of a batch, in as few requests as they fit into. Whatever comes of an attempt is
// stored before its verdict is given: nothing, a timer for the next attempt, or the record that there will be none.
func (s *Service) handle(ctx context.Context, batch []*bus.Message) []error {
	verdicts := make([]error, len(batch))
	var ready []*parcel
	for i, m := range batch {
		p, err := s.unpack(m, i)
		if err != nil {
			verdicts[i] = err
			continue
		}
		defer s.trimmer.Worked()
		if hopeless := s.hopeless(p); hopeless != nil {
			verdicts[i] = s.conclude(ctx, p, *hopeless)
			continue
		}
		p.made++
		ready = append(ready, p)
	}
	for _, request := range requests(ready) {
		s.send(ctx, request, verdicts)
	}
	return verdicts
}

// hopeless finds what need not be tried.
func (s *Service) hopeless(p *parcel) *answer {
	if s.client == nil {
		return &answer{
			code: "not_configured", final: true,
			message: "no event bus is configured: RINGBACK_EVENTBRIDGE_REGION is not set where the sink runs",
		}
	}
	if size := p.event.size(); size >= aloneBytes {
		return &answer{
			code: outbound.ClassTooLarge, final: true,
			message: fmt.Sprintf("the event has %d bytes, and EventBridge takes less than %d", size, aloneBytes),
		}
	}
	return nil
}

// send makes one request and concludes the attempt of each of its events. A request that was refused as a whole is
// divided, because one bad event may have spoilt it for the rest.
func (s *Service) send(ctx context.Context, request []*parcel, verdicts []error) {
	answers, divide, err := s.put(ctx, request)
	if err != nil {
		for _, p := range request {
			verdicts[p.at] = err
		}
		return
	}
	if divide && len(request) > 1 {
		for _, p := range request {
			s.send(ctx, []*parcel{p}, verdicts)
		}
		return
	}
	var concluding sync.WaitGroup // at once, so that their timers share a write
	for i, p := range request {
		concluding.Go(func() {
			s.deps.Metrics.Attempted(sink, answers[i].code, answers[i].took)
			verdicts[p.at] = s.conclude(ctx, p, answers[i])
		})
	}
	concluding.Wait()
}

// put makes one request, once. It fails only when ctx ended first.
func (s *Service) put(ctx context.Context, request []*parcel) (answers []answer, divide bool, err error) {
	if err := s.brake.wait(ctx); err != nil {
		return nil, false, err
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return nil, false, context.Cause(ctx)
	}
	defer s.deps.Metrics.InFlight(sink)()
	entries := make([]types.PutEventsRequestEntry, len(request))
	for i, p := range request {
		entries[i] = p.event.entry()
	}
	limited, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	begun := time.Now()
	out, err := s.client.PutEvents(limited, &awsbridge.PutEventsInput{Entries: entries})
	if err != nil && ctx.Err() != nil {
		return nil, false, fmt.Errorf("put events: %w", context.Cause(ctx)) // the attempt was cut by us
	}
	answers, divide = read(out, err, len(request))
	throttled := false
	for i := range answers {
		answers[i].took = time.Since(begun)
		throttled = throttled || answers[i].throttled
	}
	s.brake.note(throttled)
	return answers, divide, nil
}

func (s *Service) conclude(ctx context.Context, p *parcel, a answer) error {
	endpoint := endpointOf(p, s.config)
	entry := events.Delivery{
		ID: p.id, Job: p.job, Sink: sink, Endpoint: endpoint, Target: shown(p, s.config), Attempt: p.made, Status: a.status,
		Error: a.code, Answer: a.message, TookMS: a.took.Milliseconds(),
	}
	if a.code == "" {
		s.deps.Metrics.Delivered(sink, delivery.Delivered)
		s.log.Note(p.application, endpoint, delivery.Delivered, entry)
		return nil
	}
	pause, again := s.pause(p, a)
	if !again {
		s.deps.Metrics.Delivered(sink, delivery.Exhausted)
		s.deps.Log.Warn("delivery exhausted", "delivery", p.id, "target", entry.Target, "attempt", p.made, "err", a.message)
		s.log.Note(p.application, endpoint, delivery.Exhausted, entry)
		return bus.Reject(fmt.Errorf("%s: %s", a.code, a.message))
	}
	next := time.Now().Add(pause).UTC()
	if err := s.schedule(ctx, p, next); err != nil {
		return err
	}
	entry.NextAt = &next
	s.log.Note(p.application, endpoint, delivery.Scheduled, entry)
	return nil
}

// pause is how long an event waits for its next attempt. The application's own schedule comes first. Events that were
// too many together are spread over as long again, or they would be too many together once more.
func (s *Service) pause(p *parcel, a answer) (pause time.Duration, again bool) {
	if a.final {
		return 0, false
	}
	schedule := s.deps.Schedule
	if own, ok := p.settings.Schedule(p.dialect); ok {
		schedule = own
	}
	pause, again = schedule.Next(p.made, outbound.Attempt{})
	if again && a.throttled {
		pause += time.Duration(rand.Float64() * float64(pause)) //nolint:gosec // spreading, not secrecy
	}
	return pause, again
}

// schedule stores the next attempt as a timer of the broker.
func (s *Service) schedule(ctx context.Context, p *parcel, at time.Time) error {
	header := bus.Header{}
	for _, name := range []string{
		bus.HeaderApplication, headerDelivery, headerJob, headerDialect, headerType, headerTime,
	} {
		header.Set(name, p.message.Header.Get(name))
	}
	header.Set(headerAttempt, fmt.Sprint(p.made))
	_, err := s.timers.Commit(ctx, bus.Out{
		Subject: bus.BridgeRetry(p.application, p.id), Target: bus.BridgeLate(p.application), At: at, Data: p.message.Data,
		Header: header,
	})
	if err != nil {
		return bus.Later(fmt.Errorf("schedule event %s: %w", p.id, err), brokerPause)
	}
	return nil
}

// endpointOf is the stable id of an application's bus: two buses at one address are two endpoints.
func endpointOf(p *parcel, c Config) string {
	sum := sha256.Sum256([]byte(c.Region + "\n" + c.Endpoint + "\n" + p.event.Bus))
	return delivery.Endpoint(p.application, fmt.Sprintf("eventbridge://%x", sum[:8]))
}

// shown is where an event goes, for people.
func shown(p *parcel, c Config) string {
	place := either(c.Region, "nowhere")
	if u, err := url.Parse(c.Endpoint); err == nil && u.Host != "" {
		place = u.Host
	}
	return "eventbridge://" + place + "/" + p.event.Bus
}
