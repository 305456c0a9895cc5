package recipe_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// parse reads a recipe.
func parse(t *testing.T, text string) recipe.Recipe {
	t.Helper()
	var r recipe.Recipe
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// one is a recipe of one saved step.
func one(op, params string) string {
	return fmt.Sprintf(`{"steps":[{"op":%q,"params":%s,"save":{"id":"a"}}]}`, op, params)
}

func TestRecipe_Validate(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		recipe string
		want   []string // the errors, word for word
	}{
		"design's example": {`{"steps":[
			{"op":"fit","params":{"width":1600,"height":1200},"save":{"id":"large","format":"webp","quality":82},
			 "steps":[{"op":"grayscale","save":{"id":"gray"}}]},
			{"op":"fill","params":{"width":150,"height":100,"gravity":"attention"},"save":{"id":"thumb"}}]}`, nil},
		"command lines": {`{"steps":[{"op":"script","save":{"id":"a"}}]}`, []string{`recipe.steps[0].op is "script": expected an operation: libvips makes the pictures here, and scripts cannot be run`}},
		"every operation": {`{"steps":[{"save":{"id":"a"}},{"op":"resize","params":{"scale":0.5}},{"op":"crop","params":
			{"x":-5,"y":3,"width":1,"height":1}},{"op":"rotate","params":{"degrees":-12.5,"background":"#fff"}},
			{"op":"blur"},{"op":"sharpen","params":null},{"op":"sepia","params":{"strength":0}},{"op":"grayscale","params":{}}]}`, nil},
		"no steps":          {`{}`, []string{`recipe.steps is missing: expected at least one step`}},
		"no output":         {`{"steps":[{"op":"blur"}]}`, []string{`recipe.steps is missing: expected a save on at least one step: without it nothing is made`}},
		"unknown operation": {one("shrink", "{}"), []string{`recipe.steps[0].op is "shrink": expected one of ` + known()}},
		"params without op": {one("", `{"width":1}`), []string{`recipe.steps[0].op is "": expected the name of the operation that the params are for`}},
		"params no object":  {one("fit", `[1]`), []string{`recipe.steps[0].params is [1]: expected an object with the parameters of fit`}},
		"unknown params, in order": {one("fit", `{"width":1,"wdth":2,"foo":null}`), []string{
			`recipe.steps[0].params.foo is null: expected a parameter of fit: width, height, aspect_ratio, dpr, enlarge, shrink, cover`,
			`recipe.steps[0].params.wdth is 2: expected a parameter of fit: width, height, aspect_ratio, dpr, enlarge, shrink, cover`,
		}},
		"param of none": {one("grayscale", `{"x":1}`), []string{`recipe.steps[0].params.x is 1: expected no parameters: grayscale takes none`}},
		"wrong types": {one("fill", `{"width":"100","height":1.5,"gravity":7,"enlarge":"yes"}`), []string{
			`recipe.steps[0].params.width is "100": expected a whole number of pixels, or a share such as "50%"`,
			`recipe.steps[0].params.height is 1.5: expected a whole number of pixels, or a share such as "50%"`,
			`recipe.steps[0].params.gravity is 7: expected a text`,
			`recipe.steps[0].params.enlarge is "yes": expected true or false`,
		}},
		"out of range": {one("fit", `{"width":0,"height":16384}`), []string{
			`recipe.steps[0].params.width is 0: expected a whole number of pixels, 1 to 16383, or a share, "0.01%" to "1000%"`,
			`recipe.steps[0].params.height is 16384: expected a whole number of pixels, 1 to 16383, or a share, "0.01%" to "1000%"`,
		}},
		"sigma":           {one("blur", `{"sigma":251}`), []string{`recipe.steps[0].params.sigma is 251: expected a number from 0.3 to 250`}},
		"strength":        {one("sepia", `{"strength":-1}`), []string{`recipe.steps[0].params.strength is -1: expected a number from 0 to 1`}},
		"nothing to fit":  {one("fit", `{}`), []string{`recipe.steps[0].params.width is missing: expected width, height or both, or an aspect_ratio`}},
		"half a box":      {one("fill", `{"width":5}`), []string{`recipe.steps[0].params.height is missing: expected a whole number of pixels, 1 to 16383, a share such as "50%", or an aspect_ratio instead`}},
		"scale and width": {one("resize", `{"scale":1,"width":5}`), []string{`recipe.steps[0].params.scale is 1: expected either scale, or width, height and aspect_ratio`}},
		"no angle":        {one("rotate", `{}`), []string{`recipe.steps[0].params.degrees is missing: expected a number from -360 to 360`}},
		"colour":          {one("rotate", `{"degrees":1,"background":"mauve"}`), []string{`recipe.steps[0].params.background is "mauve": expected a colour: a CSS name such as white, #rgb, #rgba, #rrggbb or #rrggbbaa`}},
		"gravity": {one("fill", `{"width":5,"height":5,"gravity":"up"}`), []string{`recipe.steps[0].params.gravity is "up": expected one of ` +
			`north_west, north, north_east, west, center, east, south_west, south, south_east, attention, entropy, faces`}},
		"corner and gravity":   {one("crop", `{"x":0,"width":5,"height":5,"gravity":"north"}`), nil},
		"offset and attention": {one("crop", `{"x":0,"width":5,"height":5,"gravity":"attention"}`), []string{`recipe.steps[0].params.x is 0: expected no offset from gravity attention, which finds its own place`}},
		"focus and gravity": {one("fill", `{"focus_x":0.1,"y":"1%","aspect_ratio":1,"gravity":"north"}`), []string{
			`recipe.steps[0].params.gravity is "north": expected either a gravity, or focus_x and focus_y`,
			`recipe.steps[0].params.y is "1%": expected either x and y, or focus_x and focus_y`,
		}},
		"shares": {one("fill", `{"width":"0%","height":"1001%","x":"-1000.5%","y":"-50%"}`), []string{
			`recipe.steps[0].params.width is "0%": expected a whole number of pixels, 1 to 16383, or a share, "0.01%" to "1000%"`,
			`recipe.steps[0].params.height is "1001%": expected a whole number of pixels, 1 to 16383, or a share, "0.01%" to "1000%"`,
			`recipe.steps[0].params.x is "-1000.5%": expected a whole number of pixels, -1000000 to 1000000, or a share, "-1000%" to "1000%"`,
		}},
		"no share": {one("fit", `{"width":"half","height":"%"}`), []string{
			`recipe.steps[0].params.width is "half": expected a whole number of pixels, or a share such as "50%"`,
			`recipe.steps[0].params.height is "%": expected a whole number of pixels, or a share such as "50%"`,
		}},
		"ratios": {`{"steps":[{"op":"fit","params":{"aspect_ratio":"16:9"},"save":{"id":"a"}},{"op":"fit","params":{"aspect_ratio":1.5}}]}`, nil},
		"no ratio": {`{"steps":[{"op":"fit","params":{"aspect_ratio":"16/9"},"save":{"id":"a"}},{"op":"fit","params":{"aspect_ratio":"1:0"}},
			{"op":"fit","params":{"aspect_ratio":0}},{"op":"fit","params":{"aspect_ratio":1,"width":1,"height":1,"dpr":11}}]}`, []string{
			`recipe.steps[0].params.aspect_ratio is "16/9": expected a ratio: a number, or a text such as "16:9"`,
			`recipe.steps[1].params.aspect_ratio is 2000: expected a ratio from 0.001 to 1000`,
			`recipe.steps[2].params.aspect_ratio is 0: expected a ratio from 0.001 to 1000`,
			`recipe.steps[3].params.aspect_ratio is 1: expected only one of width and height beside it`,
			`recipe.steps[3].params.dpr is 11: expected a number from 0.1 to 10`,
		}},
		"ids": {`{"steps":[{"save":{"id":"a"},"steps":[{"save":{"id":"a"}},{"save":{}}]}]}`, []string{
			`recipe.steps[0].steps[0].save.id is "a": expected an id of its own: recipe.steps[0].save has the same`,
			`recipe.steps[0].steps[1].save.id is missing: expected a name for the output`,
		}},
		"format":  {`{"steps":[{"save":{"id":"a","format":"bmp"}}]}`, []string{`recipe.steps[0].save.format is "bmp": expected one of jpeg, png, webp, avif, gif, tiff, jxl, pdf, or none to keep the source's`}},
		"quality": {`{"steps":[{"save":{"id":"a","quality":101}}]}`, []string{`recipe.steps[0].save.quality is 101: expected a whole number from 1 to 100`}},
		"too deep": {nested(recipe.MaxDepth + 1), []string{
			`recipe` + strings.Repeat(".steps[0]", recipe.MaxDepth) + `.steps is 33: expected steps nested at most 32 deep`,
		}},
		"deep":             {nested(recipe.MaxDepth), nil},
		"too many outputs": {many(101, `"save":{"id":"%d"}`), []string{`recipe.steps is 101: expected at most 100 outputs in all`}},
		"many outputs":     {many(100, `"save":{"id":"%d"}`), nil},
		"too many steps":   {many(201, `"save":{"id":"%d"}`), []string{`recipe.steps is 201: expected at most 200 steps in all`, `recipe.steps is 201: expected at most 100 outputs in all`}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := parse(t, row.recipe).Validate()
			var got []string
			for _, e := range recipe.Problems(err) {
				got = append(got, e.Error())
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
			if (err == nil) != (row.want == nil) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// known lists every operation.
func known() string { return strings.Join(slices.Sorted(maps.Keys(recipe.Operations)), ", ") }

// nested is a chain of steps, the last one saved.
func nested(depth int) string {
	text := `{"save":{"id":"a"}}`
	for range depth - 1 {
		text = `{"steps":[` + text + `]}`
	}
	return `{"steps":[` + text + `]}`
}

// many is a row of steps.
func many(n int, format string) string {
	steps := make([]string, n)
	for i := range steps {
		steps[i] = "{" + fmt.Sprintf(format, i) + "}"
	}
	return `{"steps":[` + strings.Join(steps, ",") + `]}`
}

func TestRecipeError_CutsLongValues(t *testing.T) {
	t.Parallel()
	err := parse(t, one("fit", `{"width":"`+strings.Repeat("ä", 500)+`"}`)).Validate()
	if n := len(err.Error()); n > 200 {
		t.Errorf("the text has %d bytes, want at most 200", n)
	}
}

func TestNewStep_IsWhatAClientWouldWrite(t *testing.T) {
	t.Parallel()
	got, err := recipe.NewStep(&recipe.FillOp{
		Box: recipe.Box{Width: recipe.Pixels(5), Height: recipe.Share(0.07)}, Placement: recipe.Placement{Gravity: recipe.North},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := recipe.Step{Op: "fill", Params: []byte(`{"width":5,"height":"7%","gravity":"north"}`)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzRecipe(f *testing.F) {
	for name := range recipe.Operations {
		f.Add(one(name, `{}`), 90, 60)
	}
	for _, row := range [][2]string{
		{"fill", `{"width":5,"height":6}`},
		{"rotate", `{"degrees":33}`},
		{"rotate", `{"degrees":-45,"crop":true}`},
		{"crop", `{"width":"5%","height":6,"gravity":"south","x":-5,"zoom":3}`},
		{"pad", `{"aspect_ratio":"5:3","dpr":2,"background":"blur"}`},
		{"round", `{"radius":[1,2,3,4]}`},
		{"resize", `{"scale":0.001}`},
		{"resize", `{"width":"1000%"}`},
		{"fit", `{"aspect_ratio":1000}`},
		{"extend", `{"top":"100%","left":16383,"background":"mirror"}`},
		{"border", `{"width":1000}`},
		{"aspect", `{"aspect_ratio":"1:1000"}`},
		{"limit", `{"width":1}`},
		{"orient", `{"orientation":7}`},
		{"flip", `{"direction":"both"}`},
		{"mask", `{"shape":"circle"}`},
		{"trim", `{"tolerance":0,"padding":50}`},
		{"pixelate", `{"size":8,"x":-5,"y":90,"width":10,"height":10}`},
		{"blur", `{"sigma":250,"x":"50%","y":"50%","width":"50%","height":"50%"}`},
		{"overlay", `{"picture":"a","x":-90,"grow":true,"tile":true}`},
		{"text", `{"text":"<b>&</b>","width":5,"degrees":9,"outline":50,"padding":1000}`},
		{"append", `{"pictures":["a"],"vertical":true,"gap":1000}`},
		{"grid", `{"pictures":["a","b"],"width":16383,"height":16383,"gap":1000,"columns":100}`},
		{"sprite", `{"pictures":["a","b"],"layout":"packed","gap":9}`},
		{"animate", `{"pictures":["a"],"delay":10,"loop":65535}`},
		{"document", `{"pictures":["a"],"steps":[{"op":"crop","params":{"width":1,"height":1}}]}`},
		{"tint", `{"colors":["#123","#fff"],"equalize":true}`},
		{"levels", `{"black":"10%","white":1,"gamma":9}`},
		{"quantize", `{"colors":2}`},
	} {
		f.Add(one(row[0], row[1]), 100, 1)
		f.Add(one(row[0], row[1]), 1, 16383)
	}
	f.Add(`{"pages":"1,3-5,all","density":1200,"inspect":["exif"],"steps":[{"op":"fit","params":{"width":1},"steps":[{"op":"crop","params":{"width":1,"height":1},"save":{"id":"a"}}]}]}`, 9, 9)
	f.Fuzz(func(t *testing.T, text string, width, height int) {
		var r recipe.Recipe
		if json.Unmarshal([]byte(text), &r) != nil || r.Validate() != nil || width < 1 || height < 1 || width > 1e5 || height > 1e5 {
			return
		}
		in := recipe.Size{Width: width, Height: height}
		plan := recipe.MakePlan(r, recipe.Picture{Size: in, Format: recipe.JPEG, Frames: 1})
		if plan.Shrink < 1 || plan.Shrink > 8 {
			t.Errorf("shrink is %d", plan.Shrink)
		}
		if pages, err := r.PageList(7, recipe.DefaultLimits()); err == nil && slices.ContainsFunc(pages, func(n int) bool { return n < 1 || n > 7 }) {
			t.Errorf("pages are %v of 7", pages)
		}
		r.Pictures()
		applied(t, r.Steps, in)
	})
}

// applied fails when a step makes a picture of no pixels, or cuts out what is not there.
func applied(t *testing.T, steps []recipe.Step, in recipe.Size) {
	t.Helper()
	for _, step := range steps {
		actions, out, err := step.Apply(in)
		if err != nil {
			if _, own := errors.AsType[*recipe.Error](err); !own {
				t.Errorf("%s of %v fails with %v, which is no error of ours", step.Op, in, err)
			}
			continue
		}
		if out.Width < 1 || out.Height < 1 {
			t.Errorf("%s with %s of %v makes %v", step.Op, step.Params, in, out)
		}
		at := in
		for _, action := range actions {
			if crop, ok := action.(recipe.Crop); ok &&
				(crop.X < 0 || crop.Y < 0 || crop.Width < 1 || crop.Height < 1 || crop.X+crop.Width > at.Width || crop.Y+crop.Height > at.Height) {
				t.Errorf("%+v is not within %v", crop, at)
			}
			at = action.Result(at)
		}
		applied(t, step.Steps, out)
	}
}
