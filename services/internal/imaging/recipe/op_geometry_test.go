package recipe_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

func TestGeometry_NeutralParametersAreNoWork(t *testing.T) {
	t.Parallel()
	rows := map[string][]string{
		"resize": {`{"scale":1}`, `{"width":"100%","height":"100%"}`, `{"width":300,"dpr":2}`, `{"aspect_ratio":"3:2"}`},
		"fit":    {`{"width":"100%","enlarge":true}`, `{"width":900}`, `{"width":9,"shrink":false}`},
		"limit":  {`{"width":900,"height":900}`, `{"aspect_ratio":1.5}`},
		"fill":   {`{"width":600,"height":400,"zoom":1,"gravity":"south_east","x":50}`, `{"width":900,"height":900,"enlarge":false}`},
		"pad":    {`{"width":600,"height":400}`, `{"width":60,"height":40,"shrink":false}`},
		"crop":   {`{"width":"100%","height":"1000%"}`, `{"width":600,"height":400,"focus_x":0}`, `{"width":600,"height":400,"zoom":1}`},
		"aspect": {`{"aspect_ratio":1.5}`, `{"aspect_ratio":"600:400","gravity":"entropy"}`},
		"rotate": {`{"degrees":0}`},
		"orient": {`{"orientation":1}`},
		"extend": {`{}`, `{"left":0,"top":"0%","background":"mirror"}`},
		"round":  {`{"radius":0}`, `{"radius":[0,0,0,0]}`},
	}
	for op, all := range rows {
		for _, params := range all {
			t.Run(op+" "+params, func(t *testing.T) {
				t.Parallel()
				actions, size, err := apply(t, op, params)
				if err != nil || len(actions) > 0 || size != (recipe.Size{Width: 600, Height: 400}) {
					t.Errorf("got %v, %v and %v, want nothing", actions, size, err)
				}
			})
		}
	}
}

// apply applies a valid step to 600 × 400 pixels.
func apply(t *testing.T, op, params string) ([]recipe.Action, recipe.Size, error) {
	t.Helper()
	if err := parse(t, one(op, params)).Validate(); err != nil {
		t.Fatal(err)
	}
	return recipe.Step{Op: op, Params: []byte(params)}.Apply(recipe.Size{Width: 600, Height: 400})
}

