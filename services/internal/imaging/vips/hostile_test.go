package vips_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/sample"
)

func TestHostile_IsRefusedByItsHeader(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		source []byte
		code   recipe.Code
		says   string
	}{
		"nothing":                {nil, recipe.SourceUnreadable, "empty"},
		"text":                   {[]byte("hello, world"), recipe.UnsupportedFormat, "none of"},
		"PDF without an end":     {[]byte("%PDF-1.7\n"), recipe.SourceTruncated, "ends"},
		"magic bytes alone":      {[]byte("\xff\xd8\xff"), recipe.SourceTruncated, "ends"},
		"PNG of 50,000 × 50,000": {imagingtest.BlankPNG(50_000, 50_000, 1, imagingtest.Gray, false), recipe.SourceTooLarge, "50000 × 50000"},
		"JPEG of 65,500²":        {imagingtest.LyingJPEG(sample.Portrait, 65_500, 65_500), recipe.SourceTooLarge, "65500 × 65500"},
		"GIF of 501 frames":      {imagingtest.LongGIF(148, 148, 501), recipe.SourceTooLarge, "501 frames"},
		"GIF of 107,600 frames":  {imagingtest.LongGIF(148, 148, 107_600), recipe.SourceTooLarge, "frames"},
		"GIF of 32 million rows": {imagingtest.LongGIF(1, 65_535, 499), recipe.SourceTooLarge, "rows"},
		"JPEG of 101 passes":     {imagingtest.ProgressiveJPEG(80, 80, 1, 101), recipe.SourceTooLarge, "passes"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := tryRender(chain(step("fit", `{"width":10}`, "jpeg")), row.source)
			wantCode(t, err, row.code)
			if err != nil && !strings.Contains(err.Error(), row.says) {
				t.Errorf("error %q does not say %q", err, row.says)
			}
		})
	}
}

func TestHostile_DamageIsAnError(t *testing.T) {
	t.Parallel()
	recipes := map[string]recipe.Recipe{
		"one output": chain(step("fit", `{"width":50}`, "jpeg")),
		"whole":      chain(step("", "", "png")),
		"several":    {Steps: []recipe.Step{step("fit", `{"width":50}`, ""), {Save: &recipe.Save{ID: "whole"}}}},
	}
	files := map[recipe.Format][]byte{recipe.SVG: drawing(`<rect width="9" height="9"/><circle r="20"/>`)}
	for _, format := range recipe.Writable {
		files[format] = render(t, chain(step("resize", `{"width":200}`, string(format))), sample.Portrait).outputs["out"].Data
	}
	files[recipe.HEIF] = bytes.Replace(files[recipe.AVIF], []byte("ftypavif"), []byte("ftypmif1"), 1)
	for format, file := range files {
		codes := []recipe.Code{recipe.SourceTruncated}
		if format == recipe.JXL || format == recipe.TIFF || format == recipe.SVG { // their ends have no mark
			codes = []recipe.Code{recipe.SourceUnreadable}
		}
		for name, r := range recipes {
			for part := 1; part < 20; part++ {
				t.Run(fmt.Sprintf("%d/20 of %s, %s", part, format, name), func(t *testing.T) {
					t.Parallel()
					_, _, err := tryRender(r, file[:len(file)*part/20])
					wantCode(t, err, codes...)
				})
			}
		}
	}
	noise := bytes.Clone(sample.Portrait)
	for i := len(noise) / 2; i < len(noise)/2+4000; i++ {
		noise[i] = byte(i * 31)
	}
	_, _, err := tryRender(recipes["whole"], noise)
	wantCode(t, err, recipe.SourceUnreadable)
}

