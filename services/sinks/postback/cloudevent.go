package postback

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
)

// structuredMedia is the content type of an event that is the whole body (CloudEvents HTTP binding 1.0.2 §3.2).
const structuredMedia = "application/cloudevents+json; charset=UTF-8"

// asCloudEvent writes a parcel as the event itself that its job ended with, as subscribers on NATS get it. The headers of
// binary mode are encoded the same way on NATS and HTTP.
func (p *parcel) asCloudEvent(m *bus.Message) error {
	e, err := m.Event()
	if err != nil {
		return fmt.Errorf("read the event of %s: %w", p.ID, err)
	}
	if p.Form == job.FormStructured {
		p.ContentType = structuredMedia
		p.Body, err = json.Marshal(e)
		return err
	}
	p.ContentType, p.Body = e.DataContentType(), e.Data()
	p.Header = maps.Clone(p.Header)
	if p.Header == nil {
		p.Header = map[string]string{}
	}
	for name, values := range m.Header {
		if strings.HasPrefix(name, "ce-") && name != "ce-datacontenttype" && len(values) > 0 {
			p.Header[name] = values[0]
		}
	}
	return nil
}

// The handshake of CloudEvents over HTTP (HTTP 1.1 Web Hooks for Event Delivery 1.0.2 §4): before events go to an address,
// it is asked by OPTIONS whether it wants them, and how many a minute.
const (
	headerRequestOrigin = "WebHook-Request-Origin"
	headerRequestRate   = "WebHook-Request-Rate"
	headerAllowedOrigin = "WebHook-Allowed-Origin"
	headerAllowedRate   = "WebHook-Allowed-Rate"

	// askedRate is how many events a minute are asked for where no rate is configured.
	askedRate = 60_000
	// consentLasts is how long an address is not asked again.
	consentLasts = 24 * time.Hour
)

// consent asks the address of a CloudEvent whether it wants any, unless it said so lately. The attempt that it returns is
// without a class when the event may go out; otherwise it is what the event's own attempt comes to.
func (s *Service) consent(ctx context.Context, it *item, p parcel) (outbound.Attempt, error) {
	if p.Form == job.FormPlain {
		return outbound.Attempt{}, nil
	}
	standing, known := s.endpoints.ByID(it.address)
	if known && standing.Consent != nil && time.Since(standing.Consent.At) < consentLasts {
		return outbound.Attempt{}, nil
	}
	rate := askedRate
	if s.config.EndpointRate > 0 {
		rate = max(int(s.config.EndpointRate*60), 1)
	}
	answer, err := s.deps.Poster.Post(ctx, outbound.Request{
		Method: http.MethodOptions, URL: p.URL, Timeout: s.config.Timeout,
		Header: http.Header{headerRequestOrigin: {s.config.Origin}, headerRequestRate: {strconv.Itoa(rate)}},
	})
	if err != nil || answer.Status == 0 || delivery.Trouble(answer) || answer.Status == http.StatusGone {
		return answer, err
	}
	given, ok := readConsent(answer.Header, s.config.Origin)
	if !ok {
		answer.Class = outbound.ClassConsent
		answer.Message = fmt.Sprintf("the endpoint did not say that it wants CloudEvents: its answer to OPTIONS (%d) has no %s with %q or *",
			answer.Status, headerAllowedOrigin, s.config.Origin)
		return answer, nil
	}
	_, err = s.endpoints.Change(ctx, p.Application, it.address, func(standing *delivery.Standing) {
		standing.URL, standing.Consent = delivery.Shown(p.URL), &given
	})
	return outbound.Attempt{}, err
}

// readConsent reads an answer to the handshake. A rate that cannot be read is none.
func readConsent(header http.Header, origin string) (delivery.Consent, bool) {
	allowed := header.Get(headerAllowedOrigin)
	if allowed != "*" && !strings.EqualFold(allowed, origin) {
		return delivery.Consent{}, false
	}
	perMinute, err := strconv.Atoi(header.Get(headerAllowedRate))
	if err != nil || perMinute < 1 {
		perMinute = 0
	}
	return delivery.Consent{Granted: true, PerMinute: perMinute, At: time.Now().UTC()}, true
}
