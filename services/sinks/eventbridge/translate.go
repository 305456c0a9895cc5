package eventbridge

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
)

// translate makes an event of a result whose job asks for it, or whose application wants all.
func (s *Service) translate(ctx context.Context, m *bus.Message) ([]bus.Out, error) {
	finished, err := s.results.Next(m)
	if err != nil || finished == nil {
		return nil, err
	}
	rec, err := s.results.Record(ctx, finished)
	if err != nil {
		return nil, err
	}
	app, _ := s.deps.Applications.ByID(finished.Application) // one that is gone wants nothing by itself
	if !wanted(rec, app.Settings) {
		return nil, nil
	}
	detail, err := render(rec, finished)
	if err != nil {
		return nil, bus.Reject(err)
	}
	if detail == nil {
		return nil, nil
	}
	return []bus.Out{pack(rec.Dialect, finished, detail)}, nil
}

// wanted tells whether an event is to be sent. A job is told once, also when it asks twice: its bus is its
// application's, so both would be the same.
func wanted(rec job.Record, settings application.Settings) bool {
	return settings.Bridge != nil && settings.Bridge.Always ||
		slices.ContainsFunc(rec.Targets, func(t job.Target) bool { return t.Sink == job.SinkEventBridge })
}

// render writes the detail; nil when the dialect wants nothing sent. Blitline alone has a format of its own for
// EventBridge, where the event takes the place of the postback; everybody else gets the result document.
func render(rec job.Record, f *delivery.Finished) ([]byte, error) {
	if rec.Dialect != blitline.Dialect {
		if !json.Valid(f.Document) {
			return nil, fmt.Errorf("the result of job %s is not JSON", f.Job)
		}
		return f.Document, nil
	}
	details, err := blitline.ParseDetails(rec.Details)
	if err != nil {
		return nil, err
	}
	result, err := f.Result()
	if err != nil || !details.Posts(result) {
		return nil, err
	}
	detail, err := json.Marshal(struct {
		Result []byte `json:"base64_json"`
	}{blitline.Result(result, details)})
	if err != nil {
		return nil, fmt.Errorf("encode detail: %w", err)
	}
	return detail, nil
}

// What a stored event says beside its detail. Nothing in it is private: it all is in the public result.
const (
	headerDelivery = "Ringback-Delivery"
	headerJob      = "Ringback-Job"
	headerDialect  = "Ringback-Dialect"
	// headerType is the type of the result's own event.
	headerType = "Ringback-Type"
	headerTime = "Ringback-Time"
	// headerAttempt counts the attempts that were made before the message was stored.
	headerAttempt = "Ringback-Attempts"
	// headerOversize stands in for a detail that is too large to be sent, and may be too large to be stored: its size.
	headerOversize = "Ringback-Oversize"
)

// pack makes the message that waits for its first attempt. It is not sealed: what is in it is in the public result.
func pack(dialect string, f *delivery.Finished, detail []byte) bus.Out {
	id := "dlv_" + f.Job + "_" + sink
	out := bus.Out{
		Subject: bus.BridgeFirst(f.Application), Data: detail, ID: id,
		Header: bus.Header{
			bus.HeaderApplication: {f.Application}, headerDelivery: {id}, headerJob: {f.Job}, headerDialect: {dialect},
			headerType: {f.State.Type()}, headerTime: {f.Stored.UTC().Format(time.RFC3339Nano)}, headerAttempt: {"0"},
		},
	}
	if len(detail) >= aloneBytes {
		out.Data = nil
		out.Header.Set(headerOversize, strconv.Itoa(len(detail)))
	}
	return out
}

// parcel is one event on its way.
type parcel struct {
	message *bus.Message
	at      int // its place in the batch

	id, application, job, dialect string
	made                          int // attempts before this one
	event                         event
	settings                      application.Settings
}

// unpack reads a stored event. What cannot be read is rejected.
func (s *Service) unpack(m *bus.Message, at int) (*parcel, error) {
	p := &parcel{
		message: m, at: at, id: m.Header.Get(headerDelivery), application: m.Header.Get(bus.HeaderApplication),
		job: m.Header.Get(headerJob), dialect: m.Header.Get(headerDialect),
	}
	made, err := strconv.Atoi(m.Header.Get(headerAttempt))
	if err != nil {
		return nil, bus.Reject(fmt.Errorf("event %s: header %s: %w", p.id, headerAttempt, err))
	}
	stored, err := time.Parse(time.RFC3339Nano, m.Header.Get(headerTime))
	if err != nil {
		return nil, bus.Reject(fmt.Errorf("event %s: header %s: %w", p.id, headerTime, err))
	}
	app, ok := s.deps.Applications.ByID(p.application)
	if !ok {
		return nil, bus.Reject(fmt.Errorf("application %q is gone", p.application))
	}
	p.made, p.settings = made, app.Settings
	p.event = event{
		Bus: s.config.Bus, Source: s.config.Source, DetailType: s.config.DetailType, Time: stored, Detail: m.Data,
	}
	if own := app.Settings.Bridge; own != nil {
		p.event.Bus, p.event.Source = either(own.Bus, p.event.Bus), either(own.Source, p.event.Source)
		p.event.DetailType = either(own.DetailType, p.event.DetailType)
	}
	p.event.DetailType = either(p.event.DetailType, m.Header.Get(headerType))
	if text := m.Header.Get(headerOversize); text != "" {
		if p.event.oversize, err = strconv.Atoi(text); err != nil {
			return nil, bus.Reject(fmt.Errorf("event %s: header %s: %w", p.id, headerOversize, err))
		}
	}
	return p, nil
}

func either(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
