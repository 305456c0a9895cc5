package blitline

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
)

// Source is a picture: an address, an object in a bucket, the picture itself, or an output of the job that runs first.
type Source struct {
	URL    string
	Object *job.Object
	Data   []byte
	// Page is a page of the web to be drawn.
	Page *job.Page
	// Reference is the identifier of an output of the job that runs first.
	Reference string
}

const (
	// documentDensity is how many dots an inch a document is drawn with, and leastDensity and mostDensity bound what a job
	// may ask for.
	documentDensity = 200
	leastDensity    = 72
	mostDensity     = 900
	// canvasEdge and canvasPixels bound a canvas: it is made before the job is accepted.
	canvasEdge   = 10_000
	canvasPixels = 25_000_000
	usualCanvas  = 10
)

// kindOf is the src_type, which may be a name or an object with one.
func kindOf(doc loose) string {
	if kind := doc.text("src_type"); kind != "" {
		return kind
	}
	return doc.object("src_type").text("name")
}

// source reads where the picture comes from, and what that means for the recipe.
func (t *translator) source(doc loose, r *recipe.Recipe) Source {
	data := doc.object("src_data")
	kind := kindOf(doc)
	switch kind {
	case "", "image", "smart_image", "pre_process_only":
	case "inline":
		return t.inline(doc.text("src"))
	case "multi_page":
		r.Pages, t.numbering = t.pages(doc.object("src_type"), data), job.Underscored
	case "burst_pdf":
		r.Pages, t.numbering, t.group = "all", job.DoublyUnderscored, true
	case "gif":
		return t.animation(doc, data, r)
	case "screen_shot_url":
		return t.screen(doc, data)
	default:
		t.refuse(UnsupportedOption, "The src_type '%s' is not supported", kind)
		return Source{}
	}
	t.density(kind, data, r)
	t.colorspace(data, r)
	return t.pictureSource(doc.raw("src"), "src")
}

// pictureSource reads one picture: an address, an address with the picture in it, an object in S3, or a canvas. field is
// how the client calls it.
func (t *translator) pictureSource(raw json.RawMessage, field string) Source {
	if object, ok := openLoose(raw); ok {
		if object.text("name") == "canvas" {
			return t.canvas(object)
		}
		return t.storedSource(object, field)
	}
	var address string
	_ = json.Unmarshal(raw, &address) // anything but a text is no address
	if strings.HasPrefix(address, "data:") {
		return t.inline(address)
	}
	if identifier, ok := strings.CutPrefix(address, "&"); ok {
		return t.reference(identifier)
	}
	if !validURL(address) {
		t.refuse("source_unreadable", "The %s is not an http or https URL", field)
	}
	return Source{URL: address}
}

func (t *translator) inline(text string) Source {
	if i := strings.Index(text, ";base64,"); strings.HasPrefix(text, "data:") && i > 0 {
		text = text[i+len(";base64,"):]
	}
	text = strings.TrimRight(strings.Join(strings.Fields(text), ""), "=")
	data, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || len(data) == 0 {
		t.refuse("source_unreadable", "The inline src is not base 64")
	}
	return Source{Data: data}
}

// storedSource reads the object form of a source.
func (t *translator) storedSource(src loose, field string) Source {
	if name := src.text("name"); name != "s3" {
		t.refuse(UnsupportedOption, "The %s of the kind '%s' is not supported", field, name)
		return Source{}
	}
	o := job.Object{Bucket: src.text("bucket"), Key: strings.TrimPrefix(src.text("key"), "/"), Region: src.text("location")}
	if nested := src.object("bucket"); len(nested) > 0 {
		o.Bucket, o.Region = nested.text("name"), nested.text("location")
	}
	if o.Bucket == "" || o.Key == "" {
		t.fail("The " + field + " in S3 needs both a bucket and a key")
		return Source{}
	}
	return Source{Object: &o}
}

// canvas makes a picture of one colour.
func (t *translator) canvas(src loose) Source {
	plain := plain{color.NRGBA{255, 255, 255, 255}, int(src.numberOr("width", usualCanvas)), int(src.numberOr("height", usualCanvas))}
	if plain.width < 1 || plain.height < 1 || plain.width > canvasEdge || plain.height > canvasEdge || plain.width*plain.height > canvasPixels {
		t.refuse(InvalidParams, "A canvas of %d by %d is not possible: expected edges of 1 to %d pixels and at most %d pixels",
			plain.width, plain.height, canvasEdge, canvasPixels)
		return Source{}
	}
	if name := src.text("color"); name != "" {
		c, err := recipe.ParseColour(name)
		if err != nil {
			t.refuse(InvalidParams, "The color '%s' of a canvas is not one: expected a name or #rrggbb", name)
			return Source{}
		}
		plain.colour = color.NRGBA{c.R, c.G, c.B, c.A}
	}
	var file bytes.Buffer
	_ = png.Encode(&file, plain) // into memory
	return Source{Data: file.Bytes()}
}

