package transformation

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// extensions are the formats that can be written, by the ways to name them, with the one that results are named by.
var extensions = map[string]string{
	"jpg": "jpg", "jpeg": "jpg", "jpe": "jpg", "png": "png", "webp": "webp", "avif": "avif", "gif": "gif",
	"tiff": "tiff", "tif": "tiff", "jxl": "jxl", "pdf": "pdf",
}

// refusedFormats are formats that the provider can make, and why they are refused.
var refusedFormats = map[string]string{
	"heic": noEncoder, "heif": noEncoder, "bmp": noEncoder, "ico": noEncoder, "jp2": noEncoder, "jpc": noEncoder,
	"j2k": noEncoder, "wdp": noEncoder, "jxr": noEncoder, "hdp": noEncoder, "flif": noEncoder, "psd": noEncoder,
	"eps": noEncoder, "ai": noEncoder, "ps": noEncoder, "djvu": noEncoder, "tga": noEncoder, "svg": noEncoder,
	"mp4": onlyVideo, "webm": onlyVideo, "mov": onlyVideo, "m3u8": onlyVideo, "mpd": onlyVideo, "ogv": onlyVideo,
	"mkv": onlyVideo, "mp3": onlyVideo, "wav": onlyVideo, "glb": "there are no models of three dimensions here",
}

const noEncoder = "the engine cannot write it"

// recipeFormat is the recipe's name of an extension.
func recipeFormat(extension string) string {
	if extension == "jpg" {
		return string(recipe.JPEG)
	}
	return extension
}

func checkFormat(text string) error {
	name, _, _ := strings.Cut(text, ":")
	if name != "auto" && extensions[text] == "" && refusedFormats[text] == "" {
		return invalid("format", text)
	}
	return nil
}

// checkExtension checks what stands behind the last dot of a URL, or behind the last slash of an eager transformation.
func checkExtension(text string) error {
	lower := strings.ToLower(text)
	switch {
	case extensions[lower] != "":
		return nil
	case refusedFormats[lower] != "":
		return unsupported("format", text, refusedFormats[lower])
	default:
		return errorf("Invalid extension in transformation: %s", shortened(text))
	}
}

// pick is the extension of the result: f_, else that of the URL, else the stored one.
func (t *translator) pick(on *canvas) (string, error) {
	name := t.format
	if name == "" {
		name = strings.ToLower(t.request.Extension)
	}
	if word, _, _ := strings.Cut(name, ":"); word == "auto" {
		return t.auto(on), nil
	}
	if name != "" {
		if err := checkExtension(name); err != nil {
			return "", err
		}
		if found := extensions[name]; found != "jpg" || on.opaque || !t.has("preserve_transparency") {
			return found, nil
		}
		return "png", nil
	}
	return t.stored(), nil
}

// stored is the extension that a picture keeps: its own, or what comes nearest where that is not written.
func (t *translator) stored() string {
	format := strings.ToLower(t.request.Asset.Format)
	switch {
	case format == "svg":
		return "png"
	case format == "pdf" || extensions[format] == "":
		return "jpg"
	default:
		return extensions[format]
	}
}

// leastDelay is the shortest time that a frame can be shown, in milliseconds.
const leastDelay = 10

// moving tells whether the picture is an animation of which all frames are asked for.
func (t *translator) moving() bool {
	return t.request.Asset.Pages > 1 && t.result.Recipe.Pages == "" && slices.Contains([]string{"gif", "webp"}, t.stored())
}

// auto is the best format that the client accepts: of those it names, AVIF before WebP, and else the stored one as far as
// browsers show it.
func (t *translator) auto(on *canvas) string {
	moving := t.moving()
	switch stored := t.stored(); {
	case accepts(t.request.Accept, "image/avif") && !moving:
		return "avif"
	case accepts(t.request.Accept, "image/webp"):
		return "webp"
	case moving:
		return "gif"
	case stored == "jpg" || stored == "png":
		if !on.opaque {
			return "png"
		}
		return stored
	case on.opaque:
		return "jpg"
	default:
		return "png"
	}
}

