package vips_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/sample"
)

// hugePNG is a header of 50,000 × 50,000 pixels with next to nothing behind it.
func hugePNG() []byte {
	chunk := func(name string, data []byte) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
		b = append(append(b, name...), data...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	}
	size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 50_000), 50_000)
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(size, 1, 0, 0, 0, 0))...)
	b = append(b, chunk("IDAT", []byte("\x78\x9c\x03\x00\x00\x00\x00\x01"))...)
	return append(b, chunk("IEND", nil)...)
}

// lyingJPEG is the portrait with another size in its header.
func lyingJPEG(width, height uint16) []byte {
	b := bytes.Clone(sample.Portrait)
	at := bytes.Index(b, []byte{0xFF, 0xC0}) + 5
	binary.BigEndian.PutUint16(b[at:], height)
	binary.BigEndian.PutUint16(b[at+2:], width)
	return b
}

// longGIF has many frames of one pixel on a screen of 148 × 148.
func longGIF(t *testing.T, frames int) []byte {
	t.Helper()
	pixel := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.Black, color.White})
	screen := image.NewPaletted(image.Rect(0, 0, 148, 148), pixel.Palette)
	var file bytes.Buffer
	if err := gif.EncodeAll(&file, &gif.GIF{Image: []*image.Paletted{screen, pixel}, Delay: []int{0, 0}}); err != nil {
		t.Fatal(err)
	}
	const separator, trailer = 0x2C, 0x3B
	open := bytes.TrimSuffix(file.Bytes(), []byte{trailer})
	last := open[bytes.LastIndexByte(open, separator):]
	return append(append(bytes.Clone(open), bytes.Repeat(last, frames-2)...), trailer)
}

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
		"PNG of 50,000 × 50,000": {hugePNG(), recipe.SourceTooLarge, "50000 × 50000"},
		"JPEG of 65,500²":        {lyingJPEG(65_500, 65_500), recipe.SourceTooLarge, "65500 × 65500"},
		"GIF of 501 frames":      {longGIF(t, 501), recipe.SourceTooLarge, "501 frames"},
		"GIF of 107,600 frames":  {longGIF(t, 107_600), recipe.SourceTooLarge, "frames"},
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
	for _, format := range recipe.Writable {
		file := render(t, chain(step("resize", `{"width":400}`, string(format))), sample.Portrait).outputs["out"].Data
		for name, r := range recipes {
			for _, part := range []int{2, 10, 50, 90} {
				t.Run(fmt.Sprintf("%d%% of %s, %s", part, format, name), func(t *testing.T) {
					t.Parallel()
					_, _, err := tryRender(r, file[:len(file)*part/100])
					if format == recipe.JXL || format == recipe.TIFF { // their ends have no mark
						wantCode(t, err, recipe.SourceUnreadable)
						return
					}
					wantCode(t, err, recipe.SourceTruncated)
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