// plain is a picture of one colour that takes no memory.
type plain struct {
	colour        color.NRGBA
	width, height int
}

// ColorModel is a palette of the one colour.
func (p plain) ColorModel() color.Model { return color.Palette{p.colour} }

// Bounds are from the origin.
func (p plain) Bounds() image.Rectangle { return image.Rect(0, 0, p.width, p.height) }

// At is the colour, everywhere.
func (p plain) At(int, int) color.Color { return p.colour }

// ColorIndexAt is the first of the palette, everywhere.
func (p plain) ColorIndexAt(int, int) uint8 { return 0 }

// pages are those that a job names, which the format counts from 0, as a recipe has them; all when it names none.
func (t *translator) pages(kind, data loose) string {
	raw := kind.raw("pages")
	if raw == nil {
		raw = data.raw("pages")
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = json.RawMessage(text) // a list may come as text
	}
	var numbers []int
	if raw == nil {
		return "all"
	}
	if json.Unmarshal(raw, &numbers) != nil || len(numbers) == 0 || slices.Min(numbers) < 0 {
		t.refuse(InvalidParams, "The pages '%s' cannot be read: expected a list of numbers from 0", string(raw))
		return "all"
	}
	names := make([]string, len(numbers))
	for i, n := range numbers {
		names[i] = strconv.Itoa(n + 1)
	}
	return strings.Join(names, ",")
}

// density is how finely a document is drawn.
func (t *translator) density(kind string, data loose, r *recipe.Recipe) {
	dots := data.numberOr("dpi", data.numberOr("density", 0))
	if dots == 0 && (kind == "multi_page" || kind == "burst_pdf") {
		dots = documentDensity
	}
	if dots > 0 {
		r.Density = int(max(leastDensity, min(mostDensity, dots)))
	}
}

// colorspace turns a source gray before anything else is done; the others are what outputs are written in anyway.
func (t *translator) colorspace(data loose, r *recipe.Recipe) {
	switch name := strings.ToLower(data.text("colorspace")); name {
	case "", "srgb", "rgb", "transparent":
	case "gray", "grey":
		t.first = "grayscale"
	default:
		t.refuse(UnsupportedOption, "The colorspace '%s' is not supported: expected srgb or gray", name)
	}
}

// animation makes a moving picture of a list of pictures. It has a save of its own, and needs no functions.
func (t *translator) animation(doc, data loose, r *recipe.Recipe) Source {
	list := doc.list("src")
	if list == nil {
		list = doc.object("src").list("urls")
	}
	if name := data.text("name"); list == nil && name != "" {
		change := preparations[name]
		if change == nil {
			t.refuse(UnsupportedFunction, "The function '%.100s' of a gif is not known: expected resize_gif, resize_gif_to_fit or gif_overlay", name)
			return Source{}
		}
		change(t, data, r)
		return t.pictureSource(doc.raw("src"), "src")
	}
	if len(list) < 2 {
		t.refuse("source_unreadable", "A src of the kind 'gif' needs a list of at least two pictures")
		return Source{}
	}
	op := recipe.AnimateOp{}
	params := data.object("params")
	if delay := params.numberOr("delay", 0); delay > 0 { // hundredths of a second, as in the files themselves
		op.Delay = int(max(10, min(60_000, delay*10)))
	}
	op.Loop = int(max(0, min(65_535, params.numberOr("loop", 0))))
	for _, raw := range list[1:] {
		op.Pictures = append(op.Pictures, t.picture(t.pictureSource(raw, "src")))
	}
	step, err := recipe.NewStep(&op, nil)
	if err != nil {
		t.refuse(InvalidParams, "The animation cannot be made")
		return Source{}
	}
	if save := data.object("save"); len(save) > 0 {
		if save.raw("extension") == nil {
			save["extension"] = json.RawMessage(`"gif"`)
		}
		t.save(&step, save)
	}
	r.Steps = append(r.Steps, step)
	return t.pictureSource(list[0], "src")
}

// picture registers a further picture, and returns the name that the recipe has for it.
func (t *translator) picture(source Source) string {
	if t.pictures == nil {
		t.pictures = map[string]Source{}
	}
	name := t.prefix + "picture" + strconv.Itoa(len(t.pictures)+1)
	t.pictures[name] = source
	return name
}
