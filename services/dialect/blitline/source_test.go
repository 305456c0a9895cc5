package blitline_test

import (
	"bytes"
	"image/color"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/internal/job"
)

const withBlur = `,"functions":[{"name":"blur","save":{"image_identifier":"a"}}]}`

func TestParse_Documents(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, fields, pages string
		density             int
		numbering           job.Numbering
		group               bool
	}{
		{"Image", `"src_type":"image"`, "", 0, job.Dashed, false},
		{"Smart", `"src_type":"smart_image","src_data":{"density":"300"}`, "", 300, job.Dashed, false},
		{"EveryPage", `"src_type":"multi_page"`, "all", 200, job.Underscored, false},
		{"SomePages", `"src_type":{"name":"multi_page","pages":[0,2]},"src_data":{"dpi":9999}`, "1,3", 900, job.Underscored, false},
		{"PagesAsText", `"src_type":{"name":"multi_page","pages":"[1]"}`, "2", 200, job.Underscored, false},
		{"Burst", `"src_type":"burst_pdf","src_data":{"dpi":10}`, "all", 72, job.DoublyUnderscored, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := parseOne(t, `{"application_id":"A","src":"http://x/a.pdf",`+tt.fields+withBlur)
			if got.Error != "" || got.Refusal != nil || got.Source.URL != "http://x/a.pdf" {
				t.Fatalf("got %+v", got)
			}
			if got.Recipe.Pages != tt.pages || got.Recipe.Density != tt.density || got.Details.Numbering != tt.numbering || got.Details.Group != tt.group {
				t.Errorf("pages %q at %d, numbered %q, group %v", got.Recipe.Pages, got.Recipe.Density, got.Details.Numbering, got.Details.Group)
			}
		})
	}
}

func TestParse_Canvas(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]struct {
		width, height int
		colour        color.NRGBA
	}{
		``:                          {10, 10, color.NRGBA{255, 255, 255, 255}},
		`,"width":"300","height":2`: {300, 2, color.NRGBA{255, 255, 255, 255}},
		`,"width":7,"height":7,"color":"#10203040"`: {7, 7, color.NRGBA{0x10, 0x20, 0x30, 0x40}},
	} {
		got := parseOne(t, `{"application_id":"A","src":{"name":"canvas"`+fields+`}`+withBlur)
		picture, err := png.Decode(bytes.NewReader(got.Source.Data))
		if err != nil {
			t.Fatalf("%s: %v, %+v", fields, err, got)
		}
		if size := picture.Bounds().Size(); size.X != want.width || size.Y != want.height {
			t.Errorf("%s: %s, want %d by %d", fields, size, want.width, want.height)
		}
		if c := color.NRGBAModel.Convert(picture.At(1, 1)); c != want.colour {
			t.Errorf("%s: %v, want %v", fields, c, want.colour)
		}
	}
}

// TestParse_Archive packs addresses and objects, without functions.
func TestParse_Archive(t *testing.T) {
	t.Parallel()
	const job1 = `{"application_id":"A","src_type":"zip","src":{"urls":["http://x/1.png",{"name":"s3","bucket":"b","key":"2.png"}]},
		"src_data":{"preferred_zip_size":"5000","s3_destination":{"bucket":"b","key":"all/pictures"}}}`
	got := parseOne(t, job1)
	want := &job.Archive{PartBytes: 5000, Sources: []job.Source{{URL: "http://x/1.png"}, {Object: &job.Object{Bucket: "b", Key: "2.png"}}}}
	if diff := cmp.Diff(want, got.Archive); diff != "" || got.Error != "" || got.Refusal != nil {
		t.Fatalf("error %q, refusal %+v, archive (-want +got):\n%s", got.Error, got.Refusal, diff)
	}
	if len(got.Destinations) != 1 || got.Destinations[0].Key != "all/pictures.zip" || len(got.Recipe.Steps) != 0 {
		t.Errorf("destinations %+v, steps %v", got.Destinations, got.Recipe.Steps)
	}
	if diff := cmp.Diff([]string{"2.png", "all/pictures.zip"}, got.Keys()); diff != "" {
		t.Errorf("keys that a signature has to allow (-want +got):\n%s", diff)
	}
	for src, sentence := range map[string]string{
		`{"urls":[]}`:                    "A src of the kind 'zip' needs an object with a list of urls",
		`["data:image/png;base64,AAAA"]`: "A src of the kind 'zip' is a list of URLs and objects in S3 alone",
		`{"urls":["ftp://x/1.png"]}`:     "The src is not an http or https URL",
	} {
		got := parseOne(t, `{"application_id":"A","src_type":"zip","src":`+src+`}`)
		if got.Refusal == nil || got.Refusal.Message != sentence {
			t.Errorf("%s: %+v, want %q", src, got.Refusal, sentence)
		}
	}
}

