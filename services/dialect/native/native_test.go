package native_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const design = `{"source": {"url": "https://example.com/photo.jpg"},
 "recipe": {"steps": [
   {"op": "fit", "params": {"width": 1600, "height": 1200}, "save": {"id": "large", "format": "webp", "quality": 82},
    "steps": [{"op": "grayscale", "save": {"id": "gray"}}]},
   {"op": "fill", "params": {"width": 150, "height": 100, "gravity": "attention"}, "save": {"id": "thumb"}}]},
 "notify": [{"postback": {"url": "https://example.com/hook", "headers": {"X-Key": "s3cret"}}},
            {"callback": {"url": "https://example.com/media"}}, {"eventbridge": {}}],
 "media": {"id": "556114"}, "priority": "high",
 "metadata": {"order": "A-17", "name": "エヴァート"}}`

func TestParse_WholeJob(t *testing.T) {
	t.Parallel()
	got, err := native.Parse([]byte(design), false)
	if err != nil {
		t.Fatal(err)
	}
	quality := 82
	want := native.Submission{
		Source: native.Source{URL: "https://example.com/photo.jpg"},
		Recipe: recipe.Recipe{Steps: []recipe.Step{
			{
				Op: "fit", Params: json.RawMessage(`{"width": 1600, "height": 1200}`),
				Save:  &recipe.Save{ID: "large", Format: "webp", Quality: &quality},
				Steps: []recipe.Step{{Op: "grayscale", Save: &recipe.Save{ID: "gray"}}},
			},
			{
				Op: "fill", Params: json.RawMessage(`{"width": 150, "height": 100, "gravity": "attention"}`),
				Save: &recipe.Save{ID: "thumb"},
			},
		}},
		Targets: []job.Target{
			{Sink: job.SinkPostback, URL: "https://example.com/hook", Headers: map[string]string{"X-Key": "s3cret"}},
			{Sink: job.SinkCallback, URL: "https://example.com/media"},
			{Sink: job.SinkEventBridge},
		},
		Metadata: json.RawMessage(`{"order": "A-17", "name": "エヴァート"}`),
		Media:    &events.MediaRef{ID: "556114"},
		Class:    job.High,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("submission (-want +got):\n%s", diff)
	}
}

