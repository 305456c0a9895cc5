package postback

import (
	"context"
	"fmt"
	"time"

	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
)

// eventSource is the ce-source of what the sink emits.
const eventSource = "/ringback/postback"

// brokerPause is the wait when the broker did not answer.
const brokerPause = time.Second

// translate makes a delivery for each postback target of a result.
func (s *Service) translate(ctx context.Context, m *bus.Message) ([]bus.Out, error) {
	finished, err := s.results.Next(m)
	if err != nil || finished == nil {
		return nil, err
	}
	rec, err := s.results.Record(ctx, finished)
	if err != nil {
		return nil, err
	}
	application, id := finished.Application, finished.Result.ID
	var outs []bus.Out
	for i, target := range rec.Targets {
		if target.Sink != job.SinkPostback {
			continue
		}
		p := parcel{
			ID: fmt.Sprintf("dlv_%s_%d", id, i), Application: application, Job: id, Dialect: rec.Dialect, URL: target.URL,
			Form: target.Form, Header: target.Headers,
		}
		post, err := render(&p, rec, finished)
		if err != nil {
			return nil, bus.Reject(err)
		}
		if !post {
			continue
		}
		sealed, err := s.pack(p)
		if err != nil {
			return nil, bus.Reject(err)
		}
		outs = append(outs, bus.Out{
			Subject: bus.HookFirst(delivery.Endpoint(application, target.URL)), Data: sealed, ID: p.ID,
			Header: p.headers(0, finished.Stored),
		})
	}
	return outs, nil
}

// render writes the body in the dialect that the job came in by. It reports false when the dialect wants nothing sent.
func render(p *parcel, rec job.Record, f *delivery.Finished) (post bool, err error) {
	switch rec.Dialect {
	case blitline.Dialect:
		details, err := blitline.ParseDetails(rec.Details)
		if err != nil {
			return false, err
		}
		p.Body, p.ContentType = blitline.Postback(f.Result, details)
		return details.Posts(f.Result), nil
	case native.Dialect:
		p.Body, err = native.Postback(f.Result, f.Stored)
		p.ContentType, p.Signed = native.PostbackMedia, true
		return true, err
	default:
		return false, fmt.Errorf("nobody renders postbacks of dialect %q", rec.Dialect)
	}
}
