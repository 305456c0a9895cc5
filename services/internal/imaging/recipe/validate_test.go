package recipe_test

import (
	"encoding/json"
	"fmt"
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
		"every operation": {`{"steps":[{"save":{"id":"a"}},{"op":"resize","params":{"scale":0.5}},{"op":"crop","params":
			{"x":-5,"y":3,"width":1,"height":1}},{"op":"rotate","params":{"degrees":-12.5,"background":"#fff"}},
			{"op":"blur"},{"op":"sharpen","params":null},{"op":"sepia","params":{"strength":0}},{"op":"grayscale","params":{}}]}`, nil},
		"no steps":          {`{}`, []string{`recipe.steps is missing: expected at least one step`}},
		"no output":         {`{"steps":[{"op":"blur"}]}`, []string{`recipe.steps is missing: expected a save on at least one step: without it nothing is made`}},
		"unknown operation": {one("shrink", "{}"), []string{`recipe.steps[0].op is "shrink": expected one of blur, crop, fill, fit, grayscale, resize, rotate, sepia, sharpen`}},
		"params without op": {one("", `{"width":1}`), []string{`recipe.steps[0].op is "": expected the name of the operation that the params are for`}},
		"params no object":  {one("fit", `[1]`), []string{`recipe.steps[0].params is [1]: expected an object with the parameters of fit`}},
		"unknown params, in order": {one("fit", `{"width":1,"wdth":2,"foo":null}`), []string{
			`recipe.steps[0].params.foo is null: expected a parameter of fit: width, height, enlarge`,
			`recipe.steps[0].params.wdth is 2: expected a parameter of fit: width, height, enlarge`,
		}},
		"param of none": {one("grayscale", `{"x":1}`), []string{`recipe.steps[0].params.x is 1: expected no parameters: grayscale takes none`}},
		"wrong types": {one("fill", `{"width":"100","height":1.5,"gravity":7,"enlarge":"yes"}`), []string{
			`recipe.steps[0].params.width is "100": expected a whole number`,
			`recipe.steps[0].params.height is 1.5: expected a whole number`,
			`recipe.steps[0].params.gravity is 7: expected a text`,
			`recipe.steps[0].params.enlarge is "yes": expected true or false`,
		}},
		"out of range": {one("fit", `{"width":0,"height":16384}`), []string{
			`recipe.steps[0].params.width is 0: expected a whole number of pixels, 1 to 16383`,
			`recipe.steps[0].params.height is 16384: expected a whole number of pixels, 1 to 16383`,
		}},
		"sigma":           {one("blur", `{"sigma":251}`), []string{`recipe.steps[0].params.sigma is 251: expected a number from 0.3 to 250`}},
		"strength":        {one("sepia", `{"strength":-1}`), []string{`recipe.steps[0].params.strength is -1: expected a number from 0 to 1`}},
		"nothing to fit":  {one("fit", `{}`), []string{`recipe.steps[0].params.width is missing: expected width, height or both`}},
		"half a box":      {one("fill", `{"width":5}`), []string{`recipe.steps[0].params.height is missing: expected a whole number of pixels, 1 to 16383`}},
		"scale and width": {one("resize", `{"scale":1,"width":5}`), []string{`recipe.steps[0].params.scale is 1: expected either scale, or width and height`}},
		"no angle":        {one("rotate", `{}`), []string{`recipe.steps[0].params.degrees is missing: expected a number from -360 to 360`}},
		"colour":          {one("rotate", `{"degrees":1,"background":"mauve"}`), []string{`recipe.steps[0].params.background is "mauve": expected a colour: a CSS name such as white, #rgb, #rgba, #rrggbb or #rrggbbaa`}},
		"gravity": {one("fill", `{"width":5,"height":5,"gravity":"up"}`), []string{`recipe.steps[0].params.gravity is "up": expected one of ` +
			`north_west, north, north_east, west, center, east, south_west, south, south_east, attention, entropy`}},
		"corner and gravity": {one("crop", `{"x":0,"width":5,"height":5,"gravity":"north"}`), []string{`recipe.steps[0].params.gravity is "north": expected either a gravity, or x and y`}},
		"ids": {`{"steps":[{"save":{"id":"a"},"steps":[{"save":{"id":"a"}},{"save":{}}]}]}`, []string{
			`recipe.steps[0].steps[0].save.id is "a": expected an id of its own: recipe.steps[0].save has the same`,
			`recipe.steps[0].steps[1].save.id is missing: expected a name for the output`,
		}},
		"format":  {`{"steps":[{"save":{"id":"a","format":"bmp"}}]}`, []string{`recipe.steps[0].save.format is "bmp": expected one of jpeg, png, webp, avif, gif, or none to keep the source's`}},
		"quality": {`{"steps":[{"save":{"id":"a","quality":101}}]}`, []string{`recipe.steps[0].save.quality is 101: expected a whole number from 1 to 100`}},
		"too deep": {nested(recipe.MaxDepth + 1), []string{
			`recipe` + strings.Repeat(".steps[0]", recipe.MaxDepth) + `.steps is 17: expected steps nested at most 16 deep`,
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
	got, err := recipe.NewStep(&recipe.FillOp{Width: new(5), Height: new(6), Gravity: recipe.North}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := recipe.Step{Op: "fill", Params: []byte(`{"width":5,"height":6,"gravity":"north"}`)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzRecipe(f *testing.F) {
	f.Add(one("fill", `{"width":5,"height":6}`), 100, 100)
	f.Add(one("rotate", `{"degrees":33}`), 1, 16383)
	f.Fuzz(func(t *testing.T, text string, width, height int) {
		var r recipe.Recipe
		if json.Unmarshal([]byte(text), &r) != nil || r.Validate() != nil || width < 1 || height < 1 || width > 1e5 || height > 1e5 {
			return
		}
		plan := recipe.MakePlan(r, recipe.Picture{Size: recipe.Size{Width: width, Height: height}, Format: recipe.JPEG, Frames: 1})
		if plan.Shrink < 1 || plan.Shrink > 8 {
			t.Errorf("shrink is %d", plan.Shrink)
		}
	})
}
