package transformation

import (
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// reading looks ahead for what decides how the file is read, because that comes before any action wherever it is written.
func (t *translator) reading(nodes []node, on *canvas) error {
	for i := 0; i < len(nodes); i++ {
		if nodes[i].condition != nil {
			continue
		}
		c := nodes[i].component
		if c.layerKey() != "" {
			i += layerEnd(nodes[i:])
			continue
		}
		ahead := call{translator: t, params: c, on: on}
		if err := ahead.load(); err != nil {
			return err
		}
	}
	return nil
}

// load keeps pages, density and orientation of the file.
func (c *call) load() error {
	if text := c.params.get("pg"); text != "" && !strings.Contains(text, "$") {
		if err := c.pages(text); err != nil {
			return err
		}
	}
	if density, ok := wholeNumber(c.params.get("dn"), 1, 1200); ok && density != c.result.Recipe.Density {
		if len(c.on.steps) > 0 {
			return unsupported("density", c.params.get("dn"), "it comes after an action; put it into the first component")
		}
		c.result.Recipe.Density = density
		if format := strings.ToLower(c.request.Asset.Format); format == "pdf" || format == "svg" {
			c.on.zoomed(float64(density) / documentDensity)
		}
	}
	if slices.Contains(strings.Split(c.params.get("a"), "."), "ignore") && !c.result.Recipe.AsStored {
		if len(c.on.steps) > 0 {
			return unsupported("angle", "ignore", "it comes after an action; put it into the first component")
		}
		c.result.Recipe.AsStored = true
		if c.on.original.Orientation > 4 {
			c.on.size = c.on.size.Turned()
		}
		if c.on.original.Orientation > 1 {
			c.on.faces, c.on.custom = nil, nil // they are those of the upright picture
		}
	}
	return nil
}

// documentDensity is that of a document whose size is that of its asset, in dots an inch.
const documentDensity = 72

// zoomed is a document that is drawn with another density.
func (c *canvas) zoomed(factor float64) {
	times := func(edge int) int { return int(max(1, float64(edge)*factor+0.5)) }
	c.size = recipe.Size{Width: times(c.original.Width), Height: times(c.original.Height)}
	for _, boxes := range [][]Box{c.faces, c.custom} {
		for i, b := range boxes {
			boxes[i] = Box{int(float64(b.X) * factor), int(float64(b.Y) * factor), times(b.Width), times(b.Height)}
		}
	}
}

// pageRange is from one page to another, both of them too.
type pageRange struct{ first, last int }

// mostPages bounds page numbers, and how many pages there are.
const mostPages = 10_000

// parsePages reads pages and ranges of them, such as 3;5 and 2-4, or nil for all.
func parsePages(text string) ([]pageRange, bool) {
	if text == "all" {
		return nil, true
	}
	var ranges []pageRange
	for part := range strings.SplitSeq(text, ";") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, okay := wholeNumber(first, 1, mostPages)
		to, both := wholeNumber(last, 1, mostPages)
		if !okay || !both || to < from {
			return nil, false
		}
		ranges = append(ranges, pageRange{from, to})
	}
	return ranges, true
}

// refusedPages are ways to name a page that are refused, and why.
var refusedPages = map[string]string{
	"name":     "layers of Photoshop files cannot be read here",
	"embedded": "objects within Photoshop files cannot be read here",
}

func checkPage(text string) error {
	name, _, _ := strings.Cut(text, ":")
	if _, ok := parsePages(text); !ok && refusedPages[name] == "" {
		return invalid("page", text)
	}
	return nil
}

// pages asks for pages, as far as the picture has them. It fails with an [Error] when it has none of them.
func (c *call) pages(text string) error {
	name, _, _ := strings.Cut(text, ":")
	if why := refusedPages[name]; why != "" {
		return unsupported("page", text, why)
	}
	ranges, ok := parsePages(text)
	if !ok {
		return invalid("page", text)
	}
	c.result.Recipe.Pages, c.result.Pages = strings.ReplaceAll(text, ";", ","), nil
	count := c.request.Asset.Pages
	if ranges == nil {
		ranges = []pageRange{{1, count}}
	}
	if count == 0 && text != "all" {
		count = mostPages
	}
	for _, part := range ranges {
		for page := part.first; page <= min(part.last, count); page++ {
			if len(c.result.Pages) >= mostPages {
				return invalid("page", text)
			}
			c.result.Pages = append(c.result.Pages, page)
		}
	}
	slices.Sort(c.result.Pages)
	c.result.Pages = slices.Compact(c.result.Pages)
	if len(c.result.Pages) == 0 && text != "all" {
		return invalid("page", text)
	}
	return nil
}
