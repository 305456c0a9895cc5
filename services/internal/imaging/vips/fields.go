package vips

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/bep/imagemeta"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

const (
	// maxFields and maxValue bound what is told of a source's metadata: 200 fields of 500 bytes each. maxText is how much
	// of EXIF, of IPTC and of XMP may be told at all, in bytes of JSON: all three have to fit into what the pool takes.
	maxFields = 200
	maxValue  = 500
	maxText   = 32 << 10
	// maxPacket bounds what is read of a packet of XMP, and what a compressed text may become.
	maxPacket = 1 << 20
	// metadataTime is how long the metadata may take to be read. A file may name the same block thousands of times.
	metadataTime = 2 * time.Second
)

// metaFormats are the formats whose files imagemeta reads.
var metaFormats = map[recipe.Format]imagemeta.ImageFormat{
	recipe.JPEG: imagemeta.JPEG, recipe.PNG: imagemeta.PNG, recipe.WebP: imagemeta.WebP, recipe.TIFF: imagemeta.TIFF,
}

// readMetadata fills in the fields of EXIF, IPTC and XMP, the place and the profile's name.
func readMetadata(s source, asked []string, d *imaging.Details) {
	wants := func(what string) bool { return slices.Contains(asked, what) }
	if wants(recipe.InspectICC) {
		d.ICC = profileName(s)
	}
	tags := decodeMetadata(s)
	if wants(recipe.InspectEXIF) {
		d.EXIF = texts(tags.EXIF())
	}
	if wants(recipe.InspectIPTC) {
		d.IPTC = texts(tags.IPTC())
	}
	if wants(recipe.InspectXMP) {
		d.XMP = texts(tags.XMP())
	}
	if wants(recipe.InspectGPS) {
		d.Latitude, d.Longitude = position(tags)
	}
}

// decodeMetadata reads what a file says about itself, as far as it can be read and for as long as that may take.
func decodeMetadata(s source) imagemeta.Tags {
	var tags imagemeta.Tags
	format, known := metaFormats[s.picture.Format]
	if !known {
		return tags
	}
	file, until := s.bytes, time.Now().Add(metadataTime)
	if s.picture.Format == recipe.PNG {
		file = leanPNG(file)
	}
	// XMP by itself: otherwise imagemeta takes it for Exif where there is none before it.
	for _, sources := range []imagemeta.Source{imagemeta.EXIF | imagemeta.IPTC, imagemeta.XMP} {
		_ = imagemeta.Decode(imagemeta.Options{ // what was read before an error counts
			R: bytes.NewReader(file), ImageFormat: format, LimitNumTags: maxFields, LimitTagSize: 8 * maxValue, Sources: sources,
			ShouldHandleTag: func(imagemeta.TagInfo) bool {
				if time.Now().After(until) {
					panic(imagemeta.ErrStopWalking) // as imagemeta itself does at its limits
				}
				return true
			},
			HandleTag: func(tag imagemeta.TagInfo) error { tags.Add(tag); return nil },
			HandleXMP: func(packet io.Reader) error {
				addXMP(packet, &tags)
				return imagemeta.ErrStopWalking // a file may name its one packet thousands of times
			},
		})
	}
	return tags
}

// foreign are the namespaces of attributes that are no fields.
var foreign = []string{"xmlns", "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://purl.org/dc/elements/1.1/"}

// addXMP adds the simple fields of a packet. One that is no XMP has none.
func addXMP(packet io.Reader, tags *imagemeta.Tags) {
	var meta struct {
		Descriptions []struct {
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"RDF>Description"`
	}
	if xml.NewDecoder(io.LimitReader(packet, maxPacket)).Decode(&meta) != nil {
		return
	}
	for _, description := range meta.Descriptions {
		for _, attr := range description.Attrs {
			if !slices.Contains(foreign, attr.Name.Space) && len(tags.XMP()) < maxFields {
				tags.Add(imagemeta.TagInfo{
					Source: imagemeta.XMP, Tag: attr.Name.Local, Namespace: attr.Name.Space, Value: attr.Value,
				})
			}
		}
	}
}

// leanPNG is a PNG with nothing in it but its metadata, and of that no compressed text that becomes too large: imagemeta
// inflates all of it.
func leanPNG(file []byte) []byte {
	const signature, frame = 8, 12
	lean := bytes.Clone(file[:min(signature, len(file))])
	for at := signature; at+frame <= len(file); {
		size := int(binary.BigEndian.Uint32(file[at:]))
		if size > len(file)-at-frame {
			break
		}
		chunk := file[at : at+frame+size]
		switch string(chunk[4:8]) {
		case "eXIf":
			lean = append(lean, chunk...)
		case "zTXt":
			if inflates(chunk[8 : 8+size]) {
				lean = append(lean, chunk...)
			}
		}
		at += frame + size
	}
	return lean
}

// inflates tells whether a compressed text can be read and is of a bounded length.
func inflates(text []byte) bool {
	_, packed, found := bytes.Cut(text, []byte{0})
	if !found || len(packed) == 0 {
		return false
	}
	r, err := zlib.NewReader(bytes.NewReader(packed[1:]))
	if err != nil {
		return false
	}
	n, err := io.Copy(io.Discard, io.LimitReader(r, maxPacket+1))
	return err == nil && n <= maxPacket
}

// position is where the picture was taken, nil where it does not say so in so many numbers.
func position(tags imagemeta.Tags) (latitude, longitude *float64) {
	// imagemeta takes the fields' types for granted.
	defer func() {
		if recover() != nil {
			latitude, longitude = nil, nil
		}
	}()
	north, east, err := tags.GetLatLong()
	if err != nil || north == 0 && east == 0 || !(math.Abs(north) <= 90 && math.Abs(east) <= 180) {
		return nil, nil
	}
	return &north, &east
}

// texts writes fields as text, each of a bounded length, as many as there is room for in the order of their names. Those
// that are no text, such as a maker's own notes, are left out.
func texts(tags map[string]imagemeta.TagInfo) map[string]string {
	fields, room := map[string]string{}, maxText
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		if _, isBytes := tags[name].Value.([]byte); isBytes || len(fields) >= maxFields {
			continue
		}
		text := printable(fmt.Sprint(tags[name].Value))
		name := printable(name)
		quoted, err := json.Marshal([2]string{name, text})
		if room -= len(quoted); err != nil || text == "" || room < 0 {
			room += len(quoted)
			continue
		}
		fields[name] = text
	}
	if len(fields) == 0 {
		return nil
	}
	return fields
}

// printable cuts a text to a bounded length and drops what cannot be shown.
func printable(text string) string {
	text = strings.ToValidUTF8(text[:min(len(text), maxValue)], "")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) && r != '\n' {
			return -1
		}
		return r
	}, text))
}
