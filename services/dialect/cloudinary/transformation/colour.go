package transformation

import (
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// parseColour reads a CSS name, or rgb: and three, four, six or eight hexadecimal digits, into what the recipe writes.
func parseColour(text string) (string, bool) {
	name := strings.ToLower(text)
	if digits, isHex := strings.CutPrefix(name, "rgb:"); isHex {
		name = "#" + digits
	} else if strings.HasPrefix(name, "#") {
		return "", false
	}
	_, err := recipe.ParseColour(name)
	return name, err == nil
}

func checkColour(name string) func(string) error {
	return func(text string) error {
		if _, ok := parseColour(text); !ok {
			return invalid(name, text)
		}
		return nil
	}
}

// colour is the component's co_, or another one.
func (c *call) colour(other string) string {
	if found, ok := parseColour(c.params.get("co")); ok {
		return found
	}
	return other
}

// backdrops are backgrounds that depend on the picture.
var backdrops = map[string]bool{"auto": true, "blurred": true}

// checkBackground reads the word before the first colon; rgb: is no such word.
func checkBackground(text string) error {
	word, _, _ := strings.Cut(text, ":")
	if _, ok := parseColour(text); !ok && !backdrops[word] && word != "gen_fill" {
		return invalid("background", text)
	}
	return nil
}

// background is the component's b_ as the recipe writes it: a colour, or blur or copy, which are no colours and need room
// around the picture. Empty is none. It fails with an [Error] for what only a model could make.
func (c *call) background() (backdrop string, flat bool, err error) {
	text := c.params.get("b")
	if text == "" {
		return "", false, nil
	}
	if found, ok := parseColour(text); ok {
		return found, true, nil
	}
	word, rest, _ := strings.Cut(text, ":")
	switch {
	case word == "gen_fill":
		return "", false, unsupported("background", text, noModel)
	case word == "blurred":
		return "blur", false, nil
	case strings.HasPrefix(rest, "predominant") && !strings.HasPrefix(rest, "predominant_") && c.on.original.Predominant != "":
		found, ok := parseColour("rgb:" + strings.TrimPrefix(c.on.original.Predominant, "#"))
		return found, ok, nil
	default:
		return "copy", false, nil
	}
}

// noModel is why whatever a trained model would have to do is refused.
const noModel = "no model of what pictures show is at hand"