// TestResult_Archive lists the addresses of its files.
func TestResult_Archive(t *testing.T) {
	t.Parallel()
	body := blitline.Result(events.Result{
		ID: exampleID(t).String(), State: events.StateCompleted, Archives: []events.Archive{{URL: "http://h/a.zip"}, {URL: "http://h/a-2.zip"}},
	}, blitline.Details{Version: 1.21})
	validate(t, "blitline/result.json", body)
	if want := `"images":["http://h/a.zip","http://h/a-2.zip"]`; !strings.Contains(string(body), want) {
		t.Errorf("%s, want %s", body, want)
	}
}

// TestParse_Animation needs no functions, and has a save of its own.
func TestParse_Animation(t *testing.T) {
	t.Parallel()
	got := parseOne(t, `{"application_id":"A","src_type":"gif","src":["http://x/1.png",{"name":"s3","bucket":"b","key":"2.png"},"http://x/3.png"],
		"src_data":{"params":{"delay":"50","loop":3},"save":{"image_identifier":"moving"}}}`)
	if got.Error != "" || got.Refusal != nil || len(got.Recipe.Steps) != 1 {
		t.Fatalf("got %+v", got)
	}
	step := got.Recipe.Steps[0]
	if want := `{"pictures":["picture1","picture2"],"delay":500,"loop":3}`; step.Op != "animate" || string(step.Params) != want {
		t.Errorf("step %s %s, want animate %s", step.Op, step.Params, want)
	}
	if step.Save == nil || step.Save.ID != "moving" || step.Save.Format != "gif" {
		t.Errorf("saved as %+v", step.Save)
	}
	want := map[string]blitline.Source{"picture1": {Object: &job.Object{Bucket: "b", Key: "2.png"}}, "picture2": {URL: "http://x/3.png"}}
	if diff := cmp.Diff(want, got.Pictures); diff != "" || got.Source.URL != "http://x/1.png" {
		t.Errorf("first %s, pictures (-want +got):\n%s", got.Source.URL, diff)
	}
}

func TestParse_Screenshot(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]job.Page{
		`{}`:                                   {Width: 1024, Height: 768, Delay: 5 * time.Second},
		`{"viewport":"1200x800","delay":3000}`: {Width: 1200, Height: 800, Delay: 3 * time.Second},
		`{"width":"640","delay":"7"}`:          {Width: 640, Height: 768, Delay: 7 * time.Second},
		`{"delay":90000}`:                      {Width: 1024, Height: 768, Delay: 30 * time.Second},
	} {
		got := parseOne(t, `{"application_id":"A","src_type":"screen_shot_url","src":"https://x/a","src_data":`+data+withBlur)
		want.URL = "https://x/a"
		if diff := cmp.Diff(&want, got.Source.Page); diff != "" || got.Refusal != nil || got.Error != "" {
			t.Errorf("%s: %+v, page (-want +got):\n%s", data, got.Refusal, diff)
		}
	}
	for data, sentence := range map[string]string{
		`{"viewport":"wide"}`:    "The viewport 'wide' cannot be read",
		`{"viewport":"9000x10"}`: "A window of 9000 by 10 is not possible",
		`{"save_html":true}`:     "The option 'save_html' of a screenshot is not supported",
	} {
		got := parseOne(t, `{"application_id":"A","src_type":"screen_shot_url","src":"https://x/a","src_data":`+data+withBlur)
		if got.Refusal == nil || !strings.HasPrefix(got.Refusal.Message, sentence) {
			t.Errorf("%s: %+v, want %q", data, got.Refusal, sentence)
		}
	}
}
