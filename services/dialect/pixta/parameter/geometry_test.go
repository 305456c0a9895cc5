package parameter_test

import (
	"fmt"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// TestSizes is what becomes of a picture of 900 × 600 pixels, or of a small one of 300 × 200: the size, worked out by
// hand from what the documents say.
func TestSizes(t *testing.T) {
	t.Parallel()
	large, small := recipe.Size{Width: 900, Height: 600}, recipe.Size{Width: 300, Height: 200}
	for _, row := range []struct {
		name, query string
		in          recipe.Size
		want        string
	}{
		{"nothing keeps it", "", large, "900x600"},
		{"width alone", "w=300", large, "300x200"},
		{"height alone", "h=300", large, "450x300"},
		{"share of the source", "w=0.5", large, "450x300"},
		{"one is all of it", "w=1", large, "900x600"},
		{"clip is inside", "w=100&h=100", large, "100x67"},
		{"clip grows", "w=600&h=600", small, "600x400"},
		{"the seed's own", "w=1600&h=1600", large, "1600x1067"},
		{"max does not grow", "w=600&h=600&fit=max", small, "300x200"},
		{"max shrinks", "w=600&h=600&fit=max", large, "600x400"},
		{"crop is exact", "w=400&h=400&fit=crop", large, "400x400"},
		{"crop grows", "w=400&h=400&fit=crop", small, "400x400"},
		{"crop with one edge clips", "w=300&fit=crop", large, "300x200"},
		{"crop with a ratio", "w=280&ar=2:1&fit=crop", large, "280x140"},
		{"crop with a ratio alone", "ar=9:1&fit=crop", large, "900x100"},
		{"a ratio beside both edges says nothing", "w=100&h=100&ar=2:1&fit=crop", large, "100x100"},
		{"a ratio needs crop or fill", "w=300&ar=2:1", large, "300x200"},
		{"scale stretches", "w=100&h=300&fit=scale", large, "100x300"},
		{"fill is exact", "w=400&h=300&fit=fill&fill=4bcffa", large, "400x300"},
		{"fill grows", "w=400&h=400&fit=fill", small, "400x400"},
		{"fillmax is exact", "w=400&h=400&fit=fillmax", small, "400x400"},
		{"fillmax with one edge is max", "w=400&fit=fillmax", small, "300x200"},
		{"clamp is exact", "w=400&h=400&fit=clamp", large, "400x400"},
		{"min keeps the ratio", "w=600&h=600&fit=min", small, "200x200"},
		{"min shrinks", "w=100&h=100&fit=min", small, "100x100"},
		{"facearea falls back", "w=400&h=400&fit=facearea,crop", large, "400x400"},
		{"most of an open edge", "h=300&max-w=200&fit=crop", large, "200x300"},
		{"most that is not reached", "h=300&max-w=800&fit=crop", large, "450x300"},
		{"least of an open edge", "h=100&min-w=300&fit=crop", large, "300x100"},
		{"least that is reached", "h=300&min-w=200&fit=crop", large, "450x300"},
		{"bounds of an edge that is given", "w=500&h=100&max-w=200&fit=crop", large, "200x100"},
		{"most without edges", "max-w=200&fit=crop", large, "200x600"},
		{"least without edges", "min-w=600&fit=crop", small, "600x400"},
		{"screens of two pixels", "w=100&h=50&dpr=2&fit=crop", large, "200x100"},
		{"screens without a size", "dpr=2", large, "900x600"},
		{"too large is made smaller", "w=9000&h=300&fit=scale", large, "8192x300"},
		{"too large with a screen", "w=5000&h=1000&dpr=5&fit=scale", small, "8192x1638"},
		{"part", "rect=10,20,200,100", large, "200x100"},
		{"part by words and shares", "rect=right,middle,0.5,0.5", large, "450x300"},
		{"part that sticks out", "rect=800,0,200,100", large, "100x100"},
		{"part, then size", "rect=0,0,300,300&w=100", large, "100x100"},
		{"quarter turn", "rot=90", large, "600x900"},
		{"quarter turn by orient", "orient=6", large, "600x900"},
		{"orient in degrees", "orient=180", large, "900x600"},
		{"mirrored", "flip=hv", large, "900x600"},
		{"pads are within", "w=300&h=300&fit=crop&pad=20", large, "300x300"},
		{"pads of sides", "pad-top=20&pad-left=5", large, "905x620"},
		{"border", "border=10,red", large, "920x620"},
		{"border of sides", "border=10,red&border-top=30", large, "920x640"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			made, err := translate(t, row.query)
			if err != nil {
				t.Fatal(err)
			}
			if got := sizeAfter(t, made.Recipe, row.in); got != row.want {
				t.Errorf("%s: got %s, want %s", row.query, got, row.want)
			}
		})
	}
}

// sizeAfter is the size that the steps say their picture has in the end.
func sizeAfter(t *testing.T, r recipe.Recipe, size recipe.Size) string {
	t.Helper()
	for steps := r.Steps; len(steps) > 0; steps = steps[0].Steps {
		if steps[0].Op == "" {
			continue
		}
		op, err := steps[0].Operation()
		if err != nil {
			t.Fatal(err)
		}
		actions, err := op.Actions(size)
		if err != nil {
			t.Fatal(err)
		}
		for _, action := range actions {
			size = action.Result(size)
		}
	}
	return fmt.Sprintf("%dx%d", size.Width, size.Height)
}
