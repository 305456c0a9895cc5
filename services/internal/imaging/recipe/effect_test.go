package recipe_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

func TestRecipe_ValidateEffects(t *testing.T) {
	t.Parallel()
	rows := map[string]struct{ op, params, want string }{
		"threshold":       {"threshold", `{"level":2}`, `level is 2: expected a number from 0 to 1`},
		"brightness":      {"brightness", `{"amount":1.1}`, `amount is 1.1: expected a number from -1 to 1`},
		"slope":           {"contrast", `{"slope":"steep"}`, `slope is "steep": expected one of sigmoidal, linear`},
		"exposure":        {"exposure", `{"stops":6}`, `stops is 6: expected a number from -5 to 5`},
		"gamma":           {"gamma", `{"gamma":0}`, `gamma is 0: expected a number from 0.1 to 10`},
		"levels crossed":  {"levels", `{"black":0.6,"white":0.4}`, `black is 0.6: expected a number below white, which is 0.4`},
		"channel":         {"levels", `{"channel":"alpha"}`, `channel is "alpha": expected one of all, red, green, blue`},
		"no colours":      {"tint", `{}`, `colors is missing: expected 1 to 16 colours`},
		"colour of many":  {"tint", `{"colors":["red",""]}`, `colors is "": expected a colour: a CSS name such as white, #rgb, #rgba, #rrggbb or #rrggbbaa`},
		"colours no list": {"tint", `{"colors":"red"}`, `colors is "red": expected a list`},
		"positions":       {"tint", `{"colors":["red","blue"],"positions":[0.5,0.2]}`, `positions is [0.5,0.2]: expected as many ascending numbers from 0 to 1 as there are colours`},
		"palette":         {"quantize", `{"colors":1}`, `colors is 1: expected a whole number from 2 to 256`},
		"space":           {"profile", `{"to":"cmyk"}`, `to is "cmyk": expected one of srgb, gray`},
		"radius":          {"median", `{"radius":21}`, `radius is 21: expected a whole number from 0 to 20`},
		"large strokes":   {"oil_paint", `{"radius":11}`, `radius is 11: expected a whole number from 0 to 10`},
		"region":          {"blur", `{"region":{"width":0,"height":5}}`, `region.width is 0: expected a whole number from 1 to 16383`},
		"corner":          {"blur", `{"region":{"x":-1000001,"width":5,"height":5}}`, `region.x is -1000001: expected a whole number from -1000000 to 1000000`},
		"region's field":  {"blur", `{"region":{"with":5}}`, `region is {"with":5}: expected an object with x, y, width, height`},
		"detector":        {"edge", `{"detector":"prewitt"}`, `detector is "prewitt": expected one of sobel, canny`},
		"null":            {"blur", `{"sigma":null}`, `sigma is null: expected a number`},
		"layer's field":   {"overlay", `{"picture":"a","steps":[{"op":"blur","parms":{}}]}`, `steps is [{"op":"blur","parms":{}}]: expected a list of steps with op and params`},
		"too fast":        {"retime", `{"delay":5}`, `delay is 5: expected a number from 10 to 60000`},
		"loop":            {"retime", `{"loop":-1}`, `loop is -1: expected a number from 0 to 65535`},
		"decoration":      {"text", `{"text":"a","decoration":"overline"}`, `decoration is "overline": expected one of underline, strikethrough`},
		"no colour":       {"replace_color", `{"from":"red"}`, `to is missing: expected a colour: a CSS name such as white, #rgb, #rgba, #rrggbb or #rrggbbaa`},
		"thin outline":    {"outline", `{"width":0.5}`, `width is 0.5: expected a number from 1 to 100`},
		"flat":            {"shear", `{"x":81}`, `x is 81: expected a number from -80 to 80`},
		"mixed":           {"channels", `{"blue_from_red":11}`, `blue_from_red is 11: expected a number from -10 to 10`},
		"far shadow":      {"shadow", `{"x":501}`, `x is 501: expected a number from -500 to 500`},
		"layer's picture": {"overlay", `{"picture":"a","steps":[{"op":"append","params":{"pictures":["b"]}}]}`, `steps[0].op is "append": expected an operation that needs no further picture, or overlay`},
		"line":            {"line", `{"x":5,"to_y":5}`, `to_x is missing: expected a whole number of pixels, or a share such as "50%"`},
		"figure":          {"ellipse", `{"width":5,"height":5,"stroke":-1}`, `stroke is -1: expected a number from 0 to 1000`},
		"corners":         {"rectangle", `{"width":5,"height":5,"radius_x":-1}`, `radius_x is -1: expected a whole number from 0 to 16383`},
		"two sizes":       {"text", `{"text":"a","width":5,"height":"5%","size":3}`, `height is "5%": expected either a size, or a height that the text fits into`},
		"layer's scale":   {"overlay", `{"picture":"a","width":5,"scale":"crop"}`, `scale is "crop": expected one of fit, fill, stretch`},
		"vignette":        {"vignette", `{"softness":0}`, `softness is 0: expected a number from 0.01 to 1`},
		"halftone":        {"halftone", `{"size":1}`, `size is 1: expected a number from 2 to 100`},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			problems := recipe.Problems(parse(t, one(row.op, row.params)).Validate())
			if len(problems) != 1 {
				t.Fatalf("got %v, want one problem", problems)
			}
			if got, want := problems[0].Error(), "recipe.steps[0].params."+row.want; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestRegion(t *testing.T) {
	t.Parallel()
	in := recipe.Size{Width: 60, Height: 40}
	blur := []recipe.Action{recipe.Blur{Sigma: 2}}
	rows := map[string]struct {
		region string
		want   []recipe.Action
	}{
		"a part":         {`{"x":5,"y":6,"width":7,"height":8}`, []recipe.Action{recipe.Within{X: 5, Y: 6, Box: recipe.Size{Width: 7, Height: 8}, Of: blur}}},
		"over the edges": {`{"x":-5,"y":30,"width":15,"height":80}`, []recipe.Action{recipe.Within{Y: 30, Box: recipe.Size{Width: 10, Height: 10}, Of: blur}}},
		"all of it":      {`{"x":-5,"width":65,"height":40}`, blur},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			step := recipe.Step{Op: "blur", Params: []byte(`{"sigma":2,"region":` + row.region + `}`)}
			got, _, err := step.Apply(in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
		})
	}
	outside := recipe.Step{Op: "pixelate", Params: []byte(`{"region":{"x":60,"width":5,"height":5}}`)}
	_, _, err := outside.Apply(in)
	if fault, _ := errors.AsType[*recipe.Error](err); fault == nil || fault.Code != recipe.CropOutside {
		t.Errorf("got error %v, want code %s", err, recipe.CropOutside)
	}
}

// layers is a layer with a layer on it, and so on.
func layers(deep int) string {
	params := fmt.Sprintf(`{"picture":"p%d"}`, deep)
	for i := deep - 1; i > 0; i-- {
		params = fmt.Sprintf(`{"picture":"p%d","steps":[{"op":"overlay","params":%s}]}`, i, params)
	}
	return params
}

func TestLayersOfLayers(t *testing.T) {
	t.Parallel()
	r := parse(t, one("overlay", layers(recipe.MaxLayers)))
	if err := r.Validate(); err != nil {
		t.Errorf("%d layers: %v", recipe.MaxLayers, err)
	}
	if diff := cmp.Diff([]string{"p1", "p2", "p3", "p4"}, r.Pictures()); diff != "" {
		t.Errorf("pictures (-want +got):\n%s", diff)
	}
	err := parse(t, one("overlay", layers(recipe.MaxLayers+1))).Validate()
	if err == nil || !strings.Contains(err.Error(), "layers laid over layers at most 4 deep") {
		t.Errorf("%d layers: got %v", recipe.MaxLayers+1, err)
	}
	many := `{"picture":"a","steps":[` + strings.Repeat(`{"op":"overlay","params":{"picture":"b"}},`, 31) + `{"op":"overlay","params":{"picture":"b"}}]}`
	nested := `{"picture":"a","steps":[` + strings.Repeat(`{"op":"overlay","params":`+many+`},`, 6) + `{"op":"overlay","params":` + many + `}]}`
	if err := parse(t, one("overlay", nested)).Validate(); err == nil || !strings.Contains(err.Error(), "at most 200 steps") {
		t.Errorf("231 layers on layers: got %v", err)
	}
}