func TestParse_Source(t *testing.T) {
	t.Parallel()
	const steps = `"recipe":{"steps":[{"op":"grayscale","save":{"id":"a"}}]}`
	tests := []struct {
		name, body string
		upload     bool
		want       native.Source
	}{
		{
			"Base64", `{"source":{"data":"data:image/png;base64,iVBORw=="},` + steps + `}`, false,
			native.Source{Data: []byte("\x89PNG"), ContentType: "image/png"},
		},
		{
			"Base64WithoutPadding", `{"source":{"data":"data:image/png;base64,iVBORw"},` + steps + `}`, false,
			native.Source{Data: []byte("\x89PNG"), ContentType: "image/png"},
		},
		{
			"PercentEncoded", `{"source":{"data":"data:image/gif,GIF89a%00"},` + steps + `}`, false,
			native.Source{Data: []byte("GIF89a\x00"), ContentType: "image/gif"},
		},
		{"Upload", `{` + steps + `}`, true, native.Source{}},
		{"NoStepsNoSource", `{"recipe":{"steps":[]}}`, false, native.Source{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := native.Parse([]byte(tt.body), tt.upload)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Source); diff != "" {
				t.Errorf("source (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParse_Refuses(t *testing.T) {
	t.Parallel()
	const src = `"source":{"url":"http://x/y"},`
	const steps = `"recipe":{"steps":[]}`
	tests := []struct {
		name, body, field string
	}{
		{"NotAnObject", `[]`, ""},
		{"Null", `null`, ""},
		{"UnknownField", `{"src":"x",` + steps + `}`, "src"},
		{"UnknownNestedField", `{` + src + `"recipe":{"steps":[{"op":"blur","save":{"id":"a","ext":1}}]}}`, "recipe.steps[0].save.ext"},
		{"NoRecipe", `{` + src[:len(src)-1] + `}`, "recipe"},
		{"NoSteps", `{"recipe":{}}`, "recipe.steps"},
		{"NoSource", `{"recipe":{"steps":[{"op":"blur","save":{"id":"a"}}]}}`, "source"},
		{"BothSources", `{"source":{"url":"http://x/y","data":"data:,x"},` + steps + `}`, "source"},
		{"EmptySource", `{"source":{},` + steps + `}`, "source"},
		{"NullURL", `{"source":{"url":null},` + steps + `}`, "source.url"},
		{"FileURL", `{"source":{"url":"file:///etc/passwd"},` + steps + `}`, "source.url"},
		{"UserInURL", `{"source":{"url":"http://a:b@x/"},` + steps + `}`, "source.url"},
		{"NotDataURI", `{"source":{"data":"iVBORw=="},` + steps + `}`, "source.data"},
		{"OpNumber", `{` + src + `"recipe":{"steps":[{"op":1}]}}`, "recipe.steps[0].op"},
		{"ParamsList", `{` + src + `"recipe":{"steps":[{"op":"blur","params":[]}]}}`, "recipe.steps[0].params"},
		{"SaveWithoutID", `{` + src + `"recipe":{"steps":[{"save":{}}]}}`, "recipe.steps[0].save.id"},
		{"SameIDTwice", `{` + src + `"recipe":{"steps":[{"save":{"id":"a"},"steps":[{"save":{"id":"a"}}]}]}}`, "recipe.steps[0].steps[0].save.id"},
		{"Format", `{` + src + `"recipe":{"steps":[{"save":{"id":"a","format":"bmp"}}]}}`, "recipe.steps[0].save.format"},
		{"Quality", `{` + src + `"recipe":{"steps":[{"save":{"id":"a","quality":0}}]}}`, "recipe.steps[0].save.quality"},
		{"QualityFraction", `{` + src + `"recipe":{"steps":[{"save":{"id":"a","quality":1.5}}]}}`, "recipe.steps[0].save.quality"},
		{"UnknownOp", `{` + src + `"recipe":{"steps":[{"op":"blu3r","save":{"id":"a"}}]}}`, "recipe.steps[0].op"},
		{"ParamOutOfRange", `{` + src + `"recipe":{"steps":[{"op":"fit","params":{"width":0},"save":{"id":"a"}}]}}`, "recipe.steps[0].params.width"},
		{"NothingSaved", `{` + src + `"recipe":{"steps":[{"op":"blur"}]}}`, "recipe.steps"},
		{"Priority", `{"priority":"std",` + steps + `}`, "priority"},
		{"MetadataList", `{"metadata":[1],` + steps + `}`, "metadata"},
		{"MetadataTooLarge", `{"metadata":{"a":"` + strings.Repeat("x", 16<<10) + `"},` + steps + `}`, "metadata"},
		{"CallbackWithoutMedia", `{"notify":[{"callback":{"url":"http://x/"}}],` + steps + `}`, "media.id"},
		{"EmptyMediaID", `{"media":{"id":""},` + steps + `}`, "media.id"},
		{"TargetOfNoKind", `{"notify":[{}],` + steps + `}`, "notify[0]"},
		{"TargetOfTwoKinds", `{"notify":[{"eventbridge":{},"postback":{"url":"http://x/"}}],` + steps + `}`, "notify[0]"},
		{"BusOfTheClientsOwn", `{"notify":[{"eventbridge":{"bus":"mine"}}],` + steps + `}`, "notify[0].eventbridge.bus"},
		{"EventBridgeOfNull", `{"notify":[{"eventbridge":null}],` + steps + `}`, "notify[0].eventbridge"},
		{"TargetWithoutURL", `{"notify":[{"postback":{}}],` + steps + `}`, "notify[0].postback.url"},
		{"HeaderInjection", `{"notify":[{"postback":{"url":"http://x/","headers":{"X":"a\r\nY: b"}}}],` + steps + `}`, "notify[0].postback.headers.X"},
		{"SignatureHeader", `{"notify":[{"postback":{"url":"http://x/","headers":{"Webhook-Id":"1"}}}],` + steps + `}`, "notify[0].postback.headers.Webhook-Id"},
		{"CallbackHeaders", `{"media":{"id":"1"},"notify":[{"callback":{"url":"http://x/","headers":{}}}],` + steps + `}`, "notify[0].callback.headers"},
		{
			"TooDeep", `{` + src + `"recipe":{"steps":` + strings.Repeat(`[{"steps":`, recipe.MaxDepth+1) + `[]` + strings.Repeat(`}]`, recipe.MaxDepth+1) + `}}`,
			"recipe" + strings.Repeat(".steps[0]", recipe.MaxDepth) + ".steps",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := native.Parse([]byte(tt.body), false)
			var problem *native.Problem
			if !errors.As(err, &problem) {
				t.Fatalf("got %v, want a problem", err)
			}
			var fields []string
			for _, e := range problem.Errors {
				fields = append(fields, e.Field)
			}
			if diff := cmp.Diff([]string{tt.field}, fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParse_UploadBesideSource(t *testing.T) {
	t.Parallel()
	_, err := native.Parse([]byte(`{"source":{"url":"http://x/y"},"recipe":{"steps":[]}}`), true)
	if err == nil || !strings.Contains(err.Error(), "source") {
		t.Errorf("got %v, want an error about the source", err)
	}
}

func TestParse_AllErrorsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := native.Parse([]byte(`{"source":{"url":"ftp://x/y"},"recipe":{"steps":[{"op":7}]},"priority":3,"zebra":1}`), false)
	golden(t, "problem.json", marshal(t, err))
}

func TestParse_NotJSON(t *testing.T) {
	t.Parallel()
	_, err := native.Parse([]byte(`{"source":`), false)
	golden(t, "problem-syntax.json", marshal(t, err))
}

func TestReplies(t *testing.T) {
	t.Parallel()
	id, err := events.ParseID("06ejw8g5ar00t8a2dynkfbkms4")
	if err != nil {
		t.Fatal(err)
	}
	s, err := native.Parse([]byte(design), false)
	if err != nil {
		t.Fatal(err)
	}
	j := job.Job{ID: id, Recipe: s.Recipe, Locations: []job.Location{
		{URL: "http://h/files/a.webp?x=1&y=2"}, {URL: "http://h/files/b.jpg"}, {URL: "http://h/files/c.jpg"},
	}}
	golden(t, "accepted.json", native.AcceptedReply(j, "http://localhost:8080/"))
	golden(t, "queued.json", native.QueuedReply(id, ""))

	result := events.Result{
		ID: id.String(), State: events.StatePartial, Metadata: s.Metadata, Media: s.Media,
		Source:  &events.Source{Width: 6000, Height: 4000, Format: "jpeg", Bytes: 4438650},
		Outputs: []events.Output{{ID: "large", URL: j.Locations[0].URL, Width: 1600, Height: 1067, Format: "webp", Bytes: 152375}},
		Errors:  []events.Failure{{Output: "gray", Code: "render_failed", Message: "the picture is cut short"}},
		Timing:  events.Timing{QueuedMS: 3, FetchMS: 41, RenderMS: 118, StoreMS: 9},
	}
	status, err := native.StatusReply(result)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "status.json", status)
	body, err := native.Postback(result.State, status, time.Date(2026, 11, 21, 3, 4, 5, 6e6, time.FixedZone("", 3600)))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "postback.json", body)
	failed, err := native.StatusReply(events.Result{ID: id.String(), State: events.StateFailed})
	if err != nil || !strings.Contains(string(failed), `"outputs":[]`) {
		t.Errorf("got %s, %v, want an empty list of outputs", failed, err)
	}
}

// TestProblem_EveryTypeHasItsOwnStatusAndTitle but for the two that ask a client to come back later.
func TestProblem_EveryTypeHasItsOwnStatusAndTitle(t *testing.T) {
	t.Parallel()
	seen := map[any]bool{}
	for _, kind := range native.ProblemTypes {
		// Whoever asks too often and whoever submits too much get 429 alike.
		if seen[kind.Status()] && kind != native.QueueFull || seen[kind.Title()] {
			t.Errorf("%s repeats status %d or title %q", kind, kind.Status(), kind.Title())
		}
		seen[kind.Status()], seen[kind.Title()] = true, true
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(design), false)
	f.Add([]byte(`{"source":{"data":"data:,x"},"recipe":{"steps":[]}}`), true)
	f.Fuzz(func(t *testing.T, body []byte, upload bool) {
		_, err := native.Parse(body, upload)
		var problem *native.Problem
		if err != nil && !errors.As(err, &problem) {
			t.Errorf("got %T, want a problem", err)
		}
	})
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSuffix(string(want), "\n"), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
