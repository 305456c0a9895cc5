package ingest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
)

// hook is where the deliveries of these tests go.
const hook = "http://hooks.example:9000/in"

// note writes an entry of the log, as a sink does, and returns when the broker has it.
func (h *house) note(app, state string, d events.Delivery) events.Delivery {
	h.Helper()
	if d.Endpoint == "" {
		d.Endpoint = delivery.Endpoint(app, hook)
	}
	d.Sink, d.Target = "postback", hook
	out, err := bus.Event(bus.DeliverySubject(app, state, d.Endpoint, d.ID), "dev.ringback.delivery."+state+".v1", "/test", d.ID, d)
	h.must(err)
	_, err = h.deps.Bus.Publish(h.Context(), out)
	h.must(err)
	return d
}

// standing writes an endpoint down, as a sink does after its first attempt, and returns its id.
func (h *house) standing(app string, change func(*delivery.Standing)) string {
	h.Helper()
	bucket, err := h.deps.Bus.Bucket(h.Context(), bus.EndpointBucket)
	h.must(err)
	id := delivery.Endpoint(app, hook)
	_, err = delivery.NewEndpoints(bucket, h.deps.Log).Change(h.Context(), app, id, change)
	h.must(err)
	return id
}

type pageReply struct {
	Deliveries []struct {
		ID, State, Answer string
		Attempt           int
	}
	Next string
}

// ids are what a page lists.
func (p pageReply) ids() []string {
	var ids []string
	for _, d := range p.Deliveries {
		ids = append(ids, d.ID)
	}
	return ids
}

