package parameter

import (
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// The qualities when none is asked for.
const (
	usualQuality      = 75
	compressedQuality = 45
)

// file says how fast an animation plays, and how large the picture is on paper.
func (c *call) file() {
	retime := &recipe.RetimeOp{}
	if fps := c.whole("fps", 0); fps > 0 {
		retime.Delay = max(10, 1000/fps)
	}
	if c.has("loop") {
		retime.Loop = new(c.whole("loop", 0))
	}
	if *retime != (recipe.RetimeOp{}) {
		c.then(retime)
	}
	if dpi := c.number("dpi", 0); dpi >= 1 {
		c.then(&recipe.DensityOp{DPI: &dpi})
	}
}

// save is how the picture is written. accept is what the client can show.
func (c *call) save(accept string) *recipe.Save {
	auto := c.list("auto")
	quality := usualQuality
	if slices.Contains(auto, "compress") {
		quality = compressedQuality
	}
	save := &recipe.Save{ID: OutputID, Quality: new(max(1, c.whole("q", quality))), Lossless: c.on("lossless")}
	switch format := c.get("fm"); format {
	case "jpg", "jpeg", "pjpg":
		save.Format = string(recipe.JPEG)
		save.Progressive = format == "pjpg" || !c.is("jpg-progressive", "false", "0", "no")
	case "png", "png8", "png32":
		save.Format = string(recipe.PNG)
		if format == "png8" {
			save.Colors = 256
		}
	default:
		save.Format = format
	}
	if slices.Contains(auto, "format") {
		if negotiated := accepted(accept); negotiated != "" {
			save.Format, save.Progressive = negotiated, false
		}
	}
	if c.has("colorquant") {
		save.Colors = c.whole("colorquant", 256)
	}
	switch c.get("chromasub") {
	case "444", "422": // nothing lies between 420 and 444 here
		save.Chroma = "444"
	case "420":
		save.Chroma = "420"
	}
	if c.is("cs", "tinysrgb", "srgb") {
		save.Profile = "srgb"
	}
	if c.is("iptc", "allow") {
		save.Metadata = recipe.KeepAll
	}
	return save
}

// accepted is the smallest format that a client says it can show; empty for none of the newer ones.
func accepted(accept string) string {
	for _, format := range []recipe.Format{recipe.AVIF, recipe.WebP} {
		if strings.Contains(accept, format.ContentType()) {
			return string(format)
		}
	}
	return ""
}
