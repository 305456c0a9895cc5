package transformation

import (
	"maps"
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// flags are what fl_ says of the output as a whole, and what each does.
var flags = map[string]func(*translator){
	"any_format":            ignored,
	"animated":              ignored,
	"attachment":            func(t *translator) { t.result.Download = true },
	"awebp":                 ignored,
	"force_icc":             func(t *translator) { t.saving.Profile = "srgb" },
	"force_strip":           func(t *translator) { t.saving.Metadata = recipe.KeepNothing },
	"getinfo":               func(t *translator) { t.result.GetInfo = true },
	"ignore_aspect_ratio":   ignored, // it is about c_scale, which looks for it
	"immutable_cache":       func(t *translator) { t.result.Immutable = true },
	"keep_attribution":      func(t *translator) { t.saving.Metadata = recipe.KeepAll },
	"keep_iptc":             func(t *translator) { t.saving.Metadata = recipe.KeepAll },
	"lossy":                 func(t *translator) { t.saving.Colors = 256 },
	"no_overflow":           ignored,
	"png8":                  func(t *translator) { t.saving.Colors = 256 },
	"png24":                 func(t *translator) { t.saving.Colors = 0 },
	"png32":                 func(t *translator) { t.saving.Colors = 0 },
	"preserve_transparency": ignored, // it is looked for when the format is chosen
	"progressive":           func(t *translator) { t.saving.Progressive = true },
	"rasterize":             ignored,
	"relative":              ignored,
	"sanitize":              ignored,
	"strip_profile":         func(t *translator) { t.saving.Profile = "" },
	"text_no_trim":          ignored,
	"tiff8_lzw":             func(t *translator) { t.saving.Lossless = true },
}

// ignored is a flag that asks for what is done anyway, or that is looked for elsewhere.
func ignored(*translator) {}

// refusedFlags are the flags that are refused, and why.
var refusedFlags = map[string]string{
	"apng": "animations are written as GIF and WebP", "alternate": onlyVideo, "c2pa": "pictures are not signed here",
	"clip": "clipping paths cannot be read here", "clip_evenodd": "clipping paths cannot be read here",
	"draco": "there are no models of three dimensions here", "hlsv3": onlyVideo, "mono": onlyVideo, "no_stream": onlyVideo,
	"original": "it is answered without a transformation", "region_relative": noModel,
	"replace_image": "pictures within documents cannot be replaced here", "splice": onlyVideo,
	"streaming_attachment": onlyVideo, "text_disallow_overflow": "the size of a text is known to the pixels alone",
	"truncate_ts": onlyVideo, "waveform": onlyVideo,
}

// splitFlags takes flags apart at the dots. The name of an attachment may hold dots, which are not followed by a flag.
func splitFlags(text string) []string {
	var all []string
	for part := range strings.SplitSeq(text, ".") {
		last := len(all) - 1
		if last >= 0 && strings.HasPrefix(all[last], "attachment:") && !isFlag(part) {
			all[last] += "." + part
			continue
		}
		all = append(all, part)
	}
	return all
}

func isFlag(text string) bool {
	name, _, _ := strings.Cut(text, ":")
	return flags[name] != nil || refusedFlags[name] != "" || slices.Contains(layerFlags, name)
}

// progressions are the ways of fl_progressive: none is none.
var progressions = []string{"none", "semi", "steep"}

func checkFlags(text string) error {
	for _, part := range splitFlags(text) {
		name, setting, set := strings.Cut(part, ":")
		switch {
		case !isFlag(part):
			return invalid("flag", part)
		case name == "progressive" && set && !slices.Contains(progressions, setting):
			return invalid("flag", part)
		case set && name != "progressive" && name != "attachment":
			return invalid("flag", part)
		}
	}
	return nil
}

// has tells whether the flag was given in any component so far.
func (t *translator) has(flag string) bool { return slices.Contains(t.given, flag) }

// flag does what a flag says.
func (c *call) flag(text string) error {
	name, setting, _ := strings.Cut(text, ":")
	if why := refusedFlags[name]; why != "" {
		return unsupported("flag", text, why)
	}
	do, known := flags[name]
	if !known {
		return invalid("flag", text+" without a layer")
	}
	c.given = append(c.given, name)
	do(c.translator)
	switch {
	case name == "attachment":
		c.result.Attachment = unescape(setting)
	case setting == "none":
		c.saving.Progressive = false
	}
	return nil
}

// flagNames are all flags that are translated.
func flagNames() []string {
	return slices.Compact(slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(flags)), layerFlags...))))
}
