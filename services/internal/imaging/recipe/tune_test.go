package recipe_test

import (
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// counted is a histogram of the values, each as often as it says.
func counted(of map[int]float64) (h recipe.Histogram) {
	for value, n := range of {
		h[value] = n
	}
	return h
}

// alike are three equal channels.
func alike(of map[int]float64) [3]recipe.Histogram {
	return [3]recipe.Histogram{counted(of), counted(of), counted(of)}
}

func TestTuners(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		by   recipe.Tuner
		seen [3]recipe.Histogram
		want map[int]uint8 // of red
	}{
		"stretch":                   {recipe.Stretch{}, alike(map[int]float64{50: 1, 100: 9, 150: 1}), map[int]uint8{50: 0, 100: 128, 150: 255}},
		"stretch clips shares":      {recipe.Stretch{Black: 0.1, White: 0.1}, alike(map[int]float64{0: 1, 100: 9, 150: 9, 255: 1}), map[int]uint8{100: 0, 125: 128, 150: 255}},
		"stretch of one value":      {recipe.Stretch{}, alike(map[int]float64{77: 5}), map[int]uint8{77: 77, 255: 255}},
		"stretch of nothing":        {recipe.Stretch{}, alike(nil), map[int]uint8{77: 77}},
		"stretch of all as one":     {recipe.Stretch{}, [3]recipe.Histogram{counted(map[int]float64{0: 1, 100: 1}), {}, counted(map[int]float64{200: 1})}, map[int]uint8{0: 0, 100: 128, 200: 255}},
		"stretch apart":             {recipe.Stretch{Apart: true}, [3]recipe.Histogram{counted(map[int]float64{0: 1, 100: 1}), {}, counted(map[int]float64{200: 1})}, map[int]uint8{0: 0, 100: 255}},
		"middle lightens":           {recipe.Middle{Limit: 9}, alike(map[int]float64{64: 1}), map[int]uint8{0: 0, 64: 128, 255: 255}},
		"middle has a limit":        {recipe.Middle{Limit: 1.25}, alike(map[int]float64{10: 1}), map[int]uint8{64: 84}},
		"middle of black":           {recipe.Middle{Limit: 9}, alike(map[int]float64{0: 1}), map[int]uint8{0: 0, 64: 64}},
		"middle of nothing":         {recipe.Middle{Limit: 9}, alike(nil), map[int]uint8{64: 64}},
		"equalize":                  {recipe.Equalize{}, alike(map[int]float64{10: 1, 20: 1, 90: 1}), map[int]uint8{10: 0, 20: 128, 90: 255}},
		"equalize keeps even":       {recipe.Equalize{}, alike(everyValue()), map[int]uint8{0: 0, 77: 77, 255: 255}},
		"equalize of one value":     {recipe.Equalize{}, alike(map[int]float64{77: 5}), map[int]uint8{77: 77}},
		"equalize of nothing":       {recipe.Equalize{}, alike(nil), map[int]uint8{77: 77}},
		"equalize by large numbers": {recipe.Equalize{}, alike(map[int]float64{10: 1e10, 20: 1e10, 90: 1e10}), map[int]uint8{20: 128}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			curve := row.by.Tune(row.seen)
			for value, want := range row.want {
				if got := curve.Red[value]; got != want {
					t.Errorf("%d becomes %d, want %d", value, got, want)
				}
			}
		})
	}
}

// everyValue has each value once.
func everyValue() map[int]float64 {
	all := map[int]float64{}
	for value := range 256 {
		all[value] = 1
	}
	return all
}
