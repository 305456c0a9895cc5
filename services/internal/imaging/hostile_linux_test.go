package imaging_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/sample"
)

const (
	// tight is what a renderer may use in these tests.
	tight = 512 << 20
	// overshoot is how much more it may have taken before it was looked at again and killed.
	overshoot = 384 << 20
)

// spoilings is how often a file of each format is spoilt.
const spoilings = 40

// hostile is a job that means harm.
type hostile struct {
	source   []byte
	recipe   recipe.Recipe // by default two small outputs
	pictures map[string][]byte
	// codes are those that the job may end with; "" is a job that is done, but for the outputs that fail.
	codes []recipe.Code
	fails map[string]recipe.Code
}

func codes(list ...recipe.Code) []recipe.Code { return list }

const done recipe.Code = ""

// twoOutputs makes a small picture by way of shrinking while reading, and one of all pixels.
func twoOutputs(t *testing.T) recipe.Recipe {
	t.Helper()
	fit, err := recipe.NewStep(&recipe.FitOp{Box: recipe.Box{Width: recipe.Pixels(64), Height: recipe.Pixels(64)}}, &recipe.Save{ID: "small"})
	if err != nil {
		t.Fatal(err)
	}
	gray := recipe.Step{Op: "grayscale", Steps: []recipe.Step{{Op: "crop", Params: []byte(`{"width":1,"height":1}`), Save: &recipe.Save{ID: "gray", Format: "png"}}}}
	return recipe.Recipe{Steps: []recipe.Step{fit, gray}}
}

