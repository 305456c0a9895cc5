package vips

import (
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// exifTail ends a field of EXIF as libvips itself writes them. It takes off what follows the last such bracket, so that
// brackets in the value stay.
const exifTail = " (, ASCII, 1 components, 1 bytes)"

// exifField is where libvips keeps the block that it adds fields to, and emptyExif one without any.
const exifField = "exif-data"

var emptyExif = []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00")

// tag writes tags into the picture's metadata. A block of IPTC or of XMP takes the place of the source's.
func tag(img *vips.ImageRef, wanted map[string]string) {
	if len(wanted) > 0 && len(img.GetBlob(exifField)) == 0 {
		img.SetBlob(exifField, emptyExif) // the encoders of WebP and AVIF add fields to a block, but make none
	}
	var iptc, xmp []tagged
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		found, known := recipe.FindTag(name)
		one := tagged{found, wanted[name]}
		switch {
		case !known:
		case found.Kind == recipe.TagEXIF:
			img.SetString("exif-"+found.Field, one.value+exifTail)
		case found.Kind == recipe.TagPlace:
			place(img, one)
		case found.Kind == recipe.TagIPTC:
			iptc = append(iptc, one)
		case found.Kind == recipe.TagXMP:
			xmp = append(xmp, one)
		}
	}
	if len(iptc) > 0 {
		img.SetBlob("iptc-data", iptcBlock(iptc))
	}
	if len(xmp) > 0 {
		img.SetBlob("xmp-data", xmpPacket(xmp))
	}
}

// tagged is a tag with its value.
type tagged struct {
	recipe.Tag
	value string
}

// items are the texts of the value: several of a list.
func (t tagged) items() []string {
	if !t.List {
		return []string{t.value}
	}
	var all []string
	for item := range strings.FieldsFuncSeq(t.value, func(r rune) bool { return r == ';' || r == ',' }) {
		all = append(all, strings.TrimSpace(item))
	}
	return all
}

// place writes degrees as EXIF has them: whole degrees and minutes, hundredths of seconds, and on which side.
func place(img *vips.ImageRef, t tagged) {
	degrees, err := strconv.ParseFloat(t.value, 64)
	if err != nil {
		return // the recipe has been validated
	}
	side := map[string][2]string{"GPSLatitude": {"N", "S"}, "GPSLongitude": {"E", "W"}}[t.Field]
	ref := side[0]
	if degrees < 0 {
		ref = side[1]
	}
	hundredths := int(math.Round(math.Abs(degrees) * 360_000))
	img.SetString("exif-ifd3-"+t.Field, fmt.Sprintf("%d/1 %d/1 %d/100%s", hundredths/360_000, hundredths/6000%60, hundredths%6000, exifTail))
	img.SetString("exif-ifd3-"+t.Field+"Ref", ref+exifTail)
}

// iptcBlock is a resource of Photoshop with datasets of record 2 (IIM 4.2), in UTF-8.
func iptcBlock(all []tagged) []byte {
	data := []byte{0x1C, 1, 90, 0, 3, 0x1B, '%', 'G'} // what follows is UTF-8
	for _, t := range all {
		number, _ := strconv.ParseUint(t.Field, 10, 8) // from our own list
		for _, item := range t.items() {
			data = append(data, 0x1C, 2, byte(number))
			data = binary.BigEndian.AppendUint16(data, uint16(len(item))) //nolint:gosec // at most MaxTagLength
			data = append(data, item...)
		}
	}
	block := binary.BigEndian.AppendUint32([]byte("Photoshop 3.0\x008BIM\x04\x04\x00\x00"), uint32(len(data))) //nolint:gosec // of at most MaxTags
	if block = append(block, data...); len(data)%2 == 1 {
		block = append(block, 0)
	}
	return block
}

// xmpPacket is a packet of XMP (ISO 16684-1): plain texts as attributes, lists and texts of a language as elements.
func xmpPacket(all []tagged) []byte {
	var attributes, elements strings.Builder
	for _, t := range all {
		if !strings.HasPrefix(t.Field, "dc:") {
			fmt.Fprintf(&attributes, " %s=\"%s\"", t.Field, escaped(t.value))
			continue
		}
		array, language := "Alt", ` xml:lang="x-default"`
		if t.List {
			array, language = map[string]string{"dc:creator": "Seq", "dc:subject": "Bag"}[t.Field], ""
		}
		fmt.Fprintf(&elements, "<%s><rdf:%s>", t.Field, array)
		for _, item := range t.items() {
			fmt.Fprintf(&elements, "<rdf:li%s>%s</rdf:li>", language, escaped(item))
		}
		fmt.Fprintf(&elements, "</rdf:%s></%s>", array, t.Field)
	}
	return []byte("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""` +
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"` +
		` xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"` + attributes.String() + `>` +
		elements.String() + `</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`)
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}
