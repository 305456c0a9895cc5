package postback

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
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

// parcel is one delivery: everything that its attempts need, rendered once.
type parcel struct {
	ID          string            `json:"id"`
	Application string            `json:"application"`
	Job         string            `json:"job"`
	URL         string            `json:"url"`
	Header      map[string]string `json:"header,omitempty"`
	ContentType string            `json:"content_type"`
	// Signed tells that the application's secret signs each attempt.
	Signed bool   `json:"signed"`
	Body   []byte `json:"body"`
}

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
			ID: fmt.Sprintf("dlv_%s_%d", id, i), Application: application, Job: id, URL: target.URL, Header: target.Headers,
		}
		post, err := render(&p, rec, finished)
		if err != nil {
			return nil, bus.Reject(err)
		}
		if !post {
			continue
		}
		out, err := s.pack(p, bus.HookFirst(delivery.Endpoint(application, target.URL)))
		if err != nil {
			return nil, bus.Reject(err)
		}
		outs = append(outs, out)
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

const (
	headerDelivery = "Ringback-Delivery"
	headerEndpoint = "Ringback-Endpoint"
	// headerAttempt counts the attempts that were made before the message was stored.
	headerAttempt = "Ringback-Attempts"
)

// pack seals a parcel: it may hold the client's own headers.
func (s *Service) pack(p parcel, subject string) (bus.Out, error) {
	plain, err := json.Marshal(p)
	if err != nil {
		return bus.Out{}, fmt.Errorf("encode delivery: %w", err)
	}
	sealed, err := s.deps.Key.Seal(plain, []byte("delivery:"+p.ID))
	if err != nil {
		return bus.Out{}, fmt.Errorf("seal delivery: %w", err)
	}
	endpoint := subject[strings.LastIndexByte(subject, '.')+1:]
	return bus.Out{
		Subject: subject, Data: sealed, ID: p.ID,
		Header: headers(p, endpoint, 0),
	}, nil
}

// headers are what a stored delivery shows: nothing that is secret.
func headers(p parcel, endpoint string, made int) bus.Header {
	return bus.Header{
		bus.HeaderApplication: {p.Application}, headerDelivery: {p.ID}, headerEndpoint: {endpoint},
		headerAttempt: {strconv.Itoa(made)},
	}
}

func (s *Service) unpack(m *bus.Message) (parcel, error) {
	plain, err := s.deps.Key.Open(m.Data, []byte("delivery:"+m.Header.Get(headerDelivery)))
	if err != nil {
		return parcel{}, fmt.Errorf("open delivery: %w", err)
	}
	var p parcel
	if err := json.Unmarshal(plain, &p); err != nil {
		return parcel{}, fmt.Errorf("read delivery: %w", err)
	}
	return p, nil
}
