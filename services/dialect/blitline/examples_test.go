package blitline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// The vendor's own example jobs, by what they show: their spellings, their order and their quirks.
func TestVendorExamples(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, job string
		// want are the steps in a chain, and the saves' formats after them.
		want, formats []string
		pictures      map[string]blitline.Source
	}{
		{
			name: "write, then shrink (5435947)",
			job: `"functions":[{"name":"annotate","params":{"text":"Sample","x":5,"y":5,"color":"#ffffff","font_family":"AvantGarde","point_size":64,
				"gravity":"NorthGravity","style":"italic","weight":"normal","kerning":1.2},
				"functions":[{"name":"resize_to_fit","params":{"width":300},"save":{"image_identifier":"A"}}]}]`,
			want: steps(`text {"text":"Sample","font":"AvantGarde","size":64,"weight":400,"italic":true,"color":"#ffffff","letter_spacing":1.2,"gravity":"north","x":5,"y":5}`,
				`fit {"width":300,"enlarge":true}`),
			formats: steps("jpeg"),
		},
		{
			name: "lines and a watermark, one in the other (4400403)",
			job: `"functions":[{"name":"line","params":{"x":10,"y":10,"x1":100,"y1":100,"width":4,"opacity":0.5},
				"functions":[{"name":"line","params":{"x":710,"y":10,"x1":610,"y1":100,"width":4,"opacity":0.5},
				"functions":[{"name":"watermark","params":{"text":"Sample!"},"save":{"image_identifier":"A"}}]}]}]`,
			want: steps(`line {"x":10,"y":10,"to_x":100,"to_y":100,"width":4,"color":"#ffffff80"}`, `line {"x":710,"y":10,"to_x":610,"to_y":100,"width":4,"color":"#ffffff80"}`,
				`text {"text":"Sample!","font":"Helvetica","size":94,"color":"#ffffff","shadow_color":"#555555","shadow_x":1,"shadow_y":1,"gravity":"center","opacity":0.45}`),
			formats: steps("jpeg"),
		},
		{
			name: "trim without params, then a watermark (3137772)",
			job: `"functions":[{"name":"trim","functions":[{"name":"watermark","params":{"text":"example.com","point_size":28},
				"save":{"image_identifier":"A"}}]}]`,
			want: steps(`trim {"tolerance":0}`,
				`text {"text":"example.com","font":"Helvetica","size":28,"color":"#ffffff","shadow_color":"#555555","shadow_x":1,"shadow_y":1,"gravity":"center","opacity":0.45}`),
			formats: steps("jpeg"),
		},
		{
			name:     "a frame over the picture (2396414)",
			job:      `"functions":[{"name":"composite","params":{"src":"https://example.com/frame.png"},"save":{"image_identifier":"A"}}]`,
			want:     steps(`overlay {"picture":"picture1","gravity":"north_west"}`),
			formats:  steps("jpeg"),
			pictures: map[string]blitline.Source{"picture1": {URL: "https://example.com/frame.png"}},
		},
		{
			name: "a mask, said twice (2353212)",
			job: `"functions":[{"name":"composite","params":{"src":"https://example.com/mask.png","composite_op":"CopyOpacityCompositeOp","as_mask":true},
				"save":{"image_identifier":"A"}}]`,
			want:     steps(`overlay {"picture":"picture1","gravity":"north_west","blend":"mask_light"}`),
			formats:  steps("jpeg"),
			pictures: map[string]blitline.Source{"picture1": {URL: "https://example.com/mask.png"}},
		},
		{
			name: "a grid whose first picture is the job's own (af4943b5)",
			job: `"functions":[{"name":"image_grid","params":{"images":["http://example.com/a.jpg","https://example.com/b?random","https://example.com/b?random"],
				"cell_width":200,"cell_height":200,"columns":3,"padding":2,"color":"#ffda5a"},"save":{"image_identifier":"A"}}]`,
			want:    steps(`grid {"pictures":["picture1","picture2","picture2"],"own":false,"columns":3,"width":200,"height":200,"gap":2,"background":"#ffda5a"}`),
			formats: steps("jpeg"),
			pictures: map[string]blitline.Source{
				"picture1": {URL: "http://example.com/a.jpg"}, "picture2": {URL: "https://example.com/b?random"},
			},
		},
		{
			name: "an old version as a number, extensions with and without a dot, and an option misspelt (3019945, 3154014, 9815ed4c)",
			job: `"v":1.9,"functions":[{"name":"no_op","save":{"image_identifier":"A","extension":".png","png_quant":true},
				"functions":[{"name":"blur","save":{"image_identifier":"A","extension":"webp"}}]}]`,
			want: steps("", `blur {"sigma":1}`), formats: steps("png", "webp"),
		},
		{
			name: "a command line that users send",
			job: `"functions":[{"name":"convert_command","params":{"-dither":"FloydSteinberg","-monochrome":"","-colors":"2"},
				"save":{"image_identifier":"A","extension":".png"}}]`,
			want: steps(`grayscale`, `quantize {"colors":2,"dither":true}`, `normalize {"black":0,"white":0}`, `quantize {"colors":2,"dither":true}`), formats: steps("png"),
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := parseOne(t, `{"application_id":"A","src":"http://example.com/a.jpg",`+row.job+`}`)
			if got.Error != "" || got.Refusal != nil {
				t.Fatalf("error %q, refusal %+v", got.Error, got.Refusal)
			}
			if diff := cmp.Diff(row.want, chained(got.Recipe)); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			var formats []string
			for _, out := range got.Recipe.Outputs() {
				formats = append(formats, out.Format)
			}
			if diff := cmp.Diff(row.formats, formats); diff != "" {
				t.Errorf("formats (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(row.pictures, got.Pictures); diff != "" {
				t.Errorf("pictures (-want +got):\n%s", diff)
			}
		})
	}
}

