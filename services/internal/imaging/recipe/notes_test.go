package recipe_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRecipe_Notes(t *testing.T) {
	t.Parallel()
	r := parse(t, `{"steps":[
		{"op":"blur","steps":[{"op":"fill","params":{"width":5,"height":5,"gravity":"faces"},"save":{"id":"a"}}]},
		{"op":"fill","params":{"width":5,"height":5,"gravity":"attention"}},
		{"op":"crop","params":{"width":5,"height":5,"gravity":"faces"}},
		{"op":"fill","params":{"gravity":"faces"}}]}`)
	want := []string{
		"recipe.steps[0].steps[0]: there is no detector of faces here: gravity attention was used instead",
		"recipe.steps[2]: there is no detector of faces here: gravity attention was used instead",
	}
	if diff := cmp.Diff(want, r.Notes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
