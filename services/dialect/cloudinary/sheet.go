package cloudinary

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/asset"
)

// SpriteCSS shows each picture of a sheet as the background of a class that has its name.
func SpriteCSS(a asset.Asset, imageURL string) []byte {
	at := places(a)
	names := make([]string, 0, len(at))
	for name := range at {
		names = append(names, name)
	}
	slices.Sort(names)
	var css strings.Builder
	classes := make([]string, len(names))
	for i, name := range names {
		classes[i] = "." + class(name)
	}
	fmt.Fprintf(&css, "%s {\n  background: url('%s') no-repeat;\n}\n", strings.Join(classes, ", "), strings.NewReplacer("'", "%27", `\`, "%5C").Replace(imageURL))
	for i, name := range names {
		p := at[name]
		fmt.Fprintf(&css, "%s { background-position: %dpx %dpx; width: %dpx; height: %dpx; }\n", classes[i], -p.X, -p.Y, p.Width, p.Height)
	}
	return []byte(css.String())
}

// class is the name of a class: what CSS does not take in one becomes an underscore, and so does a digit at its beginning.
func class(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, name)
	if clean == "" || clean[0] >= '0' && clean[0] <= '9' {
		clean = "_" + clean
	}
	return clean
}
