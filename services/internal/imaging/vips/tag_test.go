package vips_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const tags = `"tags":{"Artist":"Jane (Doe)","exif:Copyright":"2026","XPTitle":"Straße","UserComment":"a comment","CreateDate":"2026:01:02 03:04:05",
	"GPSLatitude":"48.8584","GPSLongitude":"-2.2945","IPTC:Keywords":"harbour; sea","IPTC:Headline":"Grüße","XMP:Title":"A <b> & \"c\"","XMP:City":"Kiel & \"sea\""}`

func TestSave_Tags(t *testing.T) {
	t.Parallel()
	d := inspected(t, saved(t, `{"id":"out","format":"jpeg",`+tags+`}`).Data)
	for name, want := range map[string]string{"Artist": "Jane (Doe)", "Copyright": "2026", "CreateDate": "2026:01:02 03:04:05"} {
		if d.EXIF[name] != want {
			t.Errorf("%s is %q, want %q", name, d.EXIF[name], want)
		}
	}
	if d.Latitude == nil || d.Longitude == nil || math.Abs(*d.Latitude-48.8584) > 1e-5 || math.Abs(*d.Longitude+2.2945) > 1e-5 {
		t.Errorf("taken at %v, %v", d.Latitude, d.Longitude)
	}
	if d.XMP["City"] != `Kiel & "sea"` || d.IPTC["Headline"] != "Grüße" {
		t.Errorf("XMP %v, IPTC %v", d.XMP, d.IPTC)
	}
	for format, parts := range map[string][]string{
		"jpeg": {"<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">A &lt;b&gt; &amp; &#34;c&#34;</rdf:li>", "\x1c\x02\x19\x00\x07harbour\x1c\x02\x19\x00\x03sea", "S\x00t\x00r\x00a\x00\xdf\x00e\x00", "a comment"},
		"avif": {"Jane (Doe)", "photoshop:City"}, "webp": {"Jane (Doe)", "photoshop:City"}, "png": {"XML:com.adobe.xmp"}, "tiff": {"photoshop:City"},
	} {
		file := saved(t, `{"id":"out","format":"`+format+`",`+tags+`}`).Data
		for _, part := range parts {
			if !bytes.Contains(file, []byte(part)) {
				t.Errorf("no %q in the %s", part, format)
			}
		}
	}
	for _, format := range []string{"gif", "pdf"} { // they carry none, and are written all the same
		saved(t, `{"id":"out","format":"`+format+`",`+tags+`}`)
	}
}

// TestSave_TagsAreAddedToWhatIsKept keeps the source's own fields beside the new ones, or writes the new ones alone.
func TestSave_TagsAreAddedToWhatIsKept(t *testing.T) {
	t.Parallel()
	source := saved(t, `{"id":"out","format":"jpeg","tags":{"Make":"Canon","Artist":"Jane"}}`).Data
	for keeping, want := range map[string][2]string{"keep": {"Canon", "Joe"}, "none": {"", "Joe"}} {
		file := render(t, chain(saving(`{"id":"out","format":"jpeg","metadata":"`+keeping+`","tags":{"Artist":"Joe"}}`)), source).outputs["out"].Data
		exif := inspected(t, file).EXIF
		if diff := cmp.Diff(want, [2]string{exif["Make"], exif["Artist"]}); diff != "" {
			t.Errorf("metadata %s (-want +got):\n%s", keeping, diff)
		}
	}
}

func TestSave_TagsAreValidated(t *testing.T) {
	t.Parallel()
	for tags, want := range map[string]string{
		`{"Colour":"red"}`:                               `save.tags is "Colour"`,
		`{"EXIF:Keywords":"a"}`:                          `save.tags is "EXIF:Keywords"`,
		`{"GPSLatitude":"91"}`:                           `a number of degrees, -90 to 90`,
		`{"GPSLongitude":"west"}`:                        `a number of degrees, -180 to 180`,
		`{"Artist":"` + strings.Repeat("a", 2001) + `"}`: `at most 2000 bytes`,
		`{"Artist":"a\u0000b"}`:                          `in one line`,
	} {
		r := chain(saving(`{"id":"out","tags":` + tags + `}`))
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %s", tags, err, want)
		}
	}
}
