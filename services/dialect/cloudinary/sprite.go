package cloudinary

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/asset"
)

// SpriteReply writes the reply to a call to sprite.
func SpriteReply(a asset.Asset, site Site) []byte {
	css, secureCSS := site.Image(a, a.Transformation, "css")
	image, secureImage := site.Image(a, a.Transformation, a.Format)
	place, securePlace := site.Image(a, a.Transformation, "json")
	return (&document{}).add("css_url", css).add("image_url", image).add("json_url", place).
		add("secure_css_url", secureCSS).add("secure_image_url", secureImage).add("secure_json_url", securePlace).
		add("version", a.Version).add("public_id", a.PublicID).add("image_infos", spritePlaces(a.Sprites)).bytes()
}

// SpriteJSON writes the file that says where the pictures of a sprite are: the same object as image_infos.
func SpriteJSON(a asset.Asset) []byte { return spritePlaces(a.Sprites).bytes() }

// spritePlaces has the pictures by public id in the order of the sheet, the first of those with one name.
func spritePlaces(sprites []events.Sprite) *document {
	doc, seen := &document{}, map[string]bool{}
	for _, s := range sprites {
		if !seen[s.Name] {
			seen[s.Name] = true
			doc.add(s.Name, (&document{}).add("width", s.Width).add("height", s.Height).add("x", s.X).add("y", s.Y))
		}
	}
	return doc
}

// SpriteCSS writes a style sheet with a class for each picture of a sprite: its public id, with _ for what cannot stand
// in the name of a class. imageURL is where the sheet is; its scheme is left to the page.
func SpriteCSS(a asset.Asset, imageURL string) []byte {
	if _, rest, found := strings.Cut(imageURL, "://"); found {
		imageURL = "//" + rest
	}
	var classes, rules strings.Builder
	for i, s := range a.Sprites {
		class := className(s.Name)
		if i > 0 {
			classes.WriteString(", ")
		}
		classes.WriteString("." + class)
		fmt.Fprintf(&rules, ".%s { background-position: %s %s; width: %dpx; height: %dpx; }\n", class, offset(s.X), offset(s.Y), s.Width, s.Height)
	}
	if classes.Len() == 0 {
		return nil
	}
	return []byte(classes.String() + " {\n  background: url('" + escapeCSS(imageURL) + "') no-repeat;\n}\n" + rules.String())
}

// offset moves the sheet to the left or up.
func offset(pixels int) string { return fmt.Sprintf("%dpx", -pixels) }

// className keeps letters, digits, - and _, and begins with a letter, so that no public id can end the rule it is in.
func className(publicID string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r > 0xa0 && r != utf8.RuneError:
			return r
		default:
			return '_'
		}
	}, publicID)
	if name == "" || name[0] >= '0' && name[0] <= '9' || name[0] == '-' {
		return "_" + name
	}
	return name
}

// escapeCSS keeps an address from ending the quotes it stands in.
func escapeCSS(address string) string {
	return escape(address, func(b byte) bool {
		return b > ' ' && b < 0x7f && b != '\'' && b != '"' && b != '\\' && b != '(' && b != ')'
	})
}
