package ingest_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/ingest"
	"github.com/ringback/ringback/services/internal/job"
)

func TestPostBlitlineJob(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	one := h.blitline(`"v":1.21,"postback_url":"http://127.0.0.1:1/hook"`)
	const asJSON, asForm = "application/json", "application/x-www-form-urlencoded"
	bare := strings.Replace(one, `"application_id":"`+h.app.Secrets.Token.Reveal()+`",`, "", 1)
	tests := []struct {
		name, route, contentType, body string
		list                           bool
	}{
		{"JSON", "/job", asJSON, one, false},
		{"JSONUnderItsKey", "/job", asJSON, `{"json":` + one + `}`, false},
		{"Form", "/job", asForm, url.Values{"json": {one}}.Encode(), false},
		{"ListInAForm", "/job", asForm, url.Values{"json": {"[" + one + "]"}}.Encode(), true},
		{"ApplicationInTheQuery", "/job?application_id=" + h.app.Secrets.Token.Reveal(), asJSON, bare, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := h.in(t)
			answer := h.send(http.MethodPost, tt.route, strings.NewReader(tt.body), "Content-Type", tt.contentType, "Authorization", "")
			j, record, _ := h.newest(job.Standard, "demo")
			want := `{"images":[{"image_identifier":"ID","s3_url":"` + h.url + `/files/demo/` + j.ID.String() + `/0-ID.jpg"}],"job_id":"` + j.ID.Blitline() + `"}`
			if tt.list {
				want = "[" + want + "]"
			}
			if want = `{"results":` + want + `}`; answer.body != want || answer.StatusCode != http.StatusOK {
				t.Errorf("got %d %s\nwant 200 %s", answer.StatusCode, answer.body, want)
			}
			if answer.Header.Get("Access-Control-Allow-Origin") != "*" {
				t.Error("browsers may not read the answer")
			}
			if record.Dialect != "blitline" || len(record.Targets) != 1 || record.Targets[0].URL != "http://127.0.0.1:1/hook" {
				t.Errorf("record is %+v", record)
			}
		})
	}
}

func TestPostBlitlineJob_Refuses(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	good := h.blitline(`"v":1.21`)
	bad := strings.Replace(good, h.app.Secrets.Token.Reveal(), "wrong", 1)
	const noApplication = `{"error":"Your application ID is required to process any job, and it must be the token of an application here"}`
	tests := []struct {
		name, body string
		status     int
		want       string // the whole body, or the beginning when it ends in …
	}{
		{"WrongApplication", bad, 401, `{"results":` + noApplication + `}`},
		{"NoApplication", `{"src":"http://127.0.0.1:1/"}`, 401, `{"results":` + noApplication + `}`},
		{"WrongApplicationInAList", "[" + bad + "]", 401, `{"results":[` + noApplication + `]}`},
		{"NoFunctions", strings.Replace(good, `"functions"`, `"f"`, 1), 400, `{"results":{"error":"At least one function is required for every job"}}`},
		{"PrivatePostback", h.blitline(`"postback_url":"http://10.0.0.1/"`), 400, `{"results":{"error":"postback_url cannot be used: …`},
		{"MalformedJSON", `{"json":`, 400, `{"results":{"error":"The request could not be read: …`},
		{"Nothing", ``, 400, `{"results":{"error":"The request could not be read: …`},
		{"TooLarge", strings.Repeat(" ", 1<<20+1), 413, `{"results":{"error":"Job is too large: a request may have 1 MiB"}}`},
		{"OneOfTwo", "[" + bad + "," + good + "]", 200, `{"results":[` + noApplication + `,{"images":…`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			answer := h.in(t).send(http.MethodPost, "/job", strings.NewReader(tt.body), "Content-Type", "application/json", "Authorization", "")
			beginning, isBeginning := strings.CutSuffix(tt.want, "…")
			if answer.StatusCode != tt.status || answer.body != tt.want && (!isBeginning || !strings.HasPrefix(answer.body, beginning)) {
				t.Errorf("got %d %s\nwant %d %s", answer.StatusCode, answer.body, tt.status, tt.want)
			}
		})
	}
}

