package blitline_test

import (
	"bytes"
	"image/color"
	"image/png"
	"testing"

	"github.com/google/go-cmp/cmp"

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
