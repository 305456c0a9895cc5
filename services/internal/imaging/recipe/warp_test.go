package recipe_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

func TestWarp_Size(t *testing.T) {
	t.Parallel()
	in := recipe.Size{Width: 100, Height: 50}
	rows := map[string]struct {
		op, params string
		want       recipe.Size
	}{
		"sheared across": {"shear", `{"x":45}`, recipe.Size{Width: 150, Height: 50}},
		"sheared back":   {"shear", `{"x":-45}`, recipe.Size{Width: 150, Height: 50}},
		"sheared down":   {"shear", `{"y":45}`, recipe.Size{Width: 100, Height: 150}},
		"sheared both":   {"shear", `{"x":45,"y":45}`, recipe.Size{Width: 150, Height: 200}},
		"not sheared":    {"shear", `{}`, in},
		"smaller":        {"distort", `{"top_left_x":10,"top_left_y":10,"top_right_x":"80%","top_right_y":10,"bottom_right_x":"80%","bottom_left_x":10}`, recipe.Size{Width: 70, Height: 40}},
		"outwards":       {"distort", `{"top_left_x":-30,"bottom_right_y":"200%"}`, recipe.Size{Width: 130, Height: 100}},
		"mirrored":       {"distort", `{"top_left_x":100,"top_right_x":0,"bottom_right_x":0,"bottom_left_x":100}`, in},
		"not distorted":  {"distort", `{}`, in},
	}
	for name, row := range rows {
		_, got, err := recipe.Step{Op: row.op, Params: json.RawMessage(row.params)}.Apply(in)
		if err != nil || got != row.want {
			t.Errorf("%s: %v, %v, want %v", name, got, err, row.want)
		}
	}
}

func TestDistort_RefusesWhatNoPrintCanBe(t *testing.T) {
	t.Parallel()
	for name, params := range map[string]string{
		"crossed":  `{"top_left_x":"100%","top_right_x":0}`,
		"dented":   `{"top_left_x":"80%","top_left_y":"80%"}`,
		"a line":   `{"top_left_y":"100%","top_right_y":"100%"}`,
		"a corner": `{"top_left_x":"100%"}`,
	} {
		_, _, err := recipe.Step{Op: "distort", Params: json.RawMessage(params)}.Apply(recipe.Size{Width: 100, Height: 50})
		if refused, ok := errors.AsType[*recipe.Error](err); !ok || refused.Code != recipe.InvalidParams {
			t.Errorf("%s: %v, want it refused", name, err)
		}
	}
}

func TestFade_Factors(t *testing.T) {
	t.Parallel()
	fade := recipe.Fade{Left: 2, Bottom: 4, Steepness: 2}
	if diff := cmp.Diff([]float64{0.0625, 0.5625, 1, 1}, fade.Across(4)); diff != "" {
		t.Errorf("across (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]float64{1, 0.765625, 0.390625, 0.140625, 0.015625}, fade.Down(5)); diff != "" {
		t.Errorf("down (-want +got):\n%s", diff)
	}
}