func TestOutputTooLarge_FailsAlone(t *testing.T) {
	t.Parallel()
	r := recipe.Recipe{Steps: []recipe.Step{
		step("fit", `{"width":50}`, "jpeg"),
		{
			Op: "resize", Params: []byte(`{"width":16383,"height":16383}`), Save: &recipe.Save{ID: "vast"},
			Steps: []recipe.Step{{Op: "fit", Params: []byte(`{"width":5}`), Save: &recipe.Save{ID: "below"}}},
		},
	}}
	g, _, err := tryRender(r, sample.Portrait)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := g.outputs["out"]; !ok {
		t.Error("the other output is missing")
	}
	for _, id := range []string{"vast", "below"} {
		if g.failures[id].Code != recipe.OutputTooLarge {
			t.Errorf("%s is %+v, want %s", id, g.failures[id], recipe.OutputTooLarge)
		}
	}
}

// drawing is an SVG of 50 × 50.
func drawing(content string) []byte {
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="50" height="50">` + content + `</svg>`)
}

// TestDrawing_ShowsNothingFromElsewhere renders without the walls around a renderer: the reader itself is not to look.
func TestDrawing_ShowsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	red := drawn(t, 50, 50, func(int, int) color.NRGBA { return color.NRGBA{R: 255, A: 255} })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("%s was fetched", r.URL.Path)
		_, _ = w.Write(red)
	}))
	t.Cleanup(server.Close)
	server.Config.ConnState = func(net.Conn, http.ConnState) { t.Error("there was a connection") }
	folder := t.TempDir()
	for name, content := range map[string]string{
		"red.png": string(red), "red.css": "rect { fill: red }", "red.txt": "MMMMMMMM",
		"red.svg": string(drawing(`<rect id="x" width="50" height="50" fill="red"/>`)),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inline := func(href string) string { return `<image width="50" height="50" href="` + href + `"/>` }
	for name, content := range map[string]string{
		"file":                 inline("file://" + folder + "/red.png"),
		"path":                 inline(folder + "/red.png"),
		"old reference":        `<image width="50" height="50" xlink:href="file://` + folder + `/red.png"/>`,
		"passwords":            inline("file:///etc/passwd"),
		"server":               inline(server.URL + "/red.png"),
		"drawing of another":   `<use xlink:href="file://` + folder + `/red.svg#x"/><use href="` + server.URL + `/red.svg#x"/>`,
		"drawing as a picture": inline("file://" + folder + "/red.svg"),
		"filter":               `<filter id="f"><feImage href="file://` + folder + `/red.png"/></filter><rect width="50" height="50" fill-opacity="0" filter="url(#f)"/>`,
		"style sheet":          `<style>@import url("file://` + folder + `/red.css"); @import url("` + server.URL + `/red.css");</style><rect width="50" height="50" fill="none"/>`,
		"included text":        `<text y="40" font-size="40" fill="red"><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="text" href="file://` + folder + `/red.txt"/></text>`,
		"drawing inside a drawing": inline("data:image/svg+xml;utf8," +
			`&lt;svg xmlns='http://www.w3.org/2000/svg' width='50' height='50'&gt;&lt;image width='50' height='50' href='file://` + folder + `/red.png'/&gt;&lt;/svg&gt;`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img := render(t, chain(step("", "", "png")), drawing(content)).picture(t, "out")
			if blank := image.NewNRGBA(image.Rect(0, 0, 50, 50)); !bytes.Equal(img.Pix, blank.Pix) {
				t.Error("the drawing is not blank")
			}
		})
	}
	// What is in the drawing itself is shown, or this would prove nothing.
	shown := render(t, chain(step("", "", "png")), drawing(`<rect width="50" height="50" fill="red"/>`)).picture(t, "out")
	alike(t, "middle", shown.NRGBAAt(25, 25), color.NRGBA{R: 255, A: 255})
}

func TestDrawing_DefinesNothing(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"entities":                          `<!DOCTYPE svg [<!ENTITY a "b">]>`,
		"an entity that looks like a start": `<!DOCTYPE svg [<!ENTITY a "><svg">]>`,
		"a file":                            `<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := tryRender(chain(step("", "", "png")), append([]byte(source), drawing("<text>&a;</text>")...))
			wantCode(t, err, recipe.UnsupportedFormat)
		})
	}
	public := `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">`
	render(t, chain(step("", "", "png")), append([]byte(public), drawing("")...))
}