// bombs have more pixels, frames or pages than they look.
func bombs(t *testing.T) map[string]hostile {
	t.Helper()
	all, first := twoOutputs(t), twoOutputs(t)
	all.Pages = "all"
	first.Density = 1200
	refused := codes(recipe.SourceTooLarge)
	return map[string]hostile{
		"PNG of 30,000² single bits":         {source: imagingtest.BlankPNG(30_000, 30_000, 1, imagingtest.Gray, false), codes: refused},
		"PNG of 10,000² single bits":         {source: imagingtest.BlankPNG(10_000, 10_000, 1, imagingtest.Gray, false), codes: codes(done)},
		"PNG of 9,900² colours":              {source: imagingtest.BlankPNG(9_900, 9_900, 8, imagingtest.RGBA, false), codes: codes(done, recipe.RendererOutOfMemory)},
		"interlaced PNG of 9,900²":           {source: imagingtest.BlankPNG(9_900, 9_900, 8, imagingtest.RGB, true), codes: codes(done, recipe.RendererOutOfMemory)},
		"interlaced PNG of 9,900², 16 bits":  {source: imagingtest.BlankPNG(9_900, 9_900, 16, imagingtest.RGBA, true), codes: codes(recipe.RendererOutOfMemory)},
		"progressive JPEG of 9,900²":         {source: imagingtest.ProgressiveJPEG(9_900, 9_900, 3, 4), codes: codes(recipe.RendererOutOfMemory)},
		"progressive JPEG of 800 passes":     {source: imagingtest.ProgressiveJPEG(9_900, 9_900, 1, 800), codes: refused},
		"progressive JPEG of 65,500²":        {source: imagingtest.ProgressiveJPEG(65_500, 65_500, 1, 1), codes: refused},
		"JPEG that lies":                     {source: imagingtest.LyingJPEG(sample.Portrait, 65_500, 65_500), codes: refused},
		"JPEG that lies within the limits":   {source: imagingtest.LyingJPEG(sample.Portrait, 9_900, 9_900), codes: codes(recipe.SourceUnreadable)},
		"GIF of 107,600 frames":              {source: imagingtest.LongGIF(148, 148, 107_600), codes: refused},
		"GIF that overflows 32 bits":         {source: imagingtest.LongGIF(65_535, 65_535, 107_600), codes: refused},
		"GIF of the tallest column":          {source: imagingtest.LongGIF(1, 65_535, 499), codes: refused},
		"TIFF of 5,000 pages":                {source: imagingtest.TIFF(5_000, nil, false), codes: codes(done)},
		"TIFF of 5,000 pages, all of them":   {source: imagingtest.TIFF(5_000, nil, false), recipe: all, codes: refused},
		"TIFF whose pages go round":          {source: imagingtest.TIFF(3, func(page int) int { return (page + 1) % 3 }, false), recipe: all, codes: codes(done, recipe.SourceUnreadable)},
		"TIFF whose page follows itself":     {source: imagingtest.TIFF(1, func(int) int { return 0 }, false), codes: codes(done, recipe.SourceUnreadable)},
		"TIFF with itself inside":            {source: imagingtest.TIFF(2, nil, true), recipe: all, codes: codes(done, recipe.SourceUnreadable)},
		"PDF of 200,000²":                    {source: imagingtest.PDF(1, "0 0 200000 200000"), codes: refused},
		"PDF of no size":                     {source: imagingtest.PDF(1, "0 0 0 0"), codes: codes(done, recipe.SourceUnreadable)},
		"PDF inside out":                     {source: imagingtest.PDF(1, "1e30 1e30 -1e30 -1e30"), codes: codes(done, recipe.SourceTooLarge, recipe.SourceUnreadable)},
		"PDF of 1,200 dots an inch":          {source: imagingtest.PDF(1, "0 0 6000 6000"), recipe: first, codes: refused},
		"PDF of 400² at 1,200 dots an inch":  {source: imagingtest.PDF(1, "0 0 400 400"), recipe: first, codes: codes(done, recipe.RendererOutOfMemory)},
		"PDF of 10,000 pages":                {source: imagingtest.PDF(10_000, "0 0 100 100"), codes: codes(done)},
		"PDF of 10,000 pages, all of them":   {source: imagingtest.PDF(10_000, "0 0 100 100"), recipe: all, codes: refused},
		"PDF whose pages are their own root": {source: imagingtest.PDFOf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 5/Kids[2 0 R 2 0 R]>>"), codes: codes(recipe.SourceUnreadable)},
		"PDF with a picture bomb": {source: imagingtest.PDFOf(
			"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
			"<</Type/Page/Parent 2 0 R/MediaBox[0 0 50 50]/Contents 4 0 R/Resources<</XObject<</a 5 0 R>>>>>>",
			"<</Length 26>>stream\nq 50 0 0 50 0 0 cm /a Do Q\nendstream", bombStream(),
		), codes: codes(done, recipe.SourceUnreadable, recipe.RendererOutOfMemory, recipe.RendererTimeout)},
		"SVG of 200,000²": {source: svg(200_000, ""), codes: refused},
		"SVG of a picture bomb": {
			source: svg(50, `<image width="50" height="50" href="data:image/png;base64,`+
				base64.StdEncoding.EncodeToString(imagingtest.BlankPNG(30_000, 30_000, 1, imagingtest.Gray, false))+`"/>`),
			codes: codes(done, recipe.RendererOutOfMemory),
		},
		"SVG that laughs a billion times": {source: []byte(billionLaughs), codes: codes(recipe.UnsupportedFormat)},
		"SVG that uses itself ever more":  {source: svg(50, useBomb(12)), codes: codes(done, recipe.SourceUnreadable, recipe.RendererTimeout, recipe.RendererOutOfMemory)},
	}
}

// bombStream is a picture in a PDF, 30,000 pixels wide and high.
func bombStream() string {
	data := imagingtest.Deflated(0, 30_000*30_000*3)
	return fmt.Sprintf("<</Type/XObject/Subtype/Image/Width 30000/Height 30000/BitsPerComponent 8/ColorSpace/DeviceRGB"+
		"/Filter/FlateDecode/Length %d>>stream\n%s\nendstream", len(data), data)
}

func svg(edge int, content string) []byte {
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="%d" height="%d">%s</svg>`, edge, edge, content)
}

// billionLaughs hides its start of a drawing in an entity, so that it looks like one.
var billionLaughs = `<!DOCTYPE svg [<!ENTITY a0 "><svg">` + func() string {
	var b strings.Builder
	for i := range 10 {
		fmt.Fprintf(&b, `<!ENTITY a%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&a%d;", i), 10))
	}
	return b.String()
}() + `]><svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><text>&a10;</text></svg>`

// useBomb draws ten to the power of depth rectangles.
func useBomb(depth int) string {
	var b strings.Builder
	b.WriteString(`<rect id="u0" width="9" height="9"/>`)
	for i := range depth {
		fmt.Fprintf(&b, `<g id="u%d">%s</g>`, i+1, strings.Repeat(fmt.Sprintf(`<use xlink:href="#u%d"/>`, i), 10))
	}
	return b.String()
}

// damaged are files whose parts do not belong together, or say what is not so.
func damaged(t *testing.T, files map[recipe.Format][]byte) map[string]hostile {
	t.Helper()
	inspecting := twoOutputs(t)
	inspecting.Inspect = recipe.Inspections
	portrait, unreadable := sample.Portrait, codes(recipe.SourceUnreadable)
	pixel := imagingtest.BlankPNG(50, 50, 8, imagingtest.RGB, false)
	wrongSum := bytes.Clone(pixel)
	wrongSum[len(wrongSum)-16] ^= 0xFF // of the pixels
	colours := func(profile []byte, kind byte) []byte {
		return imagingtest.BlankPNG(50, 50, 8, kind, false, imagingtest.Profiled(profile))
	}
	fine := imagingtest.Profile([3][3]float64{{0.38, 0.72, 0.1}, {0.44, 0.22, 0.01}, {0.14, 0.06, 0.71}})
	large := append(bytes.Clone(fine), bytes.Repeat([]byte("ringback"), 3<<17)...)
	gray := append(bytes.Clone(fine[:16]), append([]byte("GRAY"), fine[20:]...)...)
	garbage := append(bytes.Clone(fine[:128]), bytes.Repeat([]byte{0xAB, 0xCD, 0xEF}, 1000)...)
	zipped := func(what string) []byte {
		return imagingtest.Chunk("zTXt", append([]byte(what+"\x00\x00"), imagingtest.Deflated('0', 1<<30)...))
	}
	return map[string]hostile{
		"PNG with a wrong checksum":       {source: wrongSum, codes: unreadable},
		"PNG with a profile of 3 MB":      {source: colours(large, imagingtest.RGB), codes: codes(done)},
		"PNG with a profile of garbage":   {source: colours(garbage, imagingtest.RGB), codes: codes(done)},
		"PNG with a gray profile":         {source: colours(gray, imagingtest.RGB), codes: codes(done)},
		"PNG with alpha and a profile":    {source: colours(fine, imagingtest.RGBA), codes: codes(done)},
		"PNG with a zipped profile bomb":  {source: imagingtest.BlankPNG(50, 50, 8, imagingtest.RGB, false, imagingtest.Chunk("iCCP", append([]byte("p\x00\x00"), imagingtest.Deflated(0, 1<<30)...))), codes: codes(done)},
		"PNG with a zipped text bomb":     {source: imagingtest.BlankPNG(50, 50, 8, imagingtest.RGB, false, zipped("Comment")), codes: codes(done)},
		"PNG with a zipped IPTC bomb":     {source: imagingtest.BlankPNG(50, 50, 8, imagingtest.RGB, false, zipped("Raw profile type iptc")), recipe: inspecting, codes: codes(done)},
		"JPEG with a profile of 3 MB":     {source: imagingtest.WithProfile(portrait, large), codes: codes(done)},
		"JPEG with a profile of garbage":  {source: imagingtest.WithProfile(portrait, garbage), codes: codes(done)},
		"JPEG with a circle of Exif":      {source: imagingtest.WithSegments(portrait, imagingtest.ExifSegment(exifCircle)), recipe: inspecting, codes: codes(done)},
		"JPEG with Exif of huge counts":   {source: imagingtest.WithSegments(portrait, imagingtest.ExifSegment(exifCounts)), recipe: inspecting, codes: codes(done)},
		"WebP that lies":                  {source: patched(files[recipe.WebP], "\x9d\x01\x2a", 3, "\xff\x3f\xff\x3f"), codes: codes(recipe.SourceTooLarge, recipe.SourceUnreadable)},
		"WebP that lies within limits":    {source: patched(files[recipe.WebP], "\x9d\x01\x2a", 3, "\x00\x23\x00\x23"), codes: codes(recipe.SourceUnreadable, recipe.SourceTruncated)},
		"AVIF that lies":                  {source: patched(files[recipe.AVIF], "ispe", 8, "\x00\x00\xff\xff\x00\x00\xff\xff"), codes: codes(recipe.SourceTooLarge, recipe.SourceUnreadable)},
		"AVIF that lies within limits":    {source: patched(files[recipe.AVIF], "ispe", 8, "\x00\x00\x23\x00\x00\x00\x23\x00"), codes: unreadable},
		"AVIF under another brand":        {source: patched(files[recipe.AVIF], "ftyp", 4, "mif1"), codes: codes(done)},
		"GIF that is a PDF, too":          {source: append(bytes.Clone(files[recipe.GIF]), imagingtest.PDF(1, "0 0 9 9")...), codes: codes(done, recipe.SourceTruncated)},
		"PDF after a GIF's signature":     {source: append([]byte("GIF89a"), imagingtest.PDF(1, "0 0 9 9")...), codes: codes(recipe.SourceTruncated, recipe.SourceUnreadable)},
		"JPEG with HTML behind it":        {source: append(bytes.Clone(portrait), "<script>alert(1)</script>"...), codes: codes(done)},
		"HTML after a PNG's signature":    {source: []byte("\x89PNG\r\n\x1a\n<html><script>alert(1)</script>"), codes: codes(recipe.SourceTruncated)},
		"MVG after an SVG's start":        {source: []byte("<svg\npush graphic-context\nimage over 0,0 0,0 'url(http://127.0.0.1/)'"), codes: unreadable},
		"libvips' own format":             {source: append([]byte{0x08, 0xF2, 0xA6, 0xB6}, make([]byte, 64)...), codes: codes(recipe.UnsupportedFormat)},
		"a zip":                           {source: append([]byte("PK\x03\x04"), make([]byte, 64)...), codes: codes(recipe.UnsupportedFormat)},
		"SVG with everything from abroad": {source: svg(50, abroad), codes: codes(done)},
		"hostile pictures to lay over": {
			source: portrait, pictures: map[string][]byte{
				"bomb": imagingtest.BlankPNG(30_000, 30_000, 1, imagingtest.Gray, false), "cut": portrait[:2000], "text": []byte("none"),
				"drawing": svg(200_000, ""), "fine": portrait,
			},
			recipe: overlays("bomb", "cut", "text", "drawing", "missing", "fine"), codes: codes(done),
			fails: map[string]recipe.Code{
				"bomb": recipe.PictureUnreadable, "cut": recipe.PictureUnreadable, "text": recipe.PictureUnreadable,
				"drawing": recipe.PictureUnreadable, "missing": recipe.PictureUnreadable,
			},
		},
		"markup in a text": {
			source: portrait, codes: codes(done), recipe: recipe.Recipe{Steps: []recipe.Step{{
				Op:     "text",
				Params: []byte(`{"text":"<span font='999999' foreground='red'>&amp;</span>&#x0;</markup>"}`), Save: &recipe.Save{ID: "out"},
			}}},
		},
	}
}

// exifCircle has directories that name each other, and themselves.
var exifCircle = imagingtest.Exif(
	[]imagingtest.Field{{Tag: 0x8769, Kind: 4, Count: 1, Value: 8}, {Tag: 0x8825, Kind: 4, Count: 1, Value: 50}, {Tag: 0xA005, Kind: 4, Count: 1, Value: 8}},
	[]imagingtest.Field{{Tag: 0x8769, Kind: 4, Count: 1, Value: 50}, {Tag: 0x8825, Kind: 4, Count: 1, Value: 8}},
)

// exifCounts has fields of billions of values, and 4,000 fields of the same 64 KiB.
var exifCounts = func() []byte {
	fields := []imagingtest.Field{
		{Tag: 0x010E, Kind: 2, Count: 1<<32 - 1, Value: 8},
		{Tag: 0x011A, Kind: 5, Count: 1 << 29, Value: 8},
		{Tag: 0x0132, Kind: 12, Count: 1 << 31, Value: 1<<32 - 1},
		{Tag: 0x9286, Kind: 7, Count: 0, Value: 0},
	}
	for range 4000 {
		fields = append(fields, imagingtest.Field{Tag: 0x927C, Kind: 7, Count: 60_000, Value: 8})
	}
	return imagingtest.Exif(fields)
}()

// abroad are references to what is not in the drawing.
const abroad = `<image width="50" height="50" href="file:///etc/passwd"/><image width="50" height="50" xlink:href="http://127.0.0.1:9/a.png"/>
<style>@import url("file:///etc/passwd"); @import url("http://127.0.0.1:9/a.css");</style>
<use xlink:href="file:///usr/share/icons/a.svg#x"/><text y="20"><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/></text>`

// patched overwrites a file's bytes so far behind a mark.
func patched(file []byte, mark string, behind int, with string) []byte {
	b := bytes.Clone(file)
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte(mark))
		if i < 0 {
			return b
		}
		at += i + behind
		copy(b[at:], with)
	}
}

