package blitline_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/internal/job"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The two documents that the provider publishes, compacted.
const (
	publishedSuccess = `{"results":{"original_meta":{"width":421,"height":163},"images":[{"image_identifier":"MY_CLIENT_ID",` +
		`"s3_url":"http://s3.amazonaws.com/blitline/2014061200/20/6_wj-2i_hZRZ7KJj-jwcndQ.jpg","meta":{"width":421,"height":163}}],` +
		`"job_id":"2m-Ir2YMXQ3yec0NV476xag"}}`
	publishedFailure = `{"results":{"original_meta":{},"images":[],"job_id":"4weK03Kd0j-D_ttohR7GTcg",` +
		`"errors":["Image processing failed. Unknown function named 'blu3r'"],"failed_image_identifiers":["MY_CLIENT_ID"]}}`
)

func TestResult_PublishedSuccess(t *testing.T) {
	t.Parallel()
	got := blitline.Result(events.Result{
		ID: "2m-Ir2YMXQ3yec0NV476xag", State: events.StateCompleted,
		Source: &events.Source{Width: 421, Height: 163, Format: "jpeg", Bytes: 9},
		Outputs: []events.Output{{
			ID: "MY_CLIENT_ID", URL: "http://s3.amazonaws.com/blitline/2014061200/20/6_wj-2i_hZRZ7KJj-jwcndQ.jpg",
			Width: 421, Height: 163, Format: "jpeg", Bytes: 8,
		}},
	}, details(1.21, "MY_CLIENT_ID"))
	if diff := cmp.Diff(publishedSuccess, string(got)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestResult_PublishedFailure(t *testing.T) {
	t.Parallel()
	s := parseOne(t, `{"application_id":"A","v":1.21,"src":"http://x","functions":[{"name":"blu3r","save":{"image_identifier":"MY_CLIENT_ID"}}]}`)
	got := blitline.Result(events.Result{
		ID: "4weK03Kd0j-D_ttohR7GTcg", State: events.StateFailed, Errors: []events.Failure{*s.Refusal},
	}, s.Details)
	if diff := cmp.Diff(publishedFailure, string(got)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestResult_SpellsTheJobID(t *testing.T) {
	t.Parallel()
	id := exampleID(t)
	got := string(blitline.Result(events.Result{ID: id.String()}, blitline.Details{}))
	if !strings.Contains(got, `"job_id":"`+id.Blitline()+`"`) {
		t.Errorf("got %s, want the id %s", got, id.Blitline())
	}
}

// TestBodies_ByVersion keeps the layouts of §4.4: one golden file for each threshold, with the postback and the poll of a
// job of which one image was made and one was not.
func TestBodies_ByVersion(t *testing.T) {
	t.Parallel()
	result := events.Result{
		ID: exampleID(t).String(), State: events.StatePartial,
		Source:  &events.Source{Width: 3740, Height: 5573, Format: "jpeg", Bytes: 77},
		Outputs: []events.Output{{ID: "SUCCESS", URL: "http://h/a.jpg?x=1&y=<2>", Width: 43, Height: 64, Format: "jpeg", Bytes: 7}},
		Errors:  []events.Failure{{Output: "FAILURE", Code: "render_failed", Message: "the crop lies outside"}},
	}
	for name, v := range map[string]float64{"absent": 0, "1.17": 1.17, "1.18": 1.18, "1.19": 1.19, "1.20": 1.20, "1.9": 1.9} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := details(v, "SUCCESS", "FAILURE", "FAILURE")
			body, contentType := blitline.Postback(result, d)
			poll, pollType := blitline.Listen(result, d, "")
			jsonp, jsonpType := blitline.Listen(result, d, "jQuery1.cb_2")
			golden(t, "v"+name+".txt", strings.Join([]string{
				contentType, string(body), pollType, string(poll), jsonpType, string(jsonp),
			}, "\n"))
		})
	}
}

func TestPostback_JSONWhenAsked(t *testing.T) {
	t.Parallel()
	_, contentType := blitline.Postback(events.Result{}, blitline.Details{ContentTypeJSON: true})
	if contentType != "application/json" {
		t.Errorf("got %s, want JSON", contentType)
	}
}

func TestListen_RefusesCallbacksThatAreCode(t *testing.T) {
	t.Parallel()
	for _, callback := range []string{"alert(1);f", "a b", "<script>", "1a", strings.Repeat("a", 129)} {
		body, contentType := blitline.Listen(events.Result{}, blitline.Details{}, callback)
		if contentType != "application/json" || body[0] != '{' || blitline.ValidCallback(callback) {
			t.Errorf("%q: got %s %s", callback, contentType, body)
		}
	}
}

func TestDetails_Posts(t *testing.T) {
	t.Parallel()
	failed, completed := events.Result{State: events.StateFailed}, events.Result{State: events.StateCompleted}
	d := blitline.Details{PostbackErrorOnly: true}
	if d.Posts(completed) || !d.Posts(failed) || !(blitline.Details{}).Posts(completed) {
		t.Error("postback_error_only is not kept")
	}
}

func TestAcceptReply(t *testing.T) {
	t.Parallel()
	id := exampleID(t)
	accepted := blitline.Answer{
		Job:     job.Job{ID: id, Locations: []job.Location{{URL: "http://h/a.jpg"}, {URL: "http://h/b.jpg"}}},
		Details: details(0, "A", "A"),
	}
	node := `{"images":[{"image_identifier":"A","s3_url":"http://h/a.jpg"},{"image_identifier":"A","s3_url":"http://h/b.jpg"}],"job_id":"` + id.Blitline() + `"}`
	tests := []struct {
		name    string
		isArray bool
		answers []blitline.Answer
		want    string
	}{
		{"Object", false, []blitline.Answer{accepted}, `{"results":` + node + `}`},
		{"ListOfOne", true, []blitline.Answer{accepted}, `{"results":[` + node + `]}`},
		{"ListWithError", true, []blitline.Answer{accepted, {Error: "no"}}, `{"results":[` + node + `,{"error":"no"}]}`},
		{"Error", false, []blitline.Answer{{Error: "no"}}, string(blitline.ErrorReply(false, "no"))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, string(blitline.AcceptReply(tt.isArray, tt.answers))); diff != "" {
				t.Errorf("reply (-want +got):\n%s", diff)
			}
		})
	}
	if got := string(blitline.ErrorReply(true, "no")); got != `{"results":[{"error":"no"}]}` {
		t.Errorf("got %s", got)
	}
}

func details(v float64, identifiers ...string) blitline.Details {
	d := blitline.Details{Version: v}
	for i, identifier := range identifiers {
		output := identifier
		if i > 1 {
			output += "#2"
		}
		d.Images = append(d.Images, blitline.Image{Output: output, Identifier: identifier})
	}
	return d
}

func exampleID(t *testing.T) events.ID {
	t.Helper()
	id, err := events.ParseID("06ejw8g5ar00t8a2dynkfbkms4")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, []byte(got+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got+"\n"); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
