package main

import (
	"fmt"
	"strconv"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// limits are those of a recipe.
var limits = fmt.Sprintf("at most %d steps, nested at most %d deep, and %d outputs", recipe.MaxSteps, recipe.MaxDepth, recipe.MaxOutputs)

// stepText says what a step is.
var stepText = "A step has `op` and `params`, `save` to make an output of its picture, and `steps` of its own. Without `op` it " +
	"passes its picture on. A recipe has " + limits + "; it makes an output or asks for an inspection.\n\n```json" + `
{"steps": [
  {"op": "fit", "params": {"width": 1600, "height": 1200}, "save": {"id": "large", "format": "webp"},
   "steps": [{"op": "grayscale", "save": {"id": "gray", "format": "jpeg"}}]}]}
` + "```" + "\n\nOperations of [composition](#composition), all but [text](#text), read further pictures, which the job names under " +
	"`pictures`: `{\"logo\": {\"url\": \"https://example.com/logo.png\"}}`, or `data` with a data URI. Steps that are applied to " +
	"them neither save nor branch; they may lay further ones over it, and read them in no other way."

// destinationsText says what a save of a native job has besides.
const destinationsText = "A save of a native job may also have `destinations`, a list such as " +
	"`[{\"name\": \"archive\", \"key\": \"2026/gray.jpg\"}]`: the output is put at all of them, side by side, in place of the " +
	"installation's own store, and `stored` in the result says for each what became of it. `ringback destination add` makes " +
	"them."

// schemaText says of the schema what it cannot say.
var schemaText = "A recipe: a tree of steps, each with one operation. Written by `go tool task generate` from the code, which " +
	"decides. Beyond this schema: ids of outputs are unique; a recipe has " + limits + ", and at least one output or an " +
	"inspection; shares of an edge and ratios are in their ranges however they are written; pages ascend within a range; " +
	"colours have names that CSS knows; levels' black is below white; tint's positions ascend and are as many as its colors; " +
	"names are counted in bytes; layers are laid over layers at most " + strconv.Itoa(recipe.MaxLayers) + " deep. " +
	"An empty text, and a 0 that is out of its range, stand for what is absent in the code, and " +
	"for nothing here."

// What is said by hand, because no code says it.
const (
	markdownHead = `# Operations

What a recipe can ask for. This file is written by ` + "`go tool task generate`" + ` from the code, its comments and what it
takes; [schemas/native/operations.json](../../schemas/native/operations.json) says the same to programs.
`

	recipeText = "A recipe is a tree of steps. A step applies one operation; its children take its output, and its siblings share " +
		"its input. Sources are turned upright and converted to sRGB before the first step."

	valuesText = `## Values

An unknown name and a wrong type are refused, and null is a wrong type. Every wrong value is named in the reply, with
what was expected. An empty text, and a 0 that is out of its range, stand for what is absent.

### Lengths

A whole number of pixels, or a share of the picture's own edge as a text, such as ` + "`\"50%\"`" + `: of its width for what goes
across, of its height for what goes down.

### Ratios

The width divided by the height: a number, or a text such as ` + "`\"16:9\"`" + `.

### Colours

A CSS name such as ` + "`white`, `#rgb`, `#rgba`, `#rrggbb` or `#rrggbbaa`; `transparent`" + ` is a name, too.`

	gravityText = "The first nine are places. `attention` and `entropy` look at the picture: by edges, saturation and the colours of " +
		"skin, and by detail. `faces` stands for `attention`, because there is no detector of faces here. Where a picture is put " +
		"somewhere, and not cut, only the places are taken."

	inspectionText = "The fields of `exif`, `iptc` and `xmp`; the name of the colour profile (`icc`); where the picture was taken " +
		"(`gps`); its dominant `colors`; the `hashes` md5, sha-256 and crc32 of the file; and a perceptual hash (`phash`), which " +
		"stays near when the picture is scaled or encoded anew. They are in the result under `source.details`."

	refusedText = `## What is refused

Clients of Blitline may know functions that there is no operation for. They are refused:

- ` + "`convert_command` and `script`" + ` run a command line of ImageMagick, or a script of the client's. Here libvips does the work, in
  a process that can start no other: there is nothing to run them, and what they do cannot be known before they did it.`
)
