package recipe_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// TestGeometry_BoxesFit asks for many boxes of many pictures: what is cut lies within its picture, what is extended
// around it, and the size comes out as promised.
func TestGeometry_BoxesFit(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(1, 2)) // the same every time
	length := func(low int) string {
		if dice.IntN(3) == 0 {
			return fmt.Sprintf(`"%.3f%%"`, dice.Float64()*300+0.01)
		}
		return fmt.Sprint(low + dice.IntN(1500))
	}
	pick := func(texts ...string) string { return texts[dice.IntN(len(texts))] }
	for range 20_000 {
		in := recipe.Size{Width: 1 + dice.IntN(1000)>>dice.IntN(10), Height: 1 + dice.IntN(1000)>>dice.IntN(10)}
		box := pick(fmt.Sprintf(`"width":%s,"height":%s`, length(1), length(1)), fmt.Sprintf(`"width":%s,"aspect_ratio":%g`, length(1), 0.1+dice.Float64()*9)) + pick(``, `,"dpr":1.5`)
		place := pick(``, `,"gravity":"attention"`, fmt.Sprintf(`,"focus_x":%g`, dice.Float64()),
			fmt.Sprintf(`,"gravity":"%s","x":%s,"y":%s`, recipe.Gravities[dice.IntN(9)], length(-700), length(-700)))
		zoom := pick(``, fmt.Sprintf(`,"zoom":%g`, 1+dice.Float64()*dice.Float64()*99))
		op, params := pick("fill", "crop"), "{"+box+place+zoom+"}"
		if dice.IntN(3) == 0 {
			op, params = "pad", "{"+box+fmt.Sprintf(`,"gravity":"%s","x":%s,"y":%s}`, recipe.Gravities[dice.IntN(9)], length(-700), length(-700))
		}
		if err := parse(t, one(op, params)).Validate(); err != nil {
			t.Fatal(err)
		}
		actions, out, err := recipe.Step{Op: op, Params: []byte(params)}.Apply(in)
		if err != nil {
			continue // too large, or outside
		}
		checkBoxes(t, fmt.Sprintf("%s %s of %v", op, params, in), actions, in)
		if whole, _, err := (recipe.Step{Op: "resize", Params: []byte("{" + box + "}")}).Apply(in); op != "crop" && err == nil && len(whole) == 1 {
			if want := whole[0].Result(in); out != want {
				t.Errorf("%s %s of %v is %v, want %v", op, params, in, out, want)
			}
		}
	}
}

func checkBoxes(t *testing.T, what string, actions []recipe.Action, in recipe.Size) {
	t.Helper()
	for _, action := range actions {
		switch a := action.(type) {
		case recipe.Crop:
			if a.X < 0 || a.Y < 0 || a.Width < 1 || a.Height < 1 || a.X+a.Width > in.Width || a.Y+a.Height > in.Height {
				t.Errorf("%s: %+v is not within %v", what, a, in)
			}
		case recipe.SmartCrop:
			if a.Width < 1 || a.Height < 1 || a.Width > in.Width || a.Height > in.Height {
				t.Errorf("%s: %+v is not within %v", what, a, in)
			}
		case recipe.Extend:
			if a.X < 0 || a.Y < 0 || a.X+in.Width > a.Width || a.Y+in.Height > a.Height {
				t.Errorf("%s: %+v is not around %v", what, a, in)
			}
		}
		in = action.Result(in)
	}
}
