package test_test

import (
	"bytes"
	"encoding/json"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/schemas"
)

// base stands for the address that the schemas are served at.
const base = "http://localhost"

// compile reads every JSON Schema into one compiler, so that they may refer to each other by their $ids.
func compile(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	names, err := schemas.Names()
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	for _, name := range names {
		if path.Ext(name) != ".json" {
			continue
		}
		if err := compiler.AddResource(base+schemas.IDPrefix+name, parse(t, lookup(t, name))); err != nil {
			t.Fatal(err)
		}
	}
	compiled := map[string]*jsonschema.Schema{}
	for _, name := range names {
		if path.Ext(name) != ".json" {
			continue
		}
		if compiled[name], err = compiler.Compile(base + schemas.IDPrefix + name); err != nil {
			t.Fatal(err)
		}
	}
	return compiled
}

func TestSchemas_JudgeTheirExamples(t *testing.T) {
	t.Parallel()
	for name, schema := range compile(t) {
		examples, err := schemas.Examples(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range examples {
			t.Run(e.Name, func(t *testing.T) {
				t.Parallel()
				err := schema.Validate(parse(t, e.Body))
				if (err == nil) != e.Valid {
					t.Errorf("got %v, want valid %v", err, e.Valid)
				}
			})
		}
	}
}

func TestTypes_MarshalToWhatTheirSchemasTake(t *testing.T) {
	t.Parallel()
	compiled := compile(t)
	now := time.Date(2026, 11, 21, 3, 4, 5, 6, time.UTC)
	job := events.NewID(now, "shop", []byte("key")).String()
	out := events.Output{
		ID: "a", Page: 1, URL: "http://h/a", Width: 1, Height: 2, Format: "jpeg", Bytes: 3, Frames: 2, Placeholder: "3OcRJYB4d3h/",
		Sprites: []events.Sprite{{Name: "", X: 0, Y: 0, Width: 1, Height: 1}},
	}
	failure := events.Failure{Output: "b", Page: 2, Code: "render_failed", Message: "m"}
	source := &events.Source{Width: 1, Height: 1, Format: "heif", Bytes: 1, Pages: 2, Details: details()}
	for eventType, data := range map[string]any{
		events.TypeJobProgress: events.Progress{ID: job, Stage: "render", Percent: 100},
		events.TypeJobCompleted: events.Result{
			ID: job, State: events.StateCompleted, Outputs: []events.Output{out}, Source: source,
			Media: &events.MediaRef{ID: "m"}, Metadata: json.RawMessage(`{"a":"ぽつ"}`),
		},
		events.TypeJobPartial: events.Result{
			ID: job, State: events.StatePartial, Outputs: []events.Output{out}, Errors: []events.Failure{failure},
		},
		events.TypeJobFailed: events.Result{
			ID: job, State: events.StateFailed, Outputs: []events.Output{}, Errors: []events.Failure{{Code: "x", Message: "y"}},
		},
		events.TypeMediaChanged:      media(job, now, out),
		events.TypeDeliveryDelivered: events.Delivery{ID: "d", Target: "http://h", Attempt: 1, Status: 200},
		events.TypeDeliveryScheduled: events.Delivery{ID: "d", Job: job, Target: "http://h", Attempt: 1, Error: "dns", NextAt: &now},
		events.TypeDeliveryHeld: events.Delivery{
			ID: "d", Job: job, Sink: "postback", Endpoint: "e", Target: "http://h", Reason: "broken",
			Timing: &events.AttemptTiming{Total: 1.5}, Addr: "192.0.2.1:443", Answer: "no", Replay: "r",
		},
		events.TypeEndpointFailing:   events.Endpoint{ID: "e", Application: "demo", URL: "http://h", Reason: "no answer", At: now},
		events.TypeEndpointRecovered: events.Endpoint{ID: "e", Application: "demo", URL: "http://h", At: now},
		events.TypeEndpointDisabled:  events.Endpoint{ID: "e", Application: "demo", URL: "http://h", At: now},
		events.TypeDeliveryExhausted: events.Delivery{ID: "d", Job: job, Target: "http://h", Attempt: 9, Status: 500, Error: "status"},
	} {
		name, ok := schemas.ForType(eventType)
		if !ok {
			t.Errorf("%s has no schema", eventType)
			continue
		}
		e, err := events.New(eventType, "/x", job, data)
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled[name].Validate(parse(t, e.Data())); err != nil {
			t.Errorf("%s: %v", eventType, err)
		}
	}
}

// media is an item of which everything is known.
func media(job string, now time.Time, out events.Output) events.Media {
	return events.Media{
		ID: "m", Revision: 1, Status: 3, Job: job, ChangedAt: now, Outputs: []events.Output{out},
		File:       &events.MediaFile{Name: "a.jpg", ContentType: "image/jpeg", Bytes: 1, Width: 2, Height: 3},
		UploadedAt: now, ConvertedAt: now, ConversionMS: 5, Votes: events.MediaVotes{Count: 1, Sum: 10},
		PublicURL: "http://h/storage/demo/m", ThumbURL: "http://h/storage/demo/m",
		MediaInfo: events.MediaInfo{
			Title: "t", Message: "m", Tags: []string{"a"}, Injector: "i", Sender: "s", CreatedAt: now, Privacy: 1, Autoblog: 1, Offensive: 1, Hits: 1,
			Moderation: events.MediaModeration{Status: events.MediaDenied, DeniedID: 4, Note: "n"},
			Comments:   events.MediaComments{Count: 3, Approved: 1, NotDenied: 2}, Parent: 1,
			Uploader: events.MediaUploader{
				ID: 1, Name: "n", Country: "CA", City: "c", State: "s", Nickname: "n", Firstname: "エヴァート", Lastname: "ぽつ",
			},
			URL: "u", Rotation: 90, Language: "en", Channel: events.MediaChannel{ID: 1, Shortname: "s", Name: "n"},
			Place: &events.MediaPlace{Latitude: -90, Longitude: 180}, Metadata: map[string]string{"a": "b"},
		},
	}
}

// details are all that can be found out about a source.
func details() *events.Details {
	north, east := 55.7, 12.6
	text := map[string]string{"a": "b"}
	return &events.Details{
		EXIF: text, IPTC: text, XMP: text, ICC: "sRGB", Latitude: &north, Longitude: &east, Colors: []string{"#0a0b0c"},
		MD5: strings.Repeat("0", 32), SHA256: strings.Repeat("f", 64), CRC32: "00000001", PHash: "0123456789abcdef",
	}
}

// TestTypes_ReadTheExamples decodes every valid result into the Go type and validates what it writes back.
func TestTypes_ReadTheExamples(t *testing.T) {
	t.Parallel()
	const name = "events/job.result.v1.json"
	schema := compile(t)[name]
	examples, err := schemas.Examples(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		if !e.Valid {
			continue
		}
		var result events.Result
		if err := json.Unmarshal(e.Body, &result); err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(result)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(parse(t, body)); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		if diff := cmp.Diff(parse(t, e.Body), parse(t, body)); diff != "" {
			t.Errorf("%s is written back otherwise (-want +got):\n%s", e.Name, diff)
		}
	}
}

func lookup(t *testing.T, name string) []byte {
	t.Helper()
	body, err := schemas.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func parse(t *testing.T, body []byte) any {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return document
}
