package vips_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"slices"
	"testing"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/sample"
)

// What a camera and an editor leave in a file, and nobody may find in an output.
const (
	artist  = "Jane Q. Photographer"
	xmp     = "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta><rdf:li>secret keyword</rdf:li></x:xmpmeta>"
	comment = "a comment on the picture"
	caption = "secret caption"
	degrees = 0x2A1B3C4D // of latitude: unmistakable in either byte order
)

// exif is an Exif block with an orientation, an artist and a GPS position.
func exif(orientation uint16) []byte {
	const ifd, values = 8, 80
	b := make([]byte, 0, 160)
	b = append(b, "II*\x00"...)
	b = binary.LittleEndian.AppendUint32(b, ifd)
	entry := func(tag, kind uint16, count, value uint32) {
		b = binary.LittleEndian.AppendUint16(b, tag)
		b = binary.LittleEndian.AppendUint16(b, kind)
		b = binary.LittleEndian.AppendUint32(b, count)
		b = binary.LittleEndian.AppendUint32(b, value)
	}
	b = binary.LittleEndian.AppendUint16(b, 3)
	entry(0x0112, 3, 1, uint32(orientation))
	entry(0x013B, 2, uint32(len(artist)+1), values)
	entry(0x8825, 4, 1, 50)                    // where the GPS directory is
	b = binary.LittleEndian.AppendUint32(b, 0) // no further directory
	b = binary.LittleEndian.AppendUint16(b, 1) // at 50
	entry(0x0002, 5, 1, values+uint32(len(artist))+1)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = append(b, make([]byte, values-len(b))...)
	b = append(append(b, artist...), 0)
	b = binary.LittleEndian.AppendUint32(b, degrees)
	return binary.LittleEndian.AppendUint32(b, 1)
}

// iptc is a Photoshop block with an IPTC caption (dataset 2:120).
func iptc() []byte {
	dataset := append([]byte{0x1C, 2, 120, 0, byte(len(caption))}, caption...)
	if len(dataset)%2 == 1 {
		dataset = append(dataset, 0)
	}
	block := append([]byte("\xEDPhotoshop 3.0\x008BIM\x04\x04\x00\x00"), binary.BigEndian.AppendUint32(nil, uint32(len(dataset)))...)
	return append(block, dataset...)
}

// withSegments puts segments behind the first two bytes of a JPEG.
func withSegments(jpeg []byte, segments ...[]byte) []byte {
	out := bytes.Clone(jpeg[:2])
	for _, s := range segments {
		out = append(out, 0xFF, s[0])
		out = binary.BigEndian.AppendUint16(out, uint16(len(s)+1))
		out = append(out, s[1:]...)
	}
	return append(out, jpeg[2:]...)
}

// tagged is the portrait with everything that must not get out.
func tagged(orientation uint16) []byte {
	return withSegments(sample.Portrait,
		append([]byte("\xE1Exif\x00\x00"), exif(orientation)...), []byte("\xE1"+xmp), iptc(), []byte("\xFE"+comment))
}

// withChunks wraps the picture of a lossy WebP into the extended format with further chunks.
func withChunks(webp []byte, width, height int, chunks map[string][]byte) []byte {
	header := []byte{0x0C, 0, 0, 0, byte(width - 1), byte((width - 1) >> 8), 0, byte(height - 1), byte((height - 1) >> 8), 0}
	body := append([]byte("WEBP"), riff("VP8X", header)...)
	pixels := webp[bytes.Index(webp, []byte("VP8 ")):]
	body = append(body, riff("VP8 ", pixels[8:8+binary.LittleEndian.Uint32(pixels[4:])])...)
	for _, name := range []string{"EXIF", "XMP "} {
		body = append(body, riff(name, chunks[name])...)
	}
	return riff("RIFF", body)
}

func riff(name string, data []byte) []byte {
	chunk := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data)))
	chunk = append(chunk, data...)
	return append(chunk, make([]byte, len(data)%2)...)
}

// leaks lists what the file still tells.
func leaks(file []byte) []string {
	var found []string
	little, big := binary.LittleEndian.AppendUint32(nil, degrees), binary.BigEndian.AppendUint32(nil, degrees)
	for name, trace := range map[string][]byte{
		"artist": []byte(artist), "caption": []byte(caption), "keyword": []byte("secret keyword"), "comment": []byte(comment),
		"position": little, "position, big endian": big, "profile": []byte("acspMSFT"),
	} {
		if bytes.Contains(file, trace) {
			found = append(found, name)
		}
	}
	return found
}

func TestMetadata_IsGoneFromTheBytes(t *testing.T) {
	t.Parallel()
	portrait := tagged(1)
	if got := len(leaks(portrait)); got != 5 {
		t.Fatalf("the source tells %d things (%v), want 5", got, leaks(portrait))
	}
	plain := render(t, chain(step("resize", `{"width":200}`, "webp")), sample.Portrait).outputs["out"].Data
	sources := map[string][]byte{
		"jpeg": portrait,
		"webp": withChunks(plain, 200, 200, map[string][]byte{"EXIF": exif(1), "XMP ": []byte(xmp)}),
	}
	if got := len(leaks(sources["webp"])); got != 3 {
		t.Fatalf("the WebP source tells %d things (%v), want 3", got, leaks(sources["webp"]))
	}
	// The other formats come from our own keeping, which must be seen to keep for this to prove anything.
	for _, format := range []recipe.Format{recipe.PNG, recipe.AVIF, recipe.TIFF} {
		file := render(t, chain(saving(`{"id":"out","format":"`+string(format)+`","metadata":"keep"}`)), portrait).outputs["out"].Data
		if found := leaks(file); len(found) == 0 {
			t.Fatalf("%s with its metadata kept tells nothing", format)
		}
		sources[string(format)] = file
	}
	for source, file := range sources {
		for _, format := range recipe.Writable {
			for _, op := range []recipe.Step{step("fit", `{"width":100}`, string(format)), step("", "", string(format))} {
				t.Run(source+" to "+string(format)+" by "+op.Op, func(t *testing.T) {
					t.Parallel()
					if found := leaks(render(t, chain(op), file).outputs["out"].Data); len(found) > 0 {
						t.Errorf("the output tells %v", found)
					}
				})
			}
		}
	}
}

func TestMetadata_IsKeptOnDemand(t *testing.T) {
	t.Parallel()
	// The orientation is turned into pixels, so a reader that obeyed it again would turn the picture twice.
	// libvips compresses the XMP of a PNG and writes no EXIF into a TIFF.
	for format, what := range map[string]string{
		"jpeg": "caption", "webp": "keyword", "png": "artist", "avif": "keyword", "tiff": "keyword",
	} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			file := render(t, chain(saving(`{"id":"out","format":"`+format+`","metadata":"keep"}`)), tagged(6)).outputs["out"].Data
			if found := leaks(file); !slices.Contains(found, what) {
				t.Errorf("the output tells only %v, want the %s", found, what)
			}
			upright := render(t, chain(step("", "", "png")), tagged(6)).picture(t, "out")
			again := render(t, chain(step("", "", "png")), file).picture(t, "out")
			if d := distance(upright, again); d > 5 {
				t.Errorf("the picture differs by %.1f when it is read again: it was turned twice", d)
			}
		})
	}
}

// saving is a step that does nothing but save.
func saving(save string) recipe.Step {
	var s recipe.Save
	if err := json.Unmarshal([]byte(save), &s); err != nil {
		panic(err)
	}
	return recipe.Step{Save: &s}
}
