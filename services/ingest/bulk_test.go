package ingest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
)

// TestPostStatus_Mixed asks about jobs in every state at once; each entry is what the job's own status is.
func TestPostStatus_Mixed(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	queued, failed, foreign := h.submit(native), h.newID("demo"), h.newID("other")
	h.publish("demo", failed, job.Record{}, events.Result{State: events.StateFailed, Errors: []events.Failure{{Code: "x", Message: "<y>"}}})
	h.publish("other", foreign, job.Record{}, completed())
	kept := h.newID("demo") // only the status bucket has it
	h.publish("demo", kept, job.Record{}, completed())
	h.untilStatus("demo", kept)
	h.must(h.deps.Bus.Trim(t.Context(), bus.Events, events.ResultSubject("demo", kept.String()), 1<<60))
	young := h.newID("demo") // the status bucket does not have it yet
	h.publish("demo", young, job.Record{}, completed())
	h.untilStatus("demo", young)
	h.must(h.deps.Bus.Trim(t.Context(), "KV_"+bus.StatusBucket, "$KV."+bus.StatusBucket+"."+events.StatusKey("demo", young.String()), 1<<60))
	forged, old := h.newID("demo"), events.NewID(time.Now().Add(-bus.ResultRetention-time.Hour), "demo", h.deps.Key.Derive("job ids"))
	forged[9] ^= 1
	asked := []string{
		kept.String(), "none", queued.String(), forged.String(), failed.String(), foreign.String(), old.String(), "",
		h.newID("demo").Blitline(), h.newID("demo").String(), young.String(),
	}
	ids, err := json.Marshal(map[string]any{"ids": asked})
	h.must(err)
	got := read[struct{ Jobs []json.RawMessage }](h, h.bulk(string(ids)), http.StatusOK)
	if len(got.Jobs) != len(asked) {
		t.Fatalf("%d entries for %d ids", len(got.Jobs), len(asked))
	}
	for i, id := range asked {
		want := fmt.Sprintf(`{"id":%q,"state":"unknown"}`, id)
		if alone := h.get("/v1/jobs/" + id); id != "" && alone.StatusCode == http.StatusOK {
			want = alone.body
		}
		if diff := cmp.Diff(want, string(got.Jobs[i])); diff != "" {
			t.Errorf("entry %d (-want +got):\n%s", i, diff)
		}
	}
	for _, ended := range []int{0, len(asked) - 1} {
		if !strings.Contains(string(got.Jobs[ended]), `"state":"completed"`) {
			t.Errorf("entry %d is %s, want a completed job", ended, got.Jobs[ended])
		}
	}
}

func TestPostStatus_Refuses(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	list := func(n int) string {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprintf(`"%d"`, i)
		}
		return `{"ids":[` + strings.Join(ids, ",") + `]}`
	}
	if got := h.bulk(list(500)); got.StatusCode != http.StatusOK || strings.Count(got.body, "unknown") != 500 {
		t.Errorf("500 ids: %d %.200s", got.StatusCode, got.body)
	}
	for name, tt := range map[string]struct {
		body, says string
		fields     []string
	}{
		"TooMany":   {list(501), `"value":"a list of 501","expected":"a list of 1 to 500 ids of jobs"`, []string{"ids"}},
		"None":      {`{"ids":[]}`, `"value":"a list of 0","expected":"a list of 1 to 500 ids of jobs"`, []string{"ids"}},
		"Null":      {`{"ids":null}`, `"value":"null"`, []string{"ids"}},
		"Missing":   {`{}`, `"expected":"a list of 1 to 500 ids of jobs"`, []string{"ids"}},
		"NotAList":  {`{"ids":"a"}`, `"value":"\"a\""`, []string{"ids"}},
		"NoStrings": {`{"ids":["a",7,null]}`, `"value":"7","expected":"the id of a job as a string"`, []string{"ids[1]", "ids[2]"}},
		"Twice":     {`{"ids":["a","b","a"]}`, `"value":"\"a\"","expected":"each id once; it is ids[0], too"`, []string{"ids[2]"}},
		"Unknown":   {`{"ids":["a"],"wait":5}`, `"value":"5"`, []string{"wait"}},
		"NoObject":  {`["a"]`, `"expected":"a JSON object"`, []string{""}},
		"NoJSON":    {`{"ids":`, `not JSON at byte 7`, nil},
		"Nothing":   {``, `not JSON`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := h.in(t).bulk(tt.body)
			wantProblem(t, answer, "invalid-request", tt.fields...)
			if !strings.Contains(answer.body, tt.says) {
				t.Errorf("got %s, want it to say %s", answer.body, tt.says)
			}
		})
	}
	wantProblem(t, h.bulk(`{"ids":["`+strings.Repeat("x", 1<<20)+`"]}`), "too-large")
	wantProblem(t, h.bulk(`{"ids":["a"]}`, "Authorization", "Bearer wrong"), "unauthorized")
}

// bulk asks about many jobs.
func (h *house) bulk(body string, header ...string) reply {
	h.Helper()
	return h.send(http.MethodPost, "/v1/jobs/status", strings.NewReader(body), append([]string{"Content-Type", "application/json"}, header...)...)
}
