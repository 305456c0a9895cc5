package blitline_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
)

// stepsOf are the steps of one function, "op {params}" each.
func stepsOf(t *testing.T, name, params string) []string {
	t.Helper()
	got := parseOne(t, functionJob(name, params))
	if got.Error != "" || got.Refusal != nil {
		t.Fatalf("error %q, refusal %+v", got.Error, got.Refusal)
	}
	return chained(got.Recipe)
}

func checkSteps(t *testing.T, rows []translation) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name+row.params, func(t *testing.T) {
			if diff := cmp.Diff(row.want, stepsOf(t, row.name, row.params)); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

// translation is a function and the steps that it becomes.
type translation struct {
	name, params string
	want         []string
}

func steps(all ...string) []string { return all }

func TestFunctions_Geometry(t *testing.T) {
	t.Parallel()
	checkSteps(t, []translation{
		{"no_op", `null`, steps("")},
		{"no_op", `[]`, steps("")},
		{"resize_to_fit", `{"width":"100"}`, steps(`fit {"width":100,"enlarge":true}`)},
		{"resize_to_fit", `{"width":100,"height":0,"only_shrink_larger":"true"}`, steps(`fit {"width":100}`)},
		{"resize_to_fit", `{"height":"9999","autosharpen":true}`, steps(`fit {"height":9999,"enlarge":true}`, `sharpen {"sigma":0.5,"amount":1.5}`)},
		{"resize_to_fit", `{"width":null,"height":50.9,"gravity":"NorthGravity"}`, steps(`fit {"height":50,"enlarge":true}`)},
		{"resize_to_fill", `{"width":10,"height":20,"gravity":"NorthEastGravity"}`, steps(`fill {"width":10,"height":20,"gravity":"north_east"}`)},
		{"resize_to_fill", `{"width":10,"height":20,"gravity":"Nowhere"}`, steps(`fill {"width":10,"height":20,"gravity":"center"}`)},
		{"resize_to_fill", `{"width":10,"height":20,"only_shrink_larger":true}`, steps(`fill {"width":10,"height":20,"gravity":"center","keep_smaller":true}`)},
		{"resize_to_fit_with_wrap", `{"width":10,"height":20,"only_shrink_larger":1}`, steps(`fit {"width":10,"height":20,"cover":true}`)},
		{"resize", `{"width":10,"height":20.9}`, steps(`resize {"width":10,"height":20}`)},
		{"resize", `{"scale_factor":"0.5","width":3}`, steps(`resize {"scale":0.5}`)},
		{"scale", `{"width":10,"height":20}`, steps(`resize {"width":10,"height":20}`)},
		{"pad_resize_to_fit", `{"width":10,"height":20,"gravity":"EastGravity"}`, steps(`pad {"width":10,"height":20,"gravity":"east","background":"#ffffff"}`)},
		{"pad_resize_to_fit", `{"width":10,"height":20,"color":"none","only_resize_larger":true}`, steps(`pad {"width":10,"height":20,"gravity":"center","background":"transparent","enlarge":false}`)},
		{"crop", `{"width":10,"height":20,"x":"3px","y":4}`, steps(`crop {"width":10,"height":20,"x":3,"y":4}`)},
		{"crop", `{"width":10}`, steps(`crop {"width":10,"height":"100%","x":0,"y":0}`)},
		{"crop", `{"width":10,"height":20,"gravity":"SouthGravity","y":5}`, steps(`crop {"width":10,"height":20,"gravity":"south","x":0,"y":5}`)},
		{"crop", `{"width":10,"height":20,"preserve_aspect_if_smaller":true}`, steps(`crop {"width":10,"height":20,"x":0,"y":0,"keep_ratio":true}`)},
		{"crop_to_square", `{}`, steps(`aspect {"aspect_ratio":1,"gravity":"center"}`)},
		{"imagga_smart_crop", `{"resolution":"150x100"}`, steps(`fill {"width":150,"height":100,"gravity":"attention"}`)},
		{"imagga_smart_crop", `{"resolution":"150x100","no_scaling":true}`, steps(`crop {"width":150,"height":100,"gravity":"attention"}`)},
		{"trim", `{}`, steps(`trim {"tolerance":0}`)},
		{"trim", `{"fuzz":"10%"}`, steps(`trim {"tolerance":10}`)},
		{"rotate", `{"amount":450}`, steps(`rotate {"degrees":90}`)},
		{"rotate", `null`, steps(`rotate {"degrees":90}`)},
		{"deskew", `{}`, steps(`deskew {"threshold":0.4}`)},
		{"pad", `{"size":5,"gravity":"WestGravity","color":"gray50"}`, steps(`extend {"left":5,"background":"#808080"}`)},
		{"pad", `{"size":5,"gravity":"NorthWestGravity"}`, steps(`extend {"top":5,"right":5,"bottom":5,"left":5,"background":"#ffffff"}`)},
		{"resample", `{"amount":36}`, steps(`density {"dpi":36,"resample":true}`)},
		{"resample", `{"density":"144"}`, steps(`density {"dpi":144,"resample":true}`)},
		{"convert_to_dpi", `{}`, steps(`density {"dpi":72}`)},
	})
}

func TestFunctions_Drawing(t *testing.T) {
	t.Parallel()
	checkSteps(t, []translation{
		{"line", `{"x":1,"y":2,"x1":30,"y1":40,"opacity":0.5}`, steps(`line {"x":1,"y":2,"to_x":30,"to_y":40,"width":1,"color":"#ffffff80"}`)},
		{"line", `{"x":"1","y":"2","x1":"3","y1":"4","line_cap":"round","color":"rgb(255,0,0)","width":3}`, steps(`line {"x":1,"y":2,"to_x":3,"to_y":4,"width":3,"color":"#ff0000ff","round":true}`)},
		{"rectangle", `{"x":30,"y":10,"x1":21,"y1":19,"color":"red"}`, steps(`rectangle {"x":21,"y":10,"width":10,"height":10,"color":"red"}`)},
		{
			"rectangle", `{"x":0,"y":0,"x1":9,"y1":9,"color":"red","fill_color":"blue","fill_opacity":0.5,"stroke_width":2,"cw":3,"ch":4}`,
			steps(`rectangle {"x":0,"y":0,"width":10,"height":10,"color":"#0000ff80","stroke":2,"stroke_color":"red","radius_x":3,"radius_y":4}`),
		},
		{"ellipse", `{"origin_x":50,"origin_y":40,"ellipse_width":20,"ellipse_height":10}`, steps(`ellipse {"x":30,"y":30,"width":41,"height":21,"color":"#ffffff"}`)},
		{"annotate", `{"text":"Hi"}`, steps(`text {"text":"Hi","font":"Arial","size":32,"weight":700,"color":"#ffffff","gravity":"center"}`)},
		{
			"annotate", `{"text":"a\\nb","x":"5","y":6,"font_family":"Helvetica","weight":"350","point_size":"20","style":"ItalicStyle","kerning":2,
			"gravity":"SouthEastGravity","dropshadow_color":"black","stroke":"#f00"}`,
			steps(`text {"text":"a\nb","font":"Helvetica","size":20,"weight":400,"italic":true,"color":"#ffffff","letter_spacing":2,"outline":1,` +
				`"outline_color":"#f00","shadow_color":"black","shadow_x":3,"shadow_y":3,"gravity":"south_east","x":1,"y":2}`),
		},
		{"caption", `{"text":"Hi"}`, steps(`text {"text":"Hi","font":"Arial","weight":700,"color":"#ffffff","width":"100%","height":"100%","align":"center","gravity":"center"}`)},
		{
			"caption", `{"text":"Hi","width":"90%","point_size":20,"text_gravity":"WestGravity"}`,
			steps(`text {"text":"Hi","font":"Arial","size":20,"weight":700,"color":"#ffffff","width":"90%","align":"left","gravity":"center"}`),
		},
		{"watermark", `{"text":"Hi"}`, steps(`text {"text":"Hi","font":"Helvetica","size":94,"color":"#ffffff","shadow_color":"#555555","shadow_x":1,"shadow_y":1,"gravity":"center","opacity":0.45}`)},
		{"background_color", `{}`, steps(`flatten {"background":"#ffffff"}`)},
		{"photograph", `{}`, steps(`extend {"top":"4%","right":"4%","bottom":"12%","left":"4%","background":"#ffffff"}`, `rotate {"degrees":-5}`)},
	})
}

func TestFunctions_TonesAndFilters(t *testing.T) {
	t.Parallel()
	checkSteps(t, []translation{
		{"blur", `{"sigma":2.5,"radius":1}`, steps(`blur {"sigma":2.5}`)},
		{"blur", `{"sigma":"0.0"}`, steps(`blur {"sigma":1}`)},
		{"sharpen", `{"sigma":40}`, steps(`sharpen {"sigma":10}`)},
		{"unsharp_mask", `{}`, steps(`unsharp {"sigma":1,"amount":1,"threshold":0.05}`)},
		{"median_filter", `{"radius":1.5}`, steps(`median {"radius":2}`)},
		{"sketch", `{}`, steps(`sketch`)},
		{"vignette", `{"color":"#abc","sigma":0}`, steps(`vignette {"strength":1,"softness":0.3,"color":"#abc"}`)},
		{"pixelate", `{"amount":500}`, steps(`pixelate {"size":100}`)},
		{"pixelate", `{"x":1,"y":2,"width":30,"height":40}`, steps(`pixelate {"size":10,"region":{"x":1,"y":2,"width":30,"height":40}}`)},
		{"gray_colorspace", `{}`, steps(`grayscale`)},
		{"sepia_tone", `{}`, steps(`sepia {"strength":0.8}`)},
		{"sepia_tone", `{"threshold":1200}`, steps(`sepia {"strength":1}`)},
		{"modulate", `{"brightness":"1.5","hue":1.5}`, steps(`modulate {"brightness":1.5,"saturation":1,"hue":90}`)},
		{"modulate", `{"Brightness":1.1,"Saturation":0,"Hue":1}`, steps(`modulate {"brightness":1.1,"saturation":0,"hue":0}`)},
		{"contrast", `{}`, steps(`contrast {"amount":-0.4}`)},
		{"contrast_stretch_channel", `{"black_point":"2%","white_point":"99%"}`, steps(`normalize {"black":0.02,"white":0.010000000000000009}`)},
		{"gamma_channel", `{"channel":"RedChannel"}`, steps(`levels {"gamma":0.8,"channel":"red"}`)},
		{"level", `{"black_point":13107}`, steps(`levels {"black":0.2,"white":1,"gamma":1,"channel":"all"}`)},
		{"levelize", `{"white_point":52428,"channel":"CyanChannel"}`, steps(`levels {"gamma":1,"out_black":0,"out_white":0.8,"channel":"red"}`)},
		{"quantize", `{"number_colors":999,"color_space":"GRAYColorspace"}`, steps(`grayscale`, `quantize {"colors":256}`)},
		{"threshold", `{"threshold_value":"60%"}`, steps(`threshold {"level":0.6}`)},
		{"convert_command", `{"-dither":"FloydSteinberg","-monochrome":"","-colors":"2"}`, steps(`grayscale`, `quantize {"colors":2,"dither":true}`, `normalize {"black":0,"white":0}`, `quantize {"colors":2,"dither":true}`)},
		{"convert_command", `{"-rotate":"90","-resize":"50%","+dither":"","-colors":16}`, steps(`rotate {"degrees":90}`, `resize {"width":"50%"}`, `quantize {"colors":16}`)},
		{"convert_command", `{"-resize":"80x60>","-blur":"0x3","-negate":""}`, steps(`fit {"width":80,"height":60}`, `blur {"sigma":3}`, `negate`)},
		{"convert_command", `{"-thumbnail":"80x60!","-scale":"x60^","-flop":""}`, steps(`resize {"width":80,"height":60}`, `fit {"height":60,"enlarge":true,"cover":true}`, `flip`)},
	})
}

func TestFunctions_FurtherPictures(t *testing.T) {
	t.Parallel()
	const logo = `"src":"http://x/logo.png"`
	checkSteps(t, []translation{
		{"composite", `{` + logo + `,"x":"5","y":-6}`, steps(`overlay {"picture":"picture1","gravity":"north_west","x":5,"y":-6}`)},
		{"composite", `{` + logo + `,"x":5,"gravity":"SouthGravity","composite_op":"ColorBurnCompositeOp"}`, steps(`overlay {"picture":"picture1","gravity":"south","blend":"color_burn"}`)},
		{"composite", `{` + logo + `,"as_mask":"true","scale_to_match":true}`, steps(`overlay {"picture":"picture1","width":"100%","height":"100%","scale":"stretch","gravity":"north_west","blend":"mask_light"}`)},
		{"composite", `{` + logo + `,"scale_to_fill":{"width":"50%","height":30},"composite_op":"DstOver"}`, steps(`overlay {"picture":"picture1","width":"50%","height":30,"scale":"fill","gravity":"north_west","blend":"behind"}`)},
		{"dissolve", `{` + logo + `,"dst_percentage":0.5}`, steps(`opacity {"opacity":0.5}`, `overlay {"picture":"picture1","gravity":"north_west","opacity":0.25}`)},
		{"tile", `{` + logo + `,"scale":2}`, steps(`overlay {"picture":"picture1","steps":[{"op":"resize","params":{"scale":2}}],"gravity":"north_west","tile":true}`)},
		{"tile", `{` + logo + `,"scale":2,"width":10,"height":20}`, steps(`overlay {"picture":"picture1","width":10,"height":20,"scale":"stretch","gravity":"north_west","tile":true}`)},
		{"append", `{"other_images":"http://x/a.png, http://x/b.png,http://x/a.png"}`, steps(`append {"pictures":["picture1","picture2","picture1"],"background":"#ffffff"}`)},
		{"image_grid", `{"images":["http://x/a.png"],"cell_width":10,"cell_height":"20","columns":3,"padding":2,"color":"black"}`, steps(`grid {"pictures":["picture1"],"own":false,"columns":3,"width":10,"height":20,"gap":2,"background":"black"}`)},
	})
}

func TestFunctions_SourcesOfFurtherPictures(t *testing.T) {
	t.Parallel()
	got := parseOne(t, functionJob("append", `{"other_images":["https://x/a.png","&thumb",{"name":"s3","bucket":{"name":"B","location":"eu-west-1"},"key":"/k.png"}]}`))
	want := map[string]blitline.Source{
		"picture1": {URL: "https://x/a.png"}, "picture2": {Reference: "thumb"},
		"picture3": {Object: &job.Object{Bucket: "B", Key: "k.png", Region: "eu-west-1"}},
	}
	if diff := cmp.Diff(want, got.Pictures); diff != "" {
		t.Errorf("pictures (-want +got):\n%s", diff)
	}
	const missing = "Image reference 'thumb' not found. Preprocessing probably failed."
	if got.Refusal == nil || got.Refusal.Message != missing {
		t.Errorf("got %+v for a reference to what nothing makes, want %q", got.Refusal, missing)
	}
}

func TestFunctions_ChainsHoldWhatIsBelow(t *testing.T) {
	t.Parallel()
	got := parseOne(t, `{"application_id":"A","src":"http://x","functions":[{"name":"photograph","save":{"image_identifier":"a"},
		"functions":[{"name":"blur","save":{"image_identifier":"b"}}]},{"name":"no_op","save":{"image_identifier":"c"}}]}`)
	want := []recipe.Step{
		{
			Op: "extend", Params: json.RawMessage(`{"top":"4%","right":"4%","bottom":"12%","left":"4%","background":"#ffffff"}`),
			Steps: []recipe.Step{{
				Op: "rotate", Params: json.RawMessage(`{"degrees":-5}`), Save: save("a", "jpeg", 85),
				Steps: []recipe.Step{{Op: "blur", Params: json.RawMessage(`{"sigma":1}`), Save: save("b", "jpeg", 85)}},
			}},
		},
		{Save: save("c", "jpeg", 85)},
	}
	if diff := cmp.Diff(want, got.Recipe.Steps); diff != "" || got.Refusal != nil {
		t.Errorf("refusal %+v, steps (-want +got):\n%s", got.Refusal, diff)
	}
}

func TestFunctions_OfFilesChangeAllSavesBelow(t *testing.T) {
	t.Parallel()
	got := parseOne(t, `{"application_id":"A","src":"http://x","functions":[{"name":"interlace","params":{"type":"PlaneInterlace"},
		"functions":[{"name":"blur","save":{"image_identifier":"a"}},{"name":"interlace","save":{"image_identifier":"b"}}]},
		{"name":"no_op","save":{"image_identifier":"c"}}]}`)
	var progressive []bool
	for _, out := range got.Recipe.Outputs() {
		progressive = append(progressive, out.Progressive)
	}
	if diff := cmp.Diff([]bool{true, false, false}, progressive); diff != "" {
		t.Errorf("progressive (-want +got):\n%s", diff)
	}
}
