package recipe_test

import (
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

func TestMakePlan(t *testing.T) {
	t.Parallel()
	const single, several = recipe.Sequential, recipe.Random
	rows := map[string]struct {
		recipe string
		want   recipe.Plan
	}{
		"fit by 15":                 {one("fit", `{"width":400}`), recipe.Plan{Shrink: 8, Access: single}},
		"fit by exactly 4":          {one("fit", `{"width":1500}`), recipe.Plan{Shrink: 4, Access: single}},
		"fit by 3.75":               {one("fit", `{"width":1600}`), recipe.Plan{Shrink: 2, Access: single}},
		"fit by 1.9":                {one("fit", `{"width":3100}`), recipe.Plan{Shrink: 1, Access: single}},
		"enlarged":                  {one("resize", `{"width":9000}`), recipe.Plan{Shrink: 1, Access: single}},
		"squeezed in one direction": {one("resize", `{"width":100,"height":3000}`), recipe.Plan{Shrink: 1, Access: single}},
		"fill by its larger edge":   {one("fill", `{"width":100,"height":1000}`), recipe.Plan{Shrink: 4, Access: single}},
		"crop counts pixels":        {one("crop", `{"width":100,"height":100}`), recipe.Plan{Shrink: 1, Access: single}},
		"blur counts pixels":        {one("blur", `{"sigma":3}`), recipe.Plan{Shrink: 1, Access: single}},
		"pad by 15":                 {one("pad", `{"width":400,"height":900}`), recipe.Plan{Shrink: 8, Access: single}},
		"pad of the picture as is":  {one("pad", `{"width":9000,"height":9000,"enlarge":false}`), recipe.Plan{Shrink: 1, Access: single}},
		"trim counts pixels":        {one("trim", `{}`), recipe.Plan{Shrink: 1, Access: single}},
		"limit by 15":               {one("limit", `{"width":400}`), recipe.Plan{Shrink: 8, Access: single}},
		"limit that does nothing":   {one("limit", `{"width":9000}`), recipe.Plan{Shrink: 1, Access: single}},
		"fill, twice as close":      {one("fill", `{"width":300,"height":200,"zoom":2}`), recipe.Plan{Shrink: 8, Access: single}},
		"fill, too close":           {one("fill", `{"width":300,"height":200,"zoom":40}`), recipe.Plan{Shrink: 1, Access: single}},
		"crop, closer":              {one("crop", `{"width":300,"height":200,"zoom":2}`), recipe.Plan{Shrink: 1, Access: single}},
		"gray, then fit": {
			`{"steps":[{"op":"grayscale","steps":[{"op":"fit","params":{"width":400},"save":{"id":"a"}}]}]}`,
			recipe.Plan{Shrink: 8, Access: single},
		},
		"turned, then fit": {
			`{"steps":[{"op":"rotate","params":{"degrees":90},"steps":[{"op":"fit","params":{"width":1000},"save":{"id":"a"}}]}]}`,
			recipe.Plan{Shrink: 4, Access: single},
		},
		"flipped, then fit": {
			`{"steps":[{"op":"orient","params":{"orientation":5},"steps":[{"op":"fit","params":{"width":1000},"save":{"id":"a"}}]}]}`,
			recipe.Plan{Shrink: 4, Access: single},
		},
		"rounded, then fit": {
			`{"steps":[{"op":"round","params":{"radius":9},"steps":[{"op":"fit","params":{"width":1000},"save":{"id":"a"}}]}]}`,
			recipe.Plan{Shrink: 1, Access: single},
		},
		"gray is saved too": {
			`{"steps":[{"op":"grayscale","save":{"id":"b"},"steps":[{"op":"fit","params":{"width":400},"save":{"id":"a"}}]}]}`,
			recipe.Plan{Shrink: 1, Access: several},
		},
		"largest branch decides": {
			`{"steps":[{"op":"fit","params":{"width":400},"save":{"id":"a"}},{"op":"fit","params":{"width":2000},"save":{"id":"b"}}]}`,
			recipe.Plan{Shrink: 2, Access: several},
		},
		"branch without output does not count": {
			`{"steps":[{"op":"fit","params":{"width":400},"save":{"id":"a"}},{"op":"blur"}]}`,
			recipe.Plan{Shrink: 8, Access: single},
		},
		"branch that fails does not count": {`{"steps":[{"op":"fit","params":{"width":400},"save":{"id":"a"}},
			{"op":"crop","params":{"x":9000,"width":1,"height":1},"save":{"id":"b"}}]}`, recipe.Plan{Shrink: 8, Access: several}},
		"nothing but a failure": {one("crop", `{"x":9000,"width":1,"height":1}`), recipe.Plan{Shrink: 1, Access: single}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			picture := recipe.Picture{Size: recipe.Size{Width: 6000, Height: 4000}, Format: recipe.JPEG, Frames: 1}
			r := parse(t, row.recipe)
			if diff := cmp.Diff(row.want, recipe.MakePlan(r, picture)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			picture.Format = recipe.PNG
			if got := recipe.MakePlan(r, picture).Shrink; got != 1 {
				t.Errorf("shrink of a PNG is %d, want 1", got)
			}
		})
	}
}

func TestStep_Apply(t *testing.T) {
	t.Parallel()
	size := func(w, h int) recipe.Size { return recipe.Size{Width: w, Height: h} }
	rows := map[string]struct {
		op, params string
		in, want   recipe.Size
		actions    []recipe.Action
	}{
		"same size is no work":       {"resize", `{"width":600}`, size(600, 400), size(600, 400), nil},
		"never below a pixel":        {"resize", `{"width":1}`, size(600, 4), size(1, 1), []recipe.Action{recipe.Scale{Size: size(1, 1)}}},
		"fit leaves the small alone": {"fit", `{"width":900,"height":900}`, size(600, 400), size(600, 400), nil},
		"fit within both": {
			"fit", `{"width":300,"height":100}`, size(600, 400), size(150, 100),
			[]recipe.Action{recipe.Scale{Size: size(150, 100)}},
		},
		"fill of the same ratio needs no cut": {
			"fill", `{"width":60,"height":40}`, size(600, 400), size(60, 40),
			[]recipe.Action{recipe.Scale{Size: size(60, 40)}},
		},
		"fill cuts": {
			"fill", `{"width":40,"height":40,"gravity":"east"}`, size(600, 400), size(40, 40),
			[]recipe.Action{recipe.Scale{Size: size(60, 40)}, recipe.Crop{X: 20, Size: size(40, 40)}},
		},
		"fill looks": {
			"fill", `{"width":40,"height":40,"gravity":"entropy"}`, size(600, 400), size(40, 40),
			[]recipe.Action{recipe.Scale{Size: size(60, 40)}, recipe.SmartCrop{Size: size(40, 40), By: recipe.Entropy}},
		},
		"fill without growth": {
			"fill", `{"width":1000,"height":100,"enlarge":false}`, size(600, 400), size(600, 100),
			[]recipe.Action{recipe.Crop{Y: 150, Size: size(600, 100)}},
		},
		"crop of all is no work": {"crop", `{"x":-10,"y":-10,"width":999,"height":999}`, size(600, 400), size(600, 400), nil},
		"crop is clamped": {
			"crop", `{"x":590,"width":100,"height":50}`, size(600, 400), size(10, 50),
			[]recipe.Action{recipe.Crop{X: 590, Size: size(10, 50)}},
		},
		"crop inwards from the south east": {
			"crop", `{"gravity":"south_east","x":10,"y":"5%","width":50,"height":60}`, size(600, 400), size(50, 60),
			[]recipe.Action{recipe.Crop{X: 540, Y: 320, Size: size(50, 60)}},
		},
		"crop around a point": {
			"crop", `{"focus_x":0.9,"width":200,"height":100}`, size(600, 400), size(200, 100),
			[]recipe.Action{recipe.Crop{X: 400, Y: 150, Size: size(200, 100)}},
		},
		"crop of a share": {
			"crop", `{"width":"50%","height":"25%"}`, size(600, 400), size(300, 100),
			[]recipe.Action{recipe.Crop{X: 150, Y: 150, Size: size(300, 100)}},
		},
		"crop closer": {
			"crop", `{"width":300,"height":200,"zoom":2}`, size(600, 400), size(300, 200),
			[]recipe.Action{recipe.Crop{X: 225, Y: 150, Size: size(150, 100)}, recipe.Scale{Size: size(300, 200)}},
		},
		"fit that only grows": {"fit", `{"width":100,"enlarge":true,"shrink":false}`, size(600, 400), size(600, 400), nil},
		"fit for a dense screen": {
			"fit", `{"width":100,"dpr":2}`, size(600, 400), size(200, 133),
			[]recipe.Action{recipe.Scale{Size: size(200, 133)}},
		},
		"fit of a ratio": {
			"fit", `{"height":100,"aspect_ratio":"1:1"}`, size(600, 400), size(100, 67),
			[]recipe.Action{recipe.Scale{Size: size(100, 67)}},
		},
		"limit leaves the small alone": {"limit", `{"width":"150%"}`, size(600, 400), size(600, 400), nil},
		"limit":                        {"limit", `{"width":"50%"}`, size(600, 400), size(300, 200), []recipe.Action{recipe.Scale{Size: size(300, 200)}}},
		"resize to a ratio": {
			"resize", `{"width":300,"aspect_ratio":1}`, size(600, 400), size(300, 300),
			[]recipe.Action{recipe.Scale{Size: size(300, 300)}},
		},
		"fill of a wide ratio keeps the width": {
			"fill", `{"aspect_ratio":2}`, size(600, 400), size(600, 300),
			[]recipe.Action{recipe.Crop{Y: 50, Size: size(600, 300)}},
		},
		"fill of a high ratio keeps the height": {
			"fill", `{"aspect_ratio":0.5}`, size(600, 400), size(200, 400),
			[]recipe.Action{recipe.Crop{X: 200, Size: size(200, 400)}},
		},
		"fill never shrinking cuts": {
			"fill", `{"width":40,"height":40,"shrink":false}`, size(600, 400), size(40, 40),
			[]recipe.Action{recipe.Crop{X: 280, Y: 180, Size: size(40, 40)}},
		},
		"fill off centre": {
			"fill", `{"width":40,"height":40,"x":-5}`, size(600, 400), size(40, 40),
			[]recipe.Action{recipe.Scale{Size: size(60, 40)}, recipe.Crop{X: 5, Size: size(40, 40)}},
		},
		"fill off the picture stops at its edge": {
			"fill", `{"width":40,"height":40,"gravity":"east","x":500}`, size(600, 400), size(40, 40),
			[]recipe.Action{recipe.Scale{Size: size(60, 40)}, recipe.Crop{Size: size(40, 40)}},
		},
		"fill closer still shrinks": {
			"fill", `{"width":60,"height":40,"zoom":2,"focus_x":0.25}`, size(600, 400), size(60, 40),
			[]recipe.Action{recipe.Scale{Size: size(120, 80)}, recipe.Crop{Y: 20, Size: size(60, 40)}},
		},
		"fill very close cuts first": {
			"fill", `{"width":60,"height":40,"zoom":100}`, size(600, 400), size(60, 40),
			[]recipe.Action{recipe.Crop{X: 297, Y: 198, Size: size(6, 4)}, recipe.Scale{Size: size(60, 40)}},
		},
		"fill close without growth": {
			"fill", `{"width":600,"height":40,"zoom":100,"enlarge":false}`, size(600, 400), size(600, 40),
			[]recipe.Action{recipe.Crop{Y: 180, Size: size(600, 40)}},
		},
		"fill with faces looks for attention": {
			"fill", `{"width":40,"height":40,"gravity":"faces"}`, size(600, 400), size(40, 40),
			[]recipe.Action{recipe.Scale{Size: size(60, 40)}, recipe.SmartCrop{Size: size(40, 40), By: recipe.Attention}},
		},
		"rotate by 360":   {"rotate", `{"degrees":360}`, size(600, 400), size(600, 400), nil},
		"rotate by -90":   {"rotate", `{"degrees":-90}`, size(600, 400), size(400, 600), []recipe.Action{recipe.Turn{Quarters: 3}}},
		"sepia of none":   {"sepia", `{"strength":0}`, size(600, 400), size(600, 400), nil},
		"default of blur": {"blur", `{}`, size(600, 400), size(600, 400), []recipe.Action{recipe.Blur{Sigma: 1.5}}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			actions, got, err := recipe.Step{Op: row.op, Params: []byte(row.params)}.Apply(row.in)
			if err != nil || got != row.want {
				t.Errorf("got %v and %v, want %v", got, err, row.want)
			}
			if diff := cmp.Diff(row.actions, actions, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStep_ApplyFails(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		step recipe.Step
		code recipe.Code
	}{
		"outside":       {recipe.Step{Op: "crop", Params: []byte(`{"x":600,"width":5,"height":5}`)}, recipe.CropOutside},
		"tall by ratio": {recipe.Step{Op: "resize", Params: []byte(`{"height":16383}`)}, recipe.OutputTooLarge},
		"invalid":       {recipe.Step{Op: "fit", Params: []byte(`{}`)}, recipe.InvalidParams},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := row.step.Apply(recipe.Size{Width: 600, Height: 400})
			if fault, _ := errors.AsType[*recipe.Error](err); fault == nil || fault.Code != row.code {
				t.Errorf("got error %v, want code %s", err, row.code)
			}
		})
	}
}

func TestCheckSource(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		size   recipe.Size
		frames int
		ok     bool
	}{
		"a large camera":            {recipe.Size{Width: 12_000, Height: 8_000}, 1, true},
		"over 100 megapixels":       {recipe.Size{Width: 12_000, Height: 9_000}, 1, false},
		"a product beyond 32 bit":   {recipe.Size{Width: 65_536, Height: 65_536}, 1, false},
		"a long animation":          {recipe.Size{Width: 100, Height: 100}, 500, true},
		"too long an animation":     {recipe.Size{Width: 1, Height: 1}, 501, false},
		"frames over 50 megapixels": {recipe.Size{Width: 1000, Height: 1000}, 51, false},
		"no pixels":                 {recipe.Size{}, 1, false},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := recipe.DefaultLimits().CheckSource(row.size, row.frames)
			if _, own := errors.AsType[*recipe.Error](err); (err == nil) != row.ok || err != nil && !own {
				t.Errorf("got %v, want ok=%t", err, row.ok)
			}
		})
	}
}
