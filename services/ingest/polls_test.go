package ingest_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/ingest"
	"github.com/ringback/ringback/services/internal/application"
)

// TestPollRate_EveryQuestionCounts asks in each way that there is, as often as one application may.
func TestPollRate_EveryQuestionCounts(t *testing.T) {
	t.Parallel()
	native := func(suffix string) func(h *house, id events.ID) reply {
		return func(h *house, id events.ID) reply { return h.get("/v1/jobs/" + id.String() + suffix) }
	}
	for name, ask := range map[string]func(h *house, id events.ID) reply{
		"Status":   native(""),
		"LongPoll": native("?wait=1ms"),
		"Many": func(h *house, id events.ID) reply {
			return h.bulk(`{"ids":["` + id.String() + `","` + h.newID("demo").String() + `"]}`)
		},
		"Unknown": func(h *house, _ events.ID) reply { return h.get("/v1/jobs/none") },
		"Poll":    func(h *house, id events.ID) reply { return h.get("/poll?job_id=" + id.Blitline()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const rate = 5
			h := open(t, func(c *ingest.Config) { c.PollRate = rate })
			id := h.newID("demo")
			begun, passed := time.Now(), 0
			refused := ask(h, id)
			for ; refused.StatusCode != http.StatusTooManyRequests; refused = ask(h, id) {
				passed++
			}
			// On a slow machine some of the next second's questions are among them.
			if most := rate + int(time.Since(begun).Seconds()*rate); passed < rate || passed > most {
				t.Errorf("%d questions passed, want %d to %d", passed, rate, most)
			}
			seconds, err := strconv.Atoi(refused.Header.Get("Retry-After"))
			if err != nil || seconds != 1 {
				t.Errorf("Retry-After is %q, want 1", refused.Header.Get("Retry-After"))
			}
			if name == "Poll" {
				if !strings.HasPrefix(refused.body, `{"results":{"error":"The application asks`) {
					t.Errorf("got %s, want the format's own error", refused.body)
				}
			} else {
				wantProblem(t, refused, "too-many-requests")
			}
			other := h.get("/v1/jobs/"+h.newID("other").String(), "Authorization", "Bearer "+h.other.Secrets.Token.Reveal())
			if other.StatusCode != http.StatusOK {
				t.Errorf("another application gets %d", other.StatusCode)
			}
			<-time.After(time.Duration(seconds) * time.Second)
			if got := ask(h, id); got.StatusCode == http.StatusTooManyRequests {
				t.Error("after its Retry-After the question is refused again")
			}
		})
	}
}

func TestPollRate_AStreamIsOneQuestion(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *ingest.Config) { c.PollRate = 0.01 })
	for route, app := range map[string]application.Application{
		"/v1/events": h.app, "/v1/jobs/" + h.newID("other").String() + "/events": h.other,
	} {
		token := "Bearer " + app.Secrets.Token.Reveal()
		h.watch(route, "Authorization", token)
		wantProblem(t, h.get(route, "Authorization", token), "too-many-requests")
	}
}

// TestPollRate_StrangersUseNothingUp polls ids that were never given out, for which no credentials are needed.
func TestPollRate_StrangersUseNothingUp(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *ingest.Config) { c.PollRate = 0.01 })
	forged := h.newID("demo")
	forged[9] ^= 1
	for range 5 {
		for _, route := range []string{"/listen/" + forged.Blitline(), "/poll?job_id=" + forged.Blitline()} {
			if got := h.get(route, "Authorization", ""); got.StatusCode != http.StatusNotFound {
				t.Errorf("%s: status %d, want 404", route, got.StatusCode)
			}
		}
	}
	if got := h.get("/v1/jobs/" + h.newID("demo").String()); got.StatusCode != http.StatusOK {
		t.Errorf("the application's own question: status %d, want 200", got.StatusCode)
	}
	blocked := h.get("/listen/"+h.newID("demo").Blitline(), "Authorization", "")
	if blocked.StatusCode != http.StatusTooManyRequests || blocked.Header.Get("Retry-After") != "100" {
		t.Errorf("status %d, Retry-After %q, want 429 and 100", blocked.StatusCode, blocked.Header.Get("Retry-After"))
	}
}