func TestGeometry_Actions(t *testing.T) {
	t.Parallel()
	size := func(w, h int) recipe.Size { return recipe.Size{Width: w, Height: h} }
	same := func(r float64) [4]recipe.Radius { return [4]recipe.Radius{{r, r}, {r, r}, {r, r}, {r, r}} }
	white, black := recipe.Colour{R: 255, G: 255, B: 255, A: 255}, recipe.Colour{A: 255}
	rows := map[string]struct {
		op, params string
		want       []recipe.Action
	}{
		"pad scales, then extends": {"pad", `{"width":60,"height":60,"background":"white"}`, []recipe.Action{
			recipe.Scale{Size: size(60, 40)}, recipe.Extend{Y: 10, Size: size(60, 60), Background: white},
		}},
		"pad at the south, a little higher": {"pad", `{"width":60,"height":60,"gravity":"south","y":"10%"}`, []recipe.Action{
			recipe.Scale{Size: size(60, 40)}, recipe.Extend{Y: 14, Size: size(60, 60)},
		}},
		"pad without growth": {"pad", `{"width":700,"height":600,"enlarge":false,"gravity":"north_west"}`, []recipe.Action{
			recipe.Extend{Size: size(700, 600)},
		}},
		"pad without scaling, one edge larger": {"pad", `{"width":500,"height":600,"enlarge":false,"shrink":false,"background":"blur"}`, []recipe.Action{
			recipe.Extend{Y: 100, Size: size(600, 600), Edge: recipe.EdgeBlur},
		}},
		"aspect keeps the height": {"aspect", `{"aspect_ratio":"1:1","gravity":"east"}`, []recipe.Action{recipe.Crop{X: 200, Size: size(400, 400)}}},
		"aspect keeps the width":  {"aspect", `{"aspect_ratio":3,"focus_y":1}`, []recipe.Action{recipe.Crop{Y: 200, Size: size(600, 200)}}},
		"extend by shares": {"extend", `{"left":"10%","bottom":"10%"}`, []recipe.Action{
			recipe.Extend{X: 60, Size: size(660, 440)},
		}},
		"border":         {"border", `{"width":2}`, []recipe.Action{recipe.Extend{X: 2, Y: 2, Size: size(604, 404), Background: black}}},
		"trim":           {"trim", `{"tolerance":20,"color":"white"}`, []recipe.Action{recipe.Trim{Border: &white, Tolerance: 51}}},
		"deskew":         {"deskew", `{"threshold":0.2}`, []recipe.Action{recipe.Deskew{Threshold: 51}}},
		"flip":           {"flip", `{}`, []recipe.Action{recipe.Flip{}}},
		"flip both ways": {"flip", `{"direction":"both"}`, []recipe.Action{recipe.Turn{Quarters: 2}}},
		"orient":         {"orient", `{"orientation":5}`, []recipe.Action{recipe.Turn{Quarters: 1}, recipe.Flip{}}},
		"rotate inside": {"rotate", `{"degrees":30,"inside":true}`, []recipe.Action{
			recipe.Rotate{Degrees: 30}, recipe.Crop{X: 162, Y: 210, Size: size(396, 226)},
		}},
		"round":              {"round", `{"radius":9}`, []recipe.Action{recipe.Mask{Inner: size(600, 400), Corners: same(9)}}},
		"round too much":     {"round", `{"radius":900}`, []recipe.Action{recipe.Mask{Inner: size(600, 400), Corners: same(200)}}},
		"a circle is nearer": {"mask", `{"shape":"circle"}`, []recipe.Action{recipe.Mask{X: 100, Inner: size(400, 400), Corners: same(200)}}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, err := apply(t, row.op, row.params)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestGeometry_Validate(t *testing.T) {
	t.Parallel()
	const forms = "a colour: a CSS name such as white, #rgb, #rgba, #rrggbb or #rrggbbaa"
	rows := map[string]struct{ op, params, want string }{
		"looking for a place to pad": {"pad", `{"width":5,"height":5,"gravity":"faces"}`, `gravity is "faces": expected one of north_west, north, north_east, west, center, east, south_west, south, south_east`},
		"background":                 {"pad", `{"width":5,"height":5,"background":"fog"}`, `background is "fog": expected blur, mirror, copy, or ` + forms},
		"negative extension":         {"extend", `{"top":-1}`, `top is -1: expected a whole number of pixels, 0 to 16383, or a share, "0%" to "1000%"`},
		"thick border":               {"border", `{"width":1001}`, `width is 1001: expected a whole number of pixels, 1 to 1000, or a share, "0.01%" to "1000%"`},
		"no ratio":                   {"aspect", `{}`, `aspect_ratio is missing: expected a number from 0.001 to 1000, or a text such as "16:9"`},
		"tolerance":                  {"trim", `{"tolerance":101}`, `tolerance is 101: expected a number from 0 to 100`},
		"padding":                    {"trim", `{"padding":-1}`, `padding is -1: expected a whole number of pixels, 0 to 16383`},
		"direction":                  {"flip", `{"direction":"h"}`, `direction is "h": expected one of horizontal, vertical, both`},
		"no orientation":             {"orient", `{}`, `orientation is missing: expected a whole number from 1 to 8`},
		"orientation":                {"orient", `{"orientation":9}`, `orientation is 9: expected a whole number from 1 to 8`},
		"radii": {
			"round", `{"radius":[1,2,3]}`,
			`radius is [1,2,3]: expected a whole number of pixels, a list of four (upper left, upper right, lower right, lower left), or "max"`,
		},
		"radius":    {"round", `{"radius":-1}`, `radius is -1: expected whole numbers of pixels, 0 to 16383`},
		"shape":     {"mask", `{"shape":"star"}`, `shape is "star": expected one of ellipse, circle`},
		"threshold": {"deskew", `{"threshold":40}`, `threshold is 40: expected a number from 0 to 1`},
		"zoom":      {"fill", `{"width":5,"height":5,"zoom":0.5}`, `zoom is 0.5: expected a number from 1 to 100`},
		"focus":     {"aspect", `{"aspect_ratio":1,"focus_x":1.1}`, `focus_x is 1.1: expected a number from 0 to 1`},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := parse(t, one(row.op, row.params)).Validate()
			if want := "recipe.steps[0].params." + row.want; err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestRadii_AreWrittenAsTheyAreRead(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`"max"`, `7`, `[1,2,3,4]`} {
		var r recipe.Radii
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(r); err != nil || string(got) != text {
			t.Errorf("got %s and %v, want %s", got, err, text)
		}
	}
}
