package recipe_test

import (
	"bytes"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

func FuzzSniff(f *testing.F) {
	for _, seed := range files() {
		f.Add(seed)
		f.Add(append(bytes.Repeat([]byte(" "), 4090), seed...))
	}
	f.Add([]byte(`<!DOCTYPE svg [<!ENTITY a "><svg">]><svg/>`))
	f.Add([]byte("\xef\xbb\xbf<?xml version='1.0'?><!-- <svg --><!DOCTYPE svg><svg/>"))
	known := append([]recipe.Format{recipe.HEIF, recipe.SVG}, recipe.Writable...)
	f.Fuzz(func(t *testing.T, file []byte) {
		format, ok := recipe.Sniff(file)
		if ok != bytes.Contains([]byte(joined(known)), []byte(" "+string(format)+" ")) {
			t.Errorf("got %q and %t", format, ok)
		}
		// The head of a file is enough, so that it may be sniffed while it is still being fetched.
		if head, sure := recipe.Sniff(file[:min(len(file), 4096)]); head != format || sure != ok {
			t.Errorf("the head is %q and the whole %q", head, format)
		}
	})
}

func FuzzComplete(f *testing.F) {
	for _, seed := range files() {
		f.Add(seed)
		f.Add(seed[:len(seed)/2])
	}
	f.Add([]byte("\x00\x00\x00\x01ftypavif\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Add([]byte("\x00\x00\x00\x10ftypavif\x00\x00\x00\x00\xff\xff\xff\xf0mdat"))
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, format := range append([]recipe.Format{recipe.HEIF, recipe.SVG, ""}, recipe.Writable...) {
			whole := recipe.Complete(file, format)
			if format == recipe.GIF && whole && !bytes.HasSuffix(bytes.TrimRight(file, "\x00"), []byte{0x3b}) {
				t.Error("a GIF without its last byte is taken for complete")
			}
		}
	})
}

// joined are the formats between spaces.
func joined(formats []recipe.Format) string {
	text := " "
	for _, format := range formats {
		text += string(format) + " "
	}
	return text
}

// files are small ones, whole or only begun, of every format.
func files() [][]byte {
	return [][]byte{
		{},
		[]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\xff\xd9"), imagingtest.BlankPNG(3, 2, 8, imagingtest.RGB, false),
		imagingtest.LongGIF(3, 2, 3), imagingtest.TIFF(1, nil, false), imagingtest.PDF(1, "0 0 9 9"),
		imagingtest.ProgressiveJPEG(8, 8, 1, 2), []byte("RIFF\x04\x00\x00\x00WEBP"), []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00"),
		[]byte("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00"), []byte("\xff\x0a"), []byte("\x00\x00\x00\x0cJXL \r\n\x87\n"),
		[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), []byte("hello, world"),
	}
}
