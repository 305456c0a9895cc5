package blitline

import (
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// preparations are what a pre_process can hold beside a job, which has a rule of its own.
var preparations = map[string]func(t *translator, given loose, r *recipe.Recipe){
	"move_original": (*translator).moveOriginal, "convert_original": (*translator).moveOriginal,
	"resize_gif":        func(t *translator, given loose, r *recipe.Recipe) { t.gif("resize_gif", given, r) },
	"resize_gif_to_fit": func(t *translator, given loose, r *recipe.Recipe) { t.gif("resize_gif_to_fit", given, r) },
	"gif_overlay":       func(t *translator, given loose, r *recipe.Recipe) { t.gif("gif_overlay", given, r) },
	"phash_compare":     (*translator).compare,
	"peek":              func(*translator, loose, *recipe.Recipe) {}, // what it looks for is told of every source
}

// refusedPreparations are those that nothing here can do, and why.
var refusedPreparations = map[string]string{
	"find_subimage":   "libvips cannot look for a picture within another",
	"gif_to_vid":      "no videos are made here",
	"mp4_from_images": "no videos are made here",
}

// moveOriginal stores the source itself.
func (t *translator) moveOriginal(given loose, _ *recipe.Recipe) {
	s3 := given.object("s3_destination")
	if len(s3) == 0 {
		t.refuse(InvalidParams, "A move_original needs an s3_destination")
		return
	}
	t.original = t.s3(s3, "").destination
}

// gif changes an animation, and saves it by itself: what else the job does starts from the source. It is the function of
// that name for pictures, of all frames.
func (t *translator) gif(name string, given loose, r *recipe.Recipe) {
	params := given.object("params")
	if len(params) == 0 {
		params = given
	}
	function := map[string]string{"resize_gif": "resize", "resize_gif_to_fit": "resize_to_fit", "gif_overlay": "composite"}[name]
	if overlay := params.raw("overlay_src"); overlay != nil { // as the format's own example has it, also under another name
		function, params = "composite", loose{"src": overlay}
	}
	save := given.object("save")
	if len(save) == 0 { // a pre_process has the destination beside the params
		save = loose{"image_identifier": given["image_identifier"], "s3_destination": given["s3_destination"]}
	}
	if save.raw("image_identifier") == nil {
		save["image_identifier"] = encode(name)
	}
	if save.raw("extension") == nil {
		save["extension"] = encode("gif")
	}
	r.Steps = append(r.Steps, t.step(encode(map[string]any{"name": function, "params": params, "save": save}), 1))
}

// compare asks how much other pictures look like the source.
func (t *translator) compare(given loose, _ *recipe.Recipe) {
	list := given.list("other_sources")
	if len(list) == 0 {
		t.refuse(InvalidParams, "A phash_compare needs a list of other_sources")
		return
	}
	t.compared = map[string]string{}
	for _, raw := range list {
		other, isObject := openLoose(raw)
		if !isObject {
			other = loose{"src": raw}
		}
		name := t.picture(t.pictureSource(other.raw("src"), "other_sources"))
		t.compared[name] = other.text("image_identifier")
		if t.compared[name] == "" {
			t.compared[name] = other.text("src")
		}
		t.comparing = append(t.comparing, name)
	}
}