func TestGetDeliveries(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	const job = "06gzrp9f18n9fxqw0x28n5mqd4"
	begun := time.Now()
	h.note("demo", "scheduled", events.Delivery{ID: "dlv_" + job + "_0", Job: job, Attempt: 1, Error: "timeout"})
	h.note("demo", "exhausted", events.Delivery{ID: "b", Attempt: 1, Error: "status", Status: 500, Answer: "down"})
	h.note("demo", "delivered", events.Delivery{ID: "c", Attempt: 1, Status: 200, Endpoint: "elsewhere"})
	h.note("demo", "exhausted", events.Delivery{ID: "dlv_" + job + "_0", Job: job, Attempt: 2, Error: "timeout"})
	h.note("other", "exhausted", events.Delivery{ID: "theirs", Attempt: 1})
	h.note("demo", "held", events.Delivery{ID: "d", Reason: "paused"})
	first := "dlv_" + job + "_0"
	at := func(when time.Time) string { return url.QueryEscape(when.Format(time.RFC3339Nano)) }
	for query, want := range map[string][]string{
		"":                           {"d", first, "c", "b"},
		"state=exhausted":            {first, "b"},
		"state=scheduled":            nil, // it went on since
		"class=timeout":              {first},
		"endpoint=elsewhere":         {"c"},
		"job=" + job:                 {first},
		"job=" + job + "&state=held": nil,
		"limit=2":                    {"d", first},
		"from=" + at(begun):          {"d", first, "c", "b"},
		"to=" + at(begun):            nil,
		"to=" + at(time.Now()):       {"d", first, "c", "b"},
		"from=" + at(time.Now()):     nil,
		"endpoint=" + delivery.Endpoint("demo", hook) + "&class=status": {"b"},
	} {
		page := read[pageReply](h, h.get("/v1/deliveries?"+query), http.StatusOK)
		if diff := cmp.Diff(want, page.ids()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	if page := read[pageReply](h, h.get("/v1/deliveries"), http.StatusOK); page.Deliveries[3].Answer != "" || page.Deliveries[1].Attempt != 2 {
		t.Errorf("listed %+v, want the newest attempt, without its answer", page)
	}
}

// TestGetDeliveries_Pages goes through all pages while deliveries go on: each is seen once, or has changed since.
func TestGetDeliveries_Pages(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	var want, got []string
	for i := range 25 {
		id := fmt.Sprint("d", i)
		h.note("demo", "scheduled", events.Delivery{ID: id, Attempt: 1, Error: "dns"})
		h.note("demo", "scheduled", events.Delivery{ID: id, Attempt: 2, Error: "dns"})
		want = append([]string{id}, want...)
	}
	route := "/v1/deliveries?limit=4&class=dns"
	for next := ""; ; {
		page := read[pageReply](h, h.get(route+"&after="+next), http.StatusOK)
		got = append(got, page.ids()...)
		if next = page.Next; next == "" {
			break
		}
		h.note("demo", "delivered", events.Delivery{ID: "d3", Attempt: 3})
	}
	want = append(want[:21], want[22:]...) // d3 changed before its page came
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func TestGetDeliveries_Refuses(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for query, fields := range map[string][]string{
		"state=lost": {"state"}, "from=yesterday": {"from"}, "limit=0": {"limit"}, "limit=501": {"limit"}, "after=x": {"after"},
		"endpoint=a.%3E": {"endpoint"}, "sate=held": {"sate"}, "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z": {"to"},
		"limit=many&state=lost&job=*": {"limit", "state", "job"},
	} {
		wantProblem(t, h.get("/v1/deliveries?"+query), "invalid-request", fields...)
	}
	for _, route := range []string{"/v1/deliveries", "/v1/deliveries/x", "/v1/endpoints", "/v1/endpoints/0123456789abcdef", "/v1/replays/x"} {
		wantProblem(t, h.send(http.MethodGet, route, nil, "Authorization", ""), "unauthorized")
	}
}

func TestGetDelivery(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.note("demo", "scheduled", events.Delivery{ID: "d", Attempt: 1, Error: "timeout"})
	h.note("demo", "delivered", events.Delivery{
		ID: "d", Attempt: 2, Status: 200, Addr: "192.0.2.1:443", Answer: "thanks", Timing: &events.AttemptTiming{Connect: 1.5, Total: 3},
	})
	h.note("other", "delivered", events.Delivery{ID: "theirs", Attempt: 1})
	got := read[struct {
		ID, State string
		Attempts  []delivery.Logged
	}](h, h.get("/v1/deliveries/d"), http.StatusOK)
	if got.State != "delivered" || len(got.Attempts) != 2 || got.Attempts[0].Error != "timeout" {
		t.Fatalf("got %+v", got)
	}
	if last := got.Attempts[1]; last.Answer != "thanks" || last.Timing.Connect != 1.5 || last.Addr != "192.0.2.1:443" || last.At.IsZero() {
		t.Errorf("the newest attempt is %+v", last)
	}
	for _, id := range []string{"theirs", "none", "a.b", "*"} {
		wantProblem(t, h.get("/v1/deliveries/"+id), "not-found")
	}
}

type replayReply struct {
	ID, State string
	Rate      int
	IDs       []string
	Filter    *delivery.Filter
	Links     struct{ Self string }
}

func TestReplays(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for i := range 3 {
		h.note("demo", "exhausted", events.Delivery{ID: fmt.Sprint("d", i), Attempt: 1, Error: "timeout"})
	}
	h.note("other", "exhausted", events.Delivery{ID: "theirs", Attempt: 1, Error: "timeout"})
	order := func(body string) reply { return h.send(http.MethodPost, "/v1/replays", strings.NewReader(body)) }

	dry := order(`{"filter": {"class": "timeout", "from": "2020-01-01T00:00:00Z"}, "dry_run": true}`)
	if got := read[struct{ Count int }](h, dry, http.StatusOK); got.Count != 3 {
		t.Errorf("%d would be made again, want 3", got.Count)
	}
	if got := read[struct{ Count int }](h, order(`{"ids": ["d0", "theirs"], "dry_run": true}`), http.StatusOK); got.Count != 1 {
		t.Errorf("%d of one of ours and one of theirs would be made again", got.Count)
	}
	begun := order(`{"filter": {"class": "timeout"}, "rate": 7}`)
	got := read[replayReply](h, begun, http.StatusAccepted)
	if got.State != "running" || got.Rate != 7 || got.Filter.Class != "timeout" || begun.Header.Get("Location") != got.Links.Self {
		t.Errorf("begun: %s, Location %s", begun.body, begun.Header.Get("Location"))
	}
	route := strings.TrimPrefix(got.Links.Self, h.url)
	if shown := read[replayReply](h, h.get(route), http.StatusOK); shown.ID != got.ID {
		t.Errorf("shown: %+v", shown)
	}
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		wantProblem(t, h.send(method, route, nil, "Authorization", "Bearer "+h.other.Secrets.Token.Reveal()), "not-found")
		wantProblem(t, h.send(method, "/v1/replays/none", nil), "not-found")
	}
	for range 2 {
		if ended := read[replayReply](h, h.send(http.MethodDelete, route, nil), http.StatusOK); ended.State != "cancelled" {
			t.Errorf("cancelled: %+v", ended)
		}
	}
}

func TestReplays_Refuses(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for body, fields := range map[string][]string{
		``: {"ids"}, `{}`: {"ids"}, `[]`: {""}, `{"ids": []}`: {"ids"}, `{"ids": ["a"], "filter": {"class": "dns"}}`: {"ids"},
		`{"ids": ["a"], "rate": 0}`: {"rate"}, `{"ids": ["a"], "rate": 1001}`: {"rate"}, `{"ids": ["a"], "rate": 1.5}`: {"rate"},
		`{"filter": {"state": "held"}}`: {"filter.state"}, `{"filter": {"sate": "x"}, "dry": true}`: {"dry", "filter.sate"},
		`{"filter": {"from": "2h", "endpoint": "*"}}`: {"filter.from"}, `{"filter": {"endpoint": "*"}}`: {"filter.endpoint"},
		`{"ids": null}`: {"ids"}, `{"filter": {}}`: {"ids"},
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			wantProblem(t, h.in(t).send(http.MethodPost, "/v1/replays", strings.NewReader(body)), "invalid-request", fields...)
		})
	}
	wantProblem(t, h.send(http.MethodPost, "/v1/replays", strings.NewReader(`{"ids": ["a"]}`), "Authorization", ""), "unauthorized")
}