// overlays lays each of the pictures over the source, in an output of its name.
func overlays(names ...string) recipe.Recipe {
	var r recipe.Recipe
	for _, name := range names {
		r.Steps = append(r.Steps, recipe.Step{Op: "overlay", Params: fmt.Appendf(nil, `{"picture":%q}`, name), Save: &recipe.Save{ID: name}})
	}
	return r
}

// readable are small whole files of every format.
func readable(t *testing.T, pool *imaging.Pool) map[recipe.Format][]byte {
	t.Helper()
	var r recipe.Recipe
	for _, format := range recipe.Writable {
		r.Steps = append(r.Steps, recipe.Step{
			Op: "resize", Params: []byte(`{"width":120}`), Save: &recipe.Save{ID: string(format), Format: string(format)},
		})
	}
	resp, err := pool.Render(t.Context(), imaging.Request{Recipe: r, Source: sample.Portrait})
	if err != nil || len(resp.Failures) > 0 {
		t.Fatalf("make files: %v, %v", err, resp.Failures)
	}
	files := map[recipe.Format][]byte{recipe.SVG: svg(50, `<rect width="9" height="9"/><circle r="20"/>`)}
	for _, output := range resp.Outputs {
		files[recipe.Format(output.ID)] = output.Data
	}
	files[recipe.HEIF] = patched(files[recipe.AVIF], "ftyp", 4, "mif1")
	return files
}

