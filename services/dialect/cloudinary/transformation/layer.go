package transformation

import (
	"encoding/base64"
	"fmt"
	"math"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// layerFlags are the flags that are about a layer.
var layerFlags = []string{"layer_apply", "relative", "no_overflow", "tiled", "cutter", "ignore_aspect_ratio", "text_no_trim"}

// refusedLayers are kinds of layers that are refused, by their prefix, and why.
var refusedLayers = map[string]string{
	"subtitles": onlyVideo, "video": onlyVideo, "audio": onlyVideo, "lut": "tables of colours cannot be read here",
	"facebook": noSocial, "twitter": noSocial, "twitter_name": noSocial, "gravatar": noSocial, "youtube": noSocial,
	"instagram_name": noSocial,
}

const noSocial = "pictures of other services are not fetched by name; use l_fetch"

// checkLayer checks what a layer is made of.
func checkLayer(name string) func(string) error {
	return func(text string) error {
		if rest, isText := strings.CutPrefix(text, "text:"); isText {
			if _, content, found := strings.Cut(rest, ":"); !found || content == "" {
				return invalid(name, text)
			}
			return nil
		}
		if _, ok := parseLayer(text); !ok {
			return invalid(name, text)
		}
		return nil
	}
}

// publicID reads the id of a stored picture, in which a colon stands for a slash.
func publicID(text string) string { return strings.ReplaceAll(unescape(text), ":", "/") }

// parseLayer reads where a layer's picture comes from. A kind that is refused passes: the translation says why.
func parseLayer(text string) (Layer, bool) {
	word, rest, _ := strings.Cut(text, ":")
	from := Layer{ResourceType: "image", Type: "upload"}
	switch word {
	case "fetch":
		either := strings.NewReplacer("+", "-", "/", "_", "=", "")
		address, err := base64.RawURLEncoding.DecodeString(either.Replace(unescape(rest)))
		from.Type, from.URL = "fetch", strings.ToValidUTF8(string(address), "")
		isAddress := strings.HasPrefix(from.URL, "http://") || strings.HasPrefix(from.URL, "https://")
		return from, err == nil && isAddress
	case "private", "authenticated":
		if rest != "" {
			from.Type, text = word, rest
		}
	case "image":
		if rest != "" {
			text = strings.TrimPrefix(rest, "upload:")
		}
	}
	from.PublicID = strings.Trim(publicID(text), "/")
	return from, from.PublicID != ""
}

// layering is a layer on its way onto the picture. Its call is the component that opens it, with the picture below.
type layering struct {
	*call
	key    string // l or u
	inner  []node // what is done to the layer
	ending component
	depth  int
}

// do lays a picture or a text over the picture, or under it. In the old form, without an ending, the one component says what
// is done to the layer, too, except for its place.
func (l layering) do() error {
	source := l.params.get(l.key)
	own := *l.call
	own.params = l.params.without(l.key)
	if l.ending == nil {
		own.params = own.params.without("g", "x", "y")
	}
	rest, isText := strings.CutPrefix(source, "text:")
	if why := refusedLayers[effectName(source)]; why != "" && strings.Contains(source, ":") {
		return unsupported("layer", source, why)
	}
	if !isText {
		from, ok := parseLayer(source)
		if !ok {
			return invalid("layer", source)
		}
		asset := Asset{}
		if l.request.Assets != nil {
			asset, _ = l.request.Assets(from)
		}
		return l.finish(own, newCanvas(asset), l.name(from))
	}
	text, err := l.parseText(rest)
	if err != nil {
		return err
	}
	if len(l.inner) == 0 {
		last, err := l.last()
		if err != nil {
			return err
		}
		if l.writable(own.params, last) {
			return l.write(text, own, last)
		}
	}
	top, err := text.drawn(&own)
	if err != nil {
		return err
	}
	return l.finish(own, top, l.name(blank))
}

// blank is a picture of one clear pixel, which texts are drawn on that are more than written.
var blank = Layer{ResourceType: "image", Type: "fetch", URL: "data:image/png;base64," +
	"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR42mNgAAIAAAUAAen63NgAAAAASUVORK5CYII="}

// name is the name of a layer's picture in the recipe.
func (t *translator) name(from Layer) string {
	for name, known := range t.result.Pictures {
		if known == from {
			return name
		}
	}
	name := fmt.Sprintf("%slayer%d", t.request.Prefix, len(t.result.Pictures)+1)
	t.result.Pictures[name] = from
	return name
}

// last is the component that says where the layer goes.
func (l layering) last() (*call, error) {
	if l.ending == nil {
		return l.call, nil
	}
	return l.translator.call(l.ending, l.on, l.below)
}

// finish carries out what is done to the layer, and lays it over.
func (l layering) finish(own call, top *canvas, picture string) error {
	own.on, own.below = top, l.on
	if err := own.perform(); err != nil {
		return err
	}
	if err := l.nodes(l.inner, top, l.on, l.depth+1); err != nil {
		return err
	}
	last, err := l.last()
	if err != nil {
		return err
	}
	if l.ending != nil {
		shaping := *last
		shaping.params, shaping.on, shaping.below = last.params.without("g", "x", "y"), top, l.on
		if err := shaping.perform(); err != nil {
			return err
		}
	}
	if err := last.output(); err != nil {
		return err
	}
	return l.lay(last, top, picture)
}

// flagged tells whether one of the layer's two components has a flag.
func (l layering) flagged(flag string, last *call) bool {
	return l.params.flagged(flag) || last.params.flagged(flag)
}

// blend is how the layer meets the picture below.
func (l layering) blend(last *call) (recipe.Blend, error) {
	var found recipe.Blend
	for _, text := range append(l.params.all("e"), last.params.all("e")...) {
		if blend, isBlend := blends[effectName(text)]; isBlend {
			found = blend
		}
	}
	if l.flagged("cutter", last) {
		found = recipe.BlendMask
	}
	if l.key == "u" {
		if found != "" && found != recipe.BlendNormal {
			return "", unsupported("effect", string(found), "an underlay does not blend")
		}
		found = recipe.BlendBehind
	}
	if found == recipe.BlendNormal {
		found = ""
	}
	return found, nil
}

// lay puts the finished layer onto the picture.
func (l layering) lay(last *call, top *canvas, picture string) error {
	blend, err := l.blend(last)
	if err != nil {
		return err
	}
	op := &recipe.OverlayOp{Picture: picture, Steps: top.steps, Blend: blend, Tile: l.flagged("tiled", last)}
	op.Grow = !op.Tile && !l.flagged("no_overflow", last)
	at, err := last.anchor(top)
	if err != nil {
		return err
	}
	op.Gravity, op.X, op.Y = at.Gravity, at.X, at.Y
	if err := l.on.then(op); err != nil {
		return err
	}
	switch blend {
	case recipe.BlendMask, recipe.BlendMaskLight, recipe.BlendCut:
		l.on.opaque = false
	}
	if op.Grow {
		return l.on.grow(top, at)
	}
	return nil
}

// grow makes the picture as large as it and the layer are together.
func (c *canvas) grow(top *canvas, at recipe.Anchor) error {
	if c.lost != "" {
		return nil
	}
	if top.lost != "" {
		c.opaque = false
		c.lose("laying a layer over whose size is not known; with fl_no_overflow it would be")
		return nil
	}
	x, y := at.Place(top.size, c.size)
	left, up := max(0, -x), max(0, -y)
	to := recipe.Size{
		Width: left + max(c.size.Width, x+top.size.Width), Height: up + max(c.size.Height, y+top.size.Height),
	}
	if to == c.size {
		return nil
	}
	if to.Width > recipe.MaxEdge || to.Height > recipe.MaxEdge {
		return errorf("Invalid transformation: with its layer the picture has %d x %d pixels", to.Width, to.Height)
	}
	c.opaque = false
	c.follow(recipe.Extend{X: left, Y: up, Size: to})
	return nil
}

// anchor is where a layer goes: g_, x_ and y_ on the picture below it.
func (c *call) anchor(top *canvas) (recipe.Anchor, error) {
	look, _, err := c.aim()
	if err != nil {
		return recipe.Anchor{}, err
	}
	x, y, err := c.offsets()
	if err != nil {
		return recipe.Anchor{}, err
	}
	if c.on.lost != "" && (x.share || y.share) {
		return recipe.Anchor{}, c.unknown("x_ or y_ as a share")
	}
	at := recipe.Anchor{
		Gravity: look.place, X: int(math.Round(x.of(c.on.size.Width))), Y: int(math.Round(y.of(c.on.size.Height))),
	}
	if region, found := c.region(look); found || look.point {
		if top.lost != "" || c.on.lost != "" {
			return recipe.Anchor{}, unsupported("gravity", c.params.get("g"), "the size of the layer is not known")
		}
		middleX, middleY := at.X, at.Y
		if found {
			middleX, middleY = at.X+region.X+region.Width/2, at.Y+region.Y+region.Height/2
		}
		return recipe.Anchor{Gravity: recipe.NorthWest, X: middleX - top.size.Width/2, Y: middleY - top.size.Height/2}, nil
	}
	if !compass[look.place] {
		return recipe.Anchor{}, unsupported("gravity", c.params.get("g"),
			"a layer needs a place; there is no detector, and no coordinates were given with the picture")
	}
	return at, nil
}

// relative makes the shares of a layer's size those of the picture below.
func (c *call) relative(w, h extent) (extent, extent, error) {
	if c.below.lost != "" && (w.share || h.share) {
		return w, h, unsupported("flag", "relative", "the size of the picture below is not known after "+c.below.lost)
	}
	w.amount, w.share = w.of(c.below.size.Width), false
	h.amount, h.share = h.of(c.below.size.Height), false
	return w, h, nil
}