// accepts tells whether an Accept header names the type; a wildcard does not tell that a client can show it.
func accepts(header, mediaType string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), mediaType) {
			continue
		}
		key, weight, _ := strings.Cut(strings.TrimSpace(params), "=")
		q, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
		return strings.TrimSpace(key) != "q" || err != nil || q > 0
	}
	return false
}

// save decides how the result is written.
func (t *translator) save(on *canvas) error {
	format, err := t.pick(on)
	if err != nil {
		return err
	}
	if t.moving() && (t.plays != nil || t.result.Delay > 0) {
		if err := on.then(&recipe.RetimeOp{Delay: max(t.result.Delay, leastDelay*min(t.result.Delay, 1)), Loop: t.plays}); err != nil {
			return err
		}
	}
	t.result.Format = format
	t.saving.ID, t.saving.Format = OutputID, recipeFormat(format)
	if err := t.written(); err != nil {
		return err
	}
	if t.saving.Profile == "cmyk" && format != "jpg" && format != "tiff" {
		return unsupported("color space", "cmyk", "only jpg and tiff have it")
	}
	return nil
}

// qualities are the levels of q_auto.
var qualities = map[string]recipe.AutoQuality{
	"best": recipe.AutoBest, "good": recipe.AutoGood, "eco": recipe.AutoEco, "low": recipe.AutoLow, "sensitive": recipe.AutoGood,
}

// quality is what q_ asks for.
type quality struct {
	level  int // 0 for automatic
	auto   recipe.AutoQuality
	chroma string
}

// parseQuality reads 80, 80:420, auto, auto:eco or auto:420.
func parseQuality(text string) (quality, bool) {
	parts := strings.Split(text, ":")
	q := quality{}
	if parts[0] == "auto" {
		q.auto = recipe.AutoGood
	} else {
		n, ok := parseDecimal(parts[0])
		if q.level = int(n + 0.5); !ok || n < 1 || n > 100 {
			return q, false
		}
	}
	for _, part := range parts[1:] {
		switch auto := qualities[part]; {
		case part == "420" || part == "444":
			q.chroma = part
		case auto != "" && q.auto != "":
			q.auto = auto
		default:
			return q, false
		}
	}
	return q, true
}

func checkQuality(text string) error {
	if _, ok := parseQuality(text); !ok && text != "jpegmini" && !strings.HasPrefix(text, "jpegmini:") {
		return invalid("quality", text)
	}
	return nil
}

// written sets the quality.
func (t *translator) written() error {
	if t.quality == "" {
		if t.request.DefaultQuality > 0 {
			t.saving.Quality = new(min(t.request.DefaultQuality, 100))
		}
		return nil
	}
	q, ok := parseQuality(t.quality)
	if !ok {
		return unsupported("quality", t.quality, noAddOn)
	}
	t.saving.Chroma = q.chroma
	if q.level > 0 {
		t.saving.Quality = &q.level
		return nil
	}
	if t.result.Format != "jxl" { // the engine does not look for one there, and has a default that is as good
		t.saving.AutoQuality = q.auto
	}
	return nil
}

// spaces are the colour spaces, and the profile that the recipe has for each.
var spaces = map[string]string{"srgb": "", "tinysrgb": "", "no_cmyk": "", "srgb:truecolor": "", "cmyk": "cmyk"}

// refusedSpaces are colour spaces that are refused, and why.
var refusedSpaces = map[string]string{
	"keep_cmyk": "pictures are worked on in sRGB", "copy": "pictures are worked on in sRGB",
	"icc": "profiles cannot be brought along",
}

func checkSpace(text string) error {
	name, _, _ := strings.Cut(text, ":")
	if _, known := spaces[text]; !known && refusedSpaces[name] == "" {
		return invalid("color space", text)
	}
	return nil
}

// space keeps the colour space of the result.
func (c *call) space() error {
	text := c.params.get("cs")
	name, _, _ := strings.Cut(text, ":")
	if why := refusedSpaces[name]; why != "" {
		return unsupported("color space", text, why)
	}
	if text != "" {
		c.saving.Profile = spaces[text]
	}
	return nil
}