func TestPool_Hostile(t *testing.T) {
	t.Parallel()
	program := ownProgram(t, renderer)
	pool := newPool(t, program, func(c *imaging.Config) {
		c.Documents, c.RecycleMemory, c.MaxMemory, c.Timeout = 1, 256<<20, tight, 20*time.Second
	})
	files := readable(t, pool)
	for _, family := range []map[string]hostile{bombs(t), damaged(t, files), cut(files), spoilt(files)} {
		for name, row := range family {
			t.Run(name, func(t *testing.T) { row.run(t, pool, program) })
		}
	}
}

// spoilt are the files of every format with some bytes changed, always the same ones.
func spoilt(files map[recipe.Format][]byte) map[string]hostile {
	all := map[string]hostile{}
	for format, file := range files {
		random := rand.New(rand.NewPCG(7, uint64(len(format))))
		for i := range spoilings {
			b := bytes.Clone(file)
			for range 1 + random.IntN(8) {
				b[random.IntN(min(len(b), 1<<(4+random.IntN(12))))] = byte(random.IntN(256))
			}
			all[fmt.Sprintf("%s spoilt, %d", format, i)] = hostile{source: b, codes: codes(
				done, recipe.SourceTruncated, recipe.SourceUnreadable, recipe.SourceTooLarge, recipe.UnsupportedFormat,
				recipe.RendererCrashed, recipe.RendererTimeout, recipe.RendererOutOfMemory,
			)}
		}
	}
	return all
}

