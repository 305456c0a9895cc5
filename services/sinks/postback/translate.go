package postback

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/dialect/pixta"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/signing"
	"github.com/ringback/ringback/services/internal/storage"
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
	var outs []bus.Out
	for i, target := range rec.Targets {
		if target.Sink != job.SinkPostback {
			continue
		}
		out, err := s.parcel(rec, finished, i, m)
		if err != nil {
			return nil, bus.Reject(err)
		}
		if out != nil {
			outs = append(outs, *out)
		}
	}
	return outs, nil
}

// parcel makes the delivery of a result to one of its targets; nil when the dialect wants nothing sent.
func (s *Service) parcel(rec job.Record, finished *delivery.Finished, target int, m *bus.Message) (*bus.Out, error) {
	t := rec.Targets[target]
	p := parcel{
		ID: deliveryID(finished.Job, target), Application: finished.Application, Job: finished.Job,
		Dialect: rec.Dialect, URL: t.URL, Form: t.Form, Header: t.Headers,
	}
	if t.Destination != nil {
		if err := s.intoStorage(&p, *t.Destination); err != nil {
			return nil, err
		}
	}
	app, _ := s.deps.Applications.ByID(p.Application) // one that is gone has no secret
	post, err := render(&p, rec, finished, app.Secrets.APISecret.Reveal())
	if err == nil && p.Form != job.FormPlain {
		err = p.asCloudEvent(m)
	}
	if err != nil || !post {
		return nil, err
	}
	sealed, err := s.pack(p)
	if err != nil {
		return nil, err
	}
	header := p.headers(0, finished.Stored)
	return &bus.Out{Subject: bus.HookFirst(header.Get(headerEndpoint)), Data: sealed, ID: p.ID, Header: header}, nil
}

// intoStorage makes a parcel one that is put into a storage: its address is that of the object.
func (s *Service) intoStorage(p *parcel, d job.Destination) error {
	app, _ := s.deps.Applications.ByID(p.Application) // one that is gone has no accounts
	described, err := json.Marshal(d)                 //nolint:gosec // a parcel is sealed
	if err != nil {
		return fmt.Errorf("encode destination: %w", err)
	}
	p.URL, p.Put = storage.PublicURL(app, d), string(described)
	return nil
}

// render writes the body in the dialect that the job came in by. It reports false when the dialect wants nothing sent.
func render(p *parcel, rec job.Record, f *delivery.Finished, secret string) (post bool, err error) {
	switch rec.Dialect {
	case blitline.Dialect:
		details, err := blitline.ParseDetails(rec.Details)
		if err != nil {
			return false, err
		}
		result, err := f.Result()
		if err != nil {
			return false, err
		}
		p.Body, p.ContentType = blitline.Postback(result, details)
		p.Scheme, p.Pauses = signing.None, details.Pauses()
		return details.Posts(result), nil
	case cloudinary.Dialect:
		details, err := cloudinary.ParseDetails(rec.Details)
		if err != nil {
			return false, err
		}
		result, err := f.Result()
		if err != nil {
			return false, err
		}
		details.Site.Secret = secret // links of guarded assets are signed
		p.Body, p.ContentType = cloudinary.Postback(result, details)
		p.Scheme = signing.Cloudinary
		return true, nil
	case pixta.Dialect:
		details, err := pixta.ParseDetails(rec.Details)
		if err != nil {
			return false, err
		}
		result, err := f.Result()
		if err != nil {
			return false, err
		}
		p.Body, err = pixta.Webhook(result, details)
		p.ContentType, p.Scheme = pixta.Media, signing.Pixta
		return true, err
	case native.Dialect:
		p.Body, err = native.Postback(f.State, f.Document, f.Stored)
		p.ContentType, p.Scheme = native.PostbackMedia, signing.Standard
		return true, err
	default:
		return false, fmt.Errorf("nobody renders postbacks of dialect %q", rec.Dialect)
	}
}