type endpointReply struct {
	ID, URL, Mode, Reason string
	Rate                  float64
	InFlight              int `json:"in_flight"`
	Held                  int
	Deliveries            []struct{ ID string }
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	id := h.standing("demo", func(s *delivery.Standing) { s.URL = "http://hooks.example:9000" })
	theirs := h.standing("other", func(s *delivery.Standing) { s.URL = "http://hooks.example:9000" })
	h.note("demo", "held", events.Delivery{ID: "d", Reason: "paused"})
	for range 3 {
		_, err := h.deps.Bus.Publish(h.Context(), bus.Out{Subject: bus.HookParked(id), Data: []byte("x")})
		h.must(err)
	}
	list := read[struct{ Endpoints []endpointReply }](h, h.get("/v1/endpoints"), http.StatusOK).Endpoints
	if len(list) != 1 || list[0].ID != id || list[0].Held != 3 || list[0].Mode != "active" {
		t.Errorf("listed %+v", list)
	}
	shown := read[endpointReply](h, h.get("/v1/endpoints/"+id), http.StatusOK)
	if shown.Held != 3 || len(shown.Deliveries) != 1 || shown.Deliveries[0].ID != "d" {
		t.Errorf("shown %+v", shown)
	}
	do := func(method, route, body string) endpointReply {
		return read[endpointReply](h, h.send(method, "/v1/endpoints/"+id+route, strings.NewReader(body)), http.StatusOK)
	}
	if got := do(http.MethodPost, "/pause", `{"reason": "they move house"}`); got.Mode != "paused" || got.Reason != "they move house" || got.Held != 3 {
		t.Errorf("paused: %+v", got)
	}
	if got := do(http.MethodPatch, "", `{"rate": 2.5, "in_flight": 3}`); got.Rate != 2.5 || got.InFlight != 3 || got.Mode != "paused" {
		t.Errorf("limited: %+v", got)
	}
	if got := do(http.MethodPatch, "", `{"rate": null}`); got.Rate != 0 || got.InFlight != 3 {
		t.Errorf("unlimited: %+v", got)
	}
	if got := do(http.MethodPost, "/resume", ``); got.Mode != "active" || got.Reason != "" {
		t.Errorf("resumed: %+v", got)
	}
	if _, err := h.deps.Bus.Last(h.Context(), bus.Hooks, bus.HookWake(id)); err != nil {
		t.Errorf("nobody was woken: %v", err)
	}
	for _, id := range []string{theirs, "0123456789abcdef", "x", "*", "a.b"} {
		wantProblem(t, h.get("/v1/endpoints/"+id), "not-found")
		wantProblem(t, h.send(http.MethodPost, "/v1/endpoints/"+id+"/pause", nil), "not-found")
		wantProblem(t, h.send(http.MethodPost, "/v1/endpoints/"+id+"/resume", nil), "not-found")
		wantProblem(t, h.send(http.MethodPatch, "/v1/endpoints/"+id, strings.NewReader(`{"rate": 1}`)), "not-found")
	}
	if got := read[endpointReply](h, h.send(http.MethodGet, "/v1/endpoints/"+theirs, nil, "Authorization", "Bearer "+h.other.Secrets.Token.Reveal()), http.StatusOK); got.Mode != "active" {
		t.Errorf("the endpoint of another application was changed: %+v", got)
	}
	for body, fields := range map[string][]string{
		`{"rate": 0}`: {"rate"}, `{"rate": 10001}`: {"rate"}, `{"in_flight": -1}`: {"in_flight"}, `{"in_flight": 1.5}`: {"in_flight"},
		``: {""}, `{"mode": "paused"}`: {"mode"},
	} {
		wantProblem(t, h.send(http.MethodPatch, "/v1/endpoints/"+id, strings.NewReader(body)), "invalid-request", fields...)
	}
	wantProblem(t, h.send(http.MethodPost, "/v1/endpoints/"+id+"/pause", strings.NewReader(`{"reason": "`+strings.Repeat("é", 501)+`"}`)), "invalid-request", "reason")
}