// cut are the files of every format, cut off at twenty lengths.
func cut(files map[recipe.Format][]byte) map[string]hostile {
	all := map[string]hostile{}
	for format, file := range files {
		accepted := codes(recipe.SourceTruncated, recipe.SourceUnreadable, recipe.UnsupportedFormat)
		if format == recipe.TIFF {
			accepted = append(accepted, done) // its directory may come before the pixels
		}
		for i := range 20 {
			all[fmt.Sprintf("%s cut at %d of 20", format, i)] = hostile{source: file[:len(file)*i/20], codes: accepted}
		}
	}
	return all
}

// run renders the job, and then a picture that is as it should be.
func (h hostile) run(t *testing.T, pool *imaging.Pool, program string) {
	t.Helper()
	if h.recipe.Steps == nil {
		h.recipe = twoOutputs(t)
	}
	if err := h.recipe.Validate(); err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	highest := watchMemory(t, program)
	resp, err := pool.Render(t.Context(), imaging.Request{Recipe: h.recipe, Source: h.source, Pictures: h.pictures})
	if peak := highest(); peak > tight+overshoot {
		t.Errorf("renderers took %s", imaging.Bytes(peak))
	} else {
		t.Logf("%v, %s, %s", err, imaging.Bytes(peak), time.Since(started).Round(time.Millisecond))
	}
	h.judge(t, resp, err)
	next, err := pool.Render(t.Context(), imaging.Request{Recipe: twoOutputs(t), Source: sample.Portrait})
	if err != nil || len(next.Outputs) != 2 {
		t.Errorf("the next picture ends with %v and %v", err, next.Failures)
	}
}

