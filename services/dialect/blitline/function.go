package blitline

import (
	"maps"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// rule translates the parameters of one function into steps. README.md says of each how near they come.
type rule func(*call)

// rules are the functions that have a translation.
var rules = func() map[string]rule {
	all := map[string]rule{
		"no_op":           func(*call) {},
		"interlace":       interlace,
		"delete_profile":  deleteProfile,
		"convert_command": convertCommand,
	}
	for _, family := range []map[string]rule{geometryRules, layerRules, drawingRules, toneRules, filterRules} {
		maps.Copy(all, family)
	}
	return all
}()

// refused are the format's functions without a translation, and why.
var refused = map[string]string{
	"script":           "libvips makes the pictures here, and scripts cannot be run",
	"stegano":          "libvips cannot hide a picture in another",
	"liquid_rescale":   "libvips cannot carve seams out of a picture; resize and resize_to_fill come nearest",
	"crop_from_source": "it reads a picture other than the job's; use that one as the src of a job with crop",
	"add_profile":      "profiles cannot be brought along; outputs are in sRGB",
}

// interlace says of the files that are saved whether they show in several passes.
func interlace(c *call) {
	kind := bare(c.text("type", "NoInterlace"), "interlace")
	switch kind {
	case "no", "none", "undefined", "line", "plane", "partition", "gif", "png", "jpeg":
	default:
		c.wrong("type", "NoInterlace, LineInterlace, PlaneInterlace, PartitionInterlace, JPEGInterlace, PNGInterlace or GIFInterlace")
	}
	progressive := kind != "no" && kind != "none" && kind != "undefined"
	c.saving = func(save *recipe.Save, asked loose) {
		if asked.raw("interlace") == nil {
			save.Progressive = progressive
		}
	}
}

// deleteProfile leaves profiles out of the files that are saved.
func deleteProfile(c *call) {
	name := strings.ToLower(c.needsText("name"))
	all := strings.Contains(name, "*")
	c.saving = func(save *recipe.Save, _ loose) {
		if colours := name == "icc" || name == "icm"; all || colours {
			save.Profile = ""
			if !all {
				return
			}
		}
		save.Metadata = ""
	}
}

// change is what a function does to the files that are saved; asked are the fields of the save.
type change func(save *recipe.Save, asked loose)

// eachSave makes a change to the save of a step and to those of its further destinations, which are the steps below it so far.
func eachSave(step *recipe.Step, asked loose, do change) {
	if step.Save != nil {
		do(step.Save, asked)
	}
	for i := range step.Steps {
		eachSave(&step.Steps[i], asked, do)
	}
}