type testReply struct {
	OK                       bool
	ID, Error, Message, Addr string
	Answer                   string
	Status                   int
	Timing                   *events.AttemptTiming
}

// TestTestEndpoint sends a test in each form, signed as a delivery, and lets nobody reach what jobs may not.
func TestTestEndpoint(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]string{
		``: "application/json", `, "form": "structured"`: "application/cloudevents+json", `, "form": "binary"`: "application/json",
	} {
		t.Run(want+form, func(t *testing.T) {
			t.Parallel()
			h := open(t, nil)
			receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if err := events.VerifyPostback([]string{h.app.Secrets.WebhookSecret.Reveal()}, r.Header, body, time.Now()); err != nil {
					t.Error(err)
				}
				if got := r.Header.Get("Content-Type"); got != want {
					t.Errorf("content type %s, want %s", got, want)
				}
				checkTest(t, form, r.Header, body)
				w.WriteHeader(http.StatusTeapot)
				_, _ = io.WriteString(w, "no tea")
			}))
			defer receiver.Close()
			got := read[testReply](h, h.send(http.MethodPost, "/v1/endpoints/test", strings.NewReader(`{"url": "`+receiver.URL+`"`+form+`}`)), http.StatusOK)
			if got.OK || got.Status != http.StatusTeapot || got.Error != "status" || got.Answer != "no tea" || got.Addr == "" || got.Timing.Total <= 0 || got.Message == "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// checkTest judges what a test sends.
func checkTest(t *testing.T, form string, header http.Header, body []byte) {
	t.Helper()
	var got struct{ Type, Subject string }
	if err := json.Unmarshal(body, &got); err != nil {
		t.Error(err)
	}
	switch {
	case strings.Contains(form, "structured"):
		if got.Type != events.TypeEndpointTest || !strings.HasPrefix(got.Subject, "test_") {
			t.Errorf("body %s", body)
		}
	case strings.Contains(form, "binary"):
		if header.Get("Ce-Type") != events.TypeEndpointTest || header.Get("Ce-Specversion") != "1.0" {
			t.Errorf("header %v", header)
		}
	default:
		document, err := schemaDocument(body)
		if err == nil {
			err = schemaAt(t, "native/ping.json").Validate(document)
		}
		if err != nil {
			t.Errorf("%v: %s", err, body)
		}
	}
}

func TestTestEndpoint_Refuses(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	ask := func(body string) reply { return h.send(http.MethodPost, "/v1/endpoints/test", strings.NewReader(body)) }
	for body, fields := range map[string][]string{
		`{"url": "http://10.0.0.1/"}`: {"url"}, `{"url": "http://[::1]/"}`: {"url"}, `{"url": "ftp://example.com/"}`: {"url"},
		`{}`: {"url"}, `{"url": "http://127.0.0.1:1/", "form": "xml"}`: {"form"}, `{"url": 1, "to": 2}`: {"to", "url"},
	} {
		wantProblem(t, ask(body), "invalid-request", fields...)
	}
	door := h.post(`{"source":{"url":"http://127.0.0.1:1/a.jpg"},"recipe":{"steps":[{"op":"grayscale","save":{"id":"gray"}}]},"notify":[{"postback":{"url":"http://10.0.0.1/"}}]}`)
	if want, got := expected(h, door), expected(h, ask(`{"url": "http://10.0.0.1/"}`)); want != got {
		t.Errorf("a test says %q of a private address and a job %q", got, want)
	}
	// What was refused cost nothing; then there is one a second.
	if got := read[testReply](h, ask(`{"url": "http://127.0.0.1:1/"}`), http.StatusOK); got.OK || got.Error != "refused" {
		t.Errorf("nobody is there: %+v", got)
	}
	limited := ask(`{"url": "http://127.0.0.1:1/"}`)
	wantProblem(t, limited, "too-many-requests")
	if limited.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", limited.Header.Get("Retry-After"))
	}
	if theirs := h.send(http.MethodPost, "/v1/endpoints/test", strings.NewReader(`{"url": "http://127.0.0.1:1/"}`), "Authorization", "Bearer "+h.other.Secrets.Token.Reveal()); theirs.StatusCode != http.StatusOK {
		t.Errorf("another application has to wait, too: %s", theirs.body)
	}
}

// expected is what a problem says would have been right.
func expected(h *house, r reply) string {
	h.Helper()
	var p struct{ Errors []struct{ Expected string } }
	h.must(json.Unmarshal([]byte(r.body), &p))
	if len(p.Errors) != 1 {
		h.Fatalf("%s", r.body)
	}
	return p.Errors[0].Expected
}