// judge holds the end of the job against what was expected.
func (h hostile) judge(t *testing.T, resp imaging.Response, err error) {
	t.Helper()
	code := done
	if err != nil {
		fault, own := errors.AsType[*recipe.Error](err)
		if !own {
			t.Fatalf("got %v, which is no code of ours", err)
		}
		code = fault.Code
		ourWords(t, fault.Message)
	}
	if !slices.Contains(h.codes, code) {
		t.Errorf("got %v, want one of %q", err, h.codes)
	}
	failed := map[string]recipe.Code{}
	for _, failure := range resp.Failures {
		failed[failure.ID] = failure.Code
		ourWords(t, failure.Message)
	}
	for _, save := range h.recipe.Outputs() {
		if failed[save.ID] != h.fails[save.ID] {
			t.Errorf("output %s ends with %q, want %q", save.ID, failed[save.ID], h.fails[save.ID])
		}
	}
	for _, output := range resp.Outputs {
		if bytes.Contains(output.Data, []byte("<script")) || bytes.Contains(output.Data, []byte("%PDF")) {
			t.Errorf("output %s still has what was hidden in the source", output.ID)
		}
	}
}

// ourWords fails when a message was written by a library.
func ourWords(t *testing.T, message string) {
	t.Helper()
	for _, word := range []string{"vips", "Vips", "/", "lib", "rsvg", "poppler", "goroutine", ".go", ".c", "load", "error"} {
		if strings.Contains(message, word) {
			t.Errorf("the message %q has %q in it", message, word)
		}
	}
}

// watchMemory follows the most memory that any process of the program has had, until the function is called.
func watchMemory(t *testing.T, program string) (highest func() int64) {
	t.Helper()
	var watching sync.WaitGroup
	stop, most := make(chan struct{}), int64(0)
	look := func() {
		for _, pid := range children(t, program) {
			most = max(most, peak(pid))
		}
	}
	watching.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				look()
			}
		}
	})
	return func() int64 {
		close(stop)
		watching.Wait()
		look()
		return most
	}
}

// peak is the most resident memory that a process has had; 0 when it is gone.
func peak(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	words := strings.Fields(rest)
	if len(words) == 0 {
		return 0
	}
	kib, err := strconv.ParseInt(words[0], 10, 64)
	if err != nil {
		return 0
	}
	return kib << 10
}
