package ingest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/time/rate"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/signing"
)

// testPause is the time between two tests of an application: enough for people, and too long for those who look for an
// open door with somebody else's machine.
const testPause = time.Second

// tests keeps applications to their share of tests.
type tests struct {
	mu     sync.Mutex
	limits map[string]*rate.Limiter
}

func newTests() *tests { return &tests{limits: map[string]*rate.Limiter{}} }

func (t *tests) allow(application string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	limiter, ok := t.limits[application]
	if !ok {
		limiter = rate.NewLimiter(rate.Every(testPause), 1)
		t.limits[application] = limiter
	}
	return limiter.Allow()
}

// tested is the answer to a test: the attempt, as the log has it of a delivery.
type tested struct {
	OK      bool   `json:"ok"`
	Message string `json:"message,omitempty"`
	events.Delivery
}

// testEndpoint sends one signed test to an address as a delivery would be sent, through the same client and past the same
// guard, and answers with what came of it: POST /v1/endpoints/test. It is in no log and says nothing about the health of
// the endpoint.
func (s *Service) testEndpoint(c *fiber.Ctx) error {
	app, ok := s.bearer(c)
	if !ok {
		return problem(c, unauthorized())
	}
	document, err := readDocument(c)
	if err != nil {
		return s.refuse(c, err)
	}
	url, form, err := s.parseTest(document)
	if err != nil {
		return s.refuse(c, err)
	}
	if !s.tests.allow(app.ID) {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(testPause.Seconds())))
		return problem(c, native.NewProblem(native.TooManyRequests, "An application may test one endpoint a second."))
	}
	id := "test_" + s.newID(app.ID).String()
	request, err := testRequest(app, id, url, form)
	if err != nil {
		return s.refuse(c, err)
	}
	attempt, err := s.deps.Poster.Post(c.UserContext(), request)
	if err != nil {
		return s.refuse(c, unavailable(err)) // only when this process is stopping
	}
	answer := tested{OK: attempt.Class == "", Message: attempt.Message, Delivery: delivery.Entry(events.Delivery{
		ID: id, Sink: "postback", Endpoint: delivery.Endpoint(app.ID, url), Target: delivery.Shown(url), Attempt: 1,
	}, attempt)}
	return sendValue(c, fiber.StatusOK, answer)
}

// parseTest reads the request of a test. The address is judged as that of a job's target is.
func (s *Service) parseTest(document []byte) (url string, form job.Form, err error) {
	const wantForm = "plain, structured or binary"
	var f fields
	shape := "plain"
	f.object("", document, map[string]member{
		"url": {into: &url, want: "the address of the endpoint"}, "form": {into: &shape, want: wantForm},
	})
	form, known := map[string]job.Form{
		"plain": job.FormPlain, "structured": job.FormStructured, "binary": job.FormBinary,
	}[shape]
	if !known {
		f.fail("form", shape, wantForm)
	}
	switch err := s.deps.Guard.CheckURL(url); {
	case f.wrong != nil:
	case url == "":
		f.wrong = append(f.wrong, native.FieldError{Field: "url", Want: "the address of the endpoint"})
	case err != nil:
		f.wrong = append(f.wrong, native.FieldError{Field: "url", Want: "an address that may be reached: " + err.Error()})
	}
	return url, form, f.err("The test cannot be made as it was asked for; nothing was sent.")
}

// testRequest makes the request of a test. Its type is none of a result, so that no receiver takes it for one.
func testRequest(app application.Application, id, url string, form job.Form) (outbound.Request, error) {
	now := time.Now()
	r := outbound.Request{URL: url, Header: http.Header{}}
	r.Header.Set("Content-Type", native.PostbackMedia)
	data := native.TestData{ID: id, Application: app.ID, Message: "A test of this endpoint. No job belongs to it."}
	event, err := events.New(events.TypeEndpointTest, eventSource, id, data)
	if err != nil {
		return r, err
	}
	event.SetTime(now.UTC())
	switch form {
	case job.FormStructured:
		r.Header.Set("Content-Type", "application/cloudevents+json")
		r.Body, err = json.Marshal(event)
	case job.FormBinary:
		msg, failed := events.Encode("test", event)
		if failed != nil {
			return r, failed
		}
		for name, values := range msg.Header {
			r.Header.Set(name, values[0])
		}
		r.Header.Del("ce-datacontenttype") // Content-Type says it over HTTP
		r.Body = msg.Data
	default:
		r.Body, err = native.TestPostback(data, now)
	}
	if err != nil {
		return r, fmt.Errorf("write the test: %w", err)
	}
	signature, err := signing.Sign(signing.Standard, app, id, now, r.Body)
	if err != nil {
		return r, fmt.Errorf("sign the test: %w", err)
	}
	maps.Copy(r.Header, signature)
	return r, nil
}
