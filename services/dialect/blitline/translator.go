package blitline

import (
	"encoding/json"
	"fmt"
	"math"
	"path"
	"strings"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// defaultQuality is the format's own for JPEG.
const defaultQuality = 85

// translator walks one job's functions. The walk goes on after a refusal, because the result names every image that
// was not made.
type translator struct {
	images  []Image
	fault   string
	refusal *events.Failure
}

// fail notes why the job is not accepted. The first reason stands.
func (t *translator) fail(sentence string) {
	if t.fault == "" {
		t.fault = sentence
	}
}

// refuse notes why the job is going to fail. The first reason stands, as the first error ends the job there.
func (t *translator) refuse(code, format string, args ...any) {
	if t.refusal == nil {
		t.refusal = &events.Failure{Code: code, Message: fmt.Sprintf(format, args...)}
	}
}

func (t *translator) steps(functions []json.RawMessage, depth int) []recipe.Step {
	if depth > recipe.MaxDepth && len(functions) > 0 {
		t.fail(fmt.Sprintf("Functions may be nested at most %d deep", recipe.MaxDepth))
		return nil
	}
	var steps []recipe.Step
	for _, raw := range functions {
		steps = append(steps, t.step(raw, depth))
	}
	return steps
}

func (t *translator) step(raw json.RawMessage, depth int) recipe.Step {
	function, ok := openLoose(raw)
	name := function.text("name")
	if !ok || name == "" {
		t.fail("Every function needs a name")
	}
	step := t.function(name, function.object("params"))
	if save := function.raw("save"); save != nil {
		step.Save = t.save(function.object("save"))
	}
	step.Steps = t.steps(function.list("functions"), depth+1)
	return step
}

func (t *translator) function(name string, in loose) recipe.Step {
	translate, ok := rules[name]
	switch {
	case recipe.Refused[name] != "":
		t.refuse(UnsupportedFunction, "The function '%s' is not supported: expected %s", name, recipe.Refused[name])
	case known[name]:
		t.refuse(UnsupportedFunction, "The function '%s' is not supported", name)
	case !ok:
		t.refuse(UnknownFunction, "Unknown function named '%s'", name)
	default:
		o, complaint := translate(in)
		if complaint == "" {
			return o.step()
		}
		t.refuse(InvalidParams, "%s", complaint)
	}
	return recipe.Step{}
}

// unsupportedSaves are fields of a save that change where a picture goes or what is in it.
var unsupportedSaves = []string{
	"azure_destination", "ftp_destination", "signed_destination", "max_filesize", "check_blank", "set_exif",
}

func (t *translator) save(save loose) *recipe.Save {
	identifier := save.text("image_identifier")
	if identifier == "" {
		t.fail("Every save needs an image_identifier")
	}
	for _, name := range unsupportedSaves {
		if save.set(name) {
			t.refuse(UnsupportedOption, "The option '%s' is not supported", name)
		}
	}
	extension := save.text("extension")
	if s3 := save.object("s3_destination"); len(s3) > 0 {
		extension = t.destination(s3, extension)
	}
	if save.truth("skip") {
		return nil
	}
	out := &recipe.Save{ID: t.output(identifier), Format: t.format(extension)}
	if quality := save.numberOr("quality", defaultQuality); out.Format != "png" && out.Format != "gif" {
		q := int(math.Max(1, math.Min(100, quality)))
		out.Quality = &q
	}
	t.images = append(t.images, Image{Output: out.ID, Identifier: identifier})
	return out
}

// destination checks an S3 destination, whose key decides on the format.
func (t *translator) destination(s3 loose, extension string) string {
	if s3.text("signed_url") == "" && (s3.raw("bucket") == nil || s3.text("key") == "") {
		t.fail("An s3_destination needs both a bucket and a key")
	}
	t.refuse(UnsupportedOption, "The option 's3_destination' is not supported")
	if ext := path.Ext(s3.text("key")); ext != "" {
		return ext
	}
	return extension
}

// output gives the save a name of its own: identifiers may repeat, ids of outputs must not.
func (t *translator) output(identifier string) string {
	id := identifier
	for n := 2; t.taken(id); n++ {
		id = fmt.Sprintf("%s#%d", identifier, n)
	}
	return id
}

func (t *translator) taken(id string) bool {
	for _, image := range t.images {
		if image.Output == id {
			return true
		}
	}
	return false
}

// format translates an extension, with or without its dot; none is JPEG.
func (t *translator) format(extension string) string {
	extension = strings.ToLower(strings.TrimPrefix(extension, "."))
	switch extension {
	case "", "jpg", "jpeg":
		return "jpeg"
	case "png", "webp", "gif", "avif":
		return extension
	}
	t.refuse(UnsupportedOption, "Saving as '%s' is not supported", extension)
	return "jpeg"
}