// TestPostBlitlineJob_AbsoluteTarget sends what the Ruby client sends: the whole address as the request's target.
func TestPostBlitlineJob_AbsoluteTarget(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	conn := h.dial()
	defer func() { _ = conn.Close() }()
	body := "json=" + url.QueryEscape("["+h.blitline(`"v":1.21`)+"]")
	_, err := fmt.Fprintf(conn, "POST http://api.blitline.com/job HTTP/1.1\r\nHost: api.blitline.com\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	h.must(err)
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	h.must(err)
	text, err := io.ReadAll(answer.Body)
	h.must(err)
	checkContract(t, http.MethodPost, "/job", answer, text)
	if answer.StatusCode != http.StatusOK || !strings.HasPrefix(string(text), `{"results":[{"images":[`) {
		t.Errorf("got %d %s", answer.StatusCode, text)
	}
}

func TestGetBlitlineResult(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *ingest.Config) { c.Waiters = 1 })
	ended := func(fields string) events.ID {
		answer := h.send(http.MethodPost, "/job", strings.NewReader(h.blitline(fields)), "Content-Type", "application/json")
		if answer.StatusCode != http.StatusOK {
			t.Fatal(answer.body)
		}
		j, record, _ := h.newest(job.Standard, "demo")
		h.publish("demo", j.ID, record, events.Result{
			State: events.StateCompleted, Source: &events.Source{Width: 2, Height: 1, Format: "jpeg", Bytes: 9},
			Outputs: []events.Output{{ID: "ID", URL: "http://h/a.jpg", Width: 2, Height: 1, Format: "jpeg", Bytes: 7}},
		})
		return j.ID
	}
	old, young := ended(`"v":1.18`), ended(`"v":1.21`)
	results := func(id events.ID) string {
		return `{"original_meta":{"width":2,"height":1},"images":[{"image_identifier":"ID","s3_url":"http://h/a.jpg",` +
			`"meta":{"width":2,"height":1}}],"job_id":"` + id.Blitline() + `"}`
	}
	asString := func(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }
	forged := h.newID("demo")
	forged[9] ^= 1
	const unknown = `{"results":{"error":"Job not found, or its results are no longer kept"}}`
	tests := []struct {
		name, route, body string
		status            int
		contentType, want string
	}{
		{"StringForOldVersions", "/listen/" + old.Blitline(), "", 200, "application/json", `{"results":` + asString(results(old)) + `}`},
		{"ObjectForNewVersions", "/listen/" + young.Blitline(), "", 200, "application/json", `{"results":` + results(young) + `}`},
		{"GETWithABody", "/listen/" + young.Blitline(), "json=x", 200, "application/json", `{"results":` + results(young) + `}`},
		{"JSONP", "/listen/" + young.Blitline() + "?callback=jQuery_1", "", 200, "application/javascript", `jQuery_1([{"results":` + results(young) + `}])`},
		{
			"JSONPWithCode", "/listen/" + young.Blitline() + "?callback=alert(1)//", "", 400, "application/json",
			`{"results":{"error":"callback must be the name of a function"}}`,
		},
		{"NotAnID", "/listen/none", "", 404, "application/json", unknown},
		{"Forged", "/listen/" + forged.Blitline(), "", 404, "application/json", unknown},
		{"OfNoApplication", "/listen/" + h.newID("nobody").Blitline(), "", 404, "application/json", unknown},
		{"ShortPollOfAnEndedJob", "/poll?job_id=" + old.Blitline(), "", 200, "application/json", `{"is_complete":true}`},
		{"ShortPollOfAQueuedJob", "/poll?job_id=" + h.newID("demo").Blitline(), "", 200, "application/json", `{"is_complete":false}`},
		{"ShortPollForged", "/poll?job_id=" + forged.Blitline(), "", 404, "application/json", unknown},
		{"ShortPollOfNothing", "/poll", "", 404, "application/json", unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var body io.Reader
			if tt.body != "" {
				body = strings.NewReader(tt.body)
			}
			answer := h.in(t).send(http.MethodGet, tt.route, body, "Authorization", "")
			if answer.StatusCode != tt.status || answer.body != tt.want || answer.Header.Get("Content-Type") != tt.contentType {
				t.Errorf("got %d %s %s\nwant %d %s %s", answer.StatusCode, answer.Header.Get("Content-Type"), answer.body, tt.status, tt.contentType, tt.want)
			}
		})
	}

	t.Run("HangsUntilTheResult", func(t *testing.T) {
		h := h.in(t)
		id := h.newID("demo")
		answer := make(chan string)
		go func() {
			for {
				if got := h.get("/listen/" + id.Blitline()); got.StatusCode != http.StatusServiceUnavailable {
					answer <- got.body
					return
				}
			}
		}()
		h.untilFull(id)
		h.publish("demo", id, job.Record{Dialect: "native"}, completed())
		if got := <-answer; !strings.HasPrefix(got, `{"results":{"original_meta":{"width":2`) {
			t.Errorf("got %s, want the result", got)
		}
	})
}

func TestBlitlinePreflight(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	answer := h.send(http.MethodOptions, "/job", nil, "Origin", "http://page", "Access-Control-Request-Method", "POST")
	if answer.StatusCode != http.StatusNoContent || answer.Header.Get("Access-Control-Allow-Origin") != "*" ||
		!strings.Contains(answer.Header.Get("Access-Control-Allow-Methods"), "POST") ||
		answer.Header.Get("Access-Control-Allow-Headers") != "Content-Type" {
		t.Errorf("got %d %v", answer.StatusCode, answer.Header)
	}
}