// chained are the steps of a recipe that does not branch, "op {params}" each.
func chained(r recipe.Recipe) []string {
	var all []string
	for steps := r.Steps; len(steps) > 0; steps = steps[0].Steps {
		one := steps[0].Op
		if steps[0].Params != nil {
			one += " " + string(steps[0].Params)
		}
		all = append(all, one)
	}
	return all
}

// A job whose mask is made by another one first (5068626).
func TestVendorExamples_MaskMadeBefore(t *testing.T) {
	t.Parallel()
	got := parseOne(t, `{"application_id":"A","src":"http://example.com/a.jpg","pre_process":[{"job":{"src":"http://example.com/mask.png",
		"functions":[{"name":"rotate","params":{"amount":25},"functions":[{"name":"resize_to_fit","params":{"width":640},
		"save":{"image_identifier":"MASK"}}]}]}}],
		"functions":[{"name":"composite","params":{"gravity":"CenterGravity","src":"&MASK","composite_op":"CopyOpacityCompositeOp","as_mask":"true"},
		"save":{"image_identifier":"A"}}]}`)
	if got.Error != "" || got.Refusal != nil || got.Before == nil {
		t.Fatalf("error %q, refusal %+v, before %v", got.Error, got.Refusal, got.Before)
	}
	if diff := cmp.Diff(steps(`rotate {"degrees":25}`, `fit {"width":640,"enlarge":true}`), chained(got.Before.Recipe)); diff != "" {
		t.Errorf("steps before (-want +got):\n%s", diff)
	}
	names := got.Recipe.Pictures()
	if len(names) != 1 || got.Pictures[names[0]].Reference != "MASK" {
		t.Errorf("pictures %v of %v, want one that refers to MASK", names, got.Pictures)
	}
}

// A picture over a canvas (5095014).
func TestVendorExamples_OverCanvas(t *testing.T) {
	t.Parallel()
	got := parseOne(t, `{"application_id":"A","src":{"name":"canvas","width":50,"height":50,"color":"#ff0000"},
		"functions":[{"name":"composite","params":{"src":"https://example.com/a.png","gravity":"CenterGravity"},
		"save":{"extension":".png","image_identifier":"A","png_quantize":true}}]}`)
	if got.Error != "" || got.Refusal != nil || len(got.Source.Data) == 0 {
		t.Fatalf("error %q, refusal %+v, a canvas of %d bytes", got.Error, got.Refusal, len(got.Source.Data))
	}
	if diff := cmp.Diff(steps(`overlay {"picture":"picture1","gravity":"center"}`), chained(got.Recipe)); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}
