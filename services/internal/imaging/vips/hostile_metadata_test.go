package vips_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/sample"
)

// inspected is what is found out about a source.
func inspected(t *testing.T, source []byte) imaging.Details {
	t.Helper()
	r := chain(step("fit", `{"width":10}`, "png"))
	r.Inspect = recipe.Inspections
	_, facts, err := tryRender(r, source)
	if err != nil {
		t.Fatal(err)
	}
	return *facts.Details
}

func TestInspect_TellsWhatIsThere(t *testing.T) {
	t.Parallel()
	packet := `http://ns.adobe.com/xap/1.0/` + "\x00" + `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description xmlns:a="urn:a" a:City="Prague"/><rdf:Description xmlns:a="urn:a" a:Mood="calm"/></rdf:RDF></x:xmpmeta>`
	source := imagingtest.WithSegments(sample.Portrait, imagingtest.ExifSegment(exif(1)), []byte("\xE1"+packet), iptc())
	got := inspected(t, imagingtest.WithProfile(source, swapped()))
	if got.EXIF["Artist"] != artist {
		t.Errorf("EXIF is %v, want the artist", got.EXIF)
	}
	if diff := cmp.Diff(map[string]string{"City": "Prague", "Mood": "calm"}, got.XMP); diff != "" {
		t.Errorf("XMP (-want +got):\n%s", diff)
	}
	if len(got.IPTC) != 1 || got.ICC != "swap" || len(got.Colors) == 0 || len(got.PHash) != 16 || len(got.SHA256) != 64 {
		t.Errorf("details are %+v", got)
	}
}

// infinities are three numbers of 64 bits.
var infinities = bytes.Repeat([]byte{0, 0, 0, 0, 0, 0, 0xF0, 0x7F}, 3)

// place is the portrait with a directory of GPS of these fields. With two fields, infinities lie at 56.
func place(fields ...imagingtest.Field) []byte {
	return imagingtest.WithSegments(sample.Portrait, imagingtest.ExifSegment(append(imagingtest.Exif(
		[]imagingtest.Field{{Tag: 0x8825, Kind: 4, Count: 1, Value: 26}}, fields), infinities...)))
}

// repeating is a TIFF of one pixel that names the same half a megabyte of XMP 4,000 times.
func repeating() []byte {
	const times, short, long, double = 4_000, 3, 4, 12
	fields := []imagingtest.Field{
		{Tag: 256, Kind: long, Count: 1, Value: 1},
		{Tag: 257, Kind: long, Count: 1, Value: 1},
		{Tag: 258, Kind: short, Count: 1, Value: 8},
		{Tag: 259, Kind: short, Count: 1, Value: 1},
		{Tag: 262, Kind: short, Count: 1, Value: 1},
		{Tag: 273, Kind: long, Count: 1, Value: 8},
		{Tag: 277, Kind: short, Count: 1, Value: 1},
		{Tag: 278, Kind: long, Count: 1, Value: 1},
		{Tag: 279, Kind: long, Count: 1, Value: 1},
	}
	packet := uint32(8 + 2 + 12*(len(fields)+times) + 4)
	for range times {
		fields = append(fields, imagingtest.Field{Tag: 700, Kind: double, Count: 1 << 16, Value: packet})
	}
	return append(append(imagingtest.Exif(fields), "<a>"...), bytes.Repeat([]byte("<a>text</a>"), 1<<16)...)
}

func TestInspect_HostileMetadata(t *testing.T) {
	t.Parallel()
	const ascii, short, long, rational, double = 2, 3, 4, 5, 12
	loop := []imagingtest.Field{{Tag: 0x8769, Kind: long, Count: 1, Value: 8}, {Tag: 0x8825, Kind: long, Count: 1, Value: 8}}
	var attributes strings.Builder
	for i := range 200 {
		fmt.Fprintf(&attributes, ` a:n%d="%s"`, i, strings.Repeat(">", 250)) // each of which is six bytes of JSON
	}
	rows := map[string][]byte{
		"directories in a circle": imagingtest.WithSegments(sample.Portrait, imagingtest.ExifSegment(imagingtest.Exif(loop))),
		"a reference that is a number": place(
			imagingtest.Field{Tag: 1, Kind: short, Count: 1, Value: 7}, imagingtest.Field{Tag: 2, Kind: rational, Count: 3, Value: 8},
			imagingtest.Field{Tag: 3, Kind: short, Count: 1, Value: 7}, imagingtest.Field{Tag: 4, Kind: rational, Count: 3, Value: 8}),
		"a place that is a text": place(
			imagingtest.Field{Tag: 2, Kind: ascii, Count: 3, Value: 0x414141}, imagingtest.Field{Tag: 4, Kind: ascii, Count: 3, Value: 0x414141}),
		"a place beyond all numbers": place(
			imagingtest.Field{Tag: 2, Kind: double, Count: 3, Value: 56}, imagingtest.Field{Tag: 4, Kind: double, Count: 3, Value: 56}),
		"the same packet again and again": repeating(),
		"more text than there is room": imagingtest.WithSegments(sample.Portrait, []byte("\xE1http://ns.adobe.com/xap/1.0/\x00"+
			`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:a="urn:a"`+
			attributes.String()+"/></rdf:RDF></x:xmpmeta>")),
		"elements without end": imagingtest.WithSegments(sample.Portrait, []byte("\xE1http://ns.adobe.com/xap/1.0/\x00"+strings.Repeat("<a>", 20_000))),
		"a text that inflates to a gigabyte": imagingtest.BlankPNG(9, 9, 8, imagingtest.RGB, false,
			imagingtest.Chunk("zTXt", append([]byte("Raw profile type iptc\x00\x00"), imagingtest.Deflated('0', 1<<30)...))),
		"a text of no length": imagingtest.BlankPNG(9, 9, 8, imagingtest.RGB, false, imagingtest.Chunk("zTXt", nil)),
	}
	for name, source := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			started := time.Now()
			got := inspected(t, source)
			if got.Latitude != nil || got.Longitude != nil {
				t.Errorf("it was taken at %v, %v", *got.Latitude, *got.Longitude)
			}
			if text, err := json.Marshal(got); err != nil || len(text) > 128<<10 {
				t.Errorf("%d bytes are told, and %v", len(text), err)
			}
			if took := time.Since(started); took > 20*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}
