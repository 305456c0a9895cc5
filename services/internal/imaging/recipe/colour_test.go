package recipe_test

import (
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

func TestParseColour(t *testing.T) {
	t.Parallel()
	rows := map[string]recipe.Colour{
		"white":         {255, 255, 255, 255},
		"DarkSlateGrey": {47, 79, 79, 255},
		"rebeccapurple": {102, 51, 153, 255},
		"transparent":   {},
		"#0f8":          {0, 255, 136, 255},
		"#0F88":         {0, 255, 136, 136},
		"#010203":       {1, 2, 3, 255},
		"#01020304":     {1, 2, 3, 4},
	}
	for text, want := range rows {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if got, err := recipe.ParseColour(text); err != nil || got != want {
				t.Errorf("got %v and %v, want %v", got, err, want)
			}
		})
	}
	for _, text := range []string{"", "#", "#12", "#12345", "#1234567", "#ggg", "#+12", "fff", "mauve", "rgb:fff", "#é1"} {
		t.Run("not "+text, func(t *testing.T) {
			t.Parallel()
			if got, err := recipe.ParseColour(text); err == nil {
				t.Errorf("got %v, want an error", got)
			}
		})
	}
}
