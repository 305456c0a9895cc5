package recipe

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The limits of tags that are written.
const (
	// MaxTags is how many tags an output may be given.
	MaxTags = 50
	// MaxTagLength is how many bytes the value of one may have.
	MaxTagLength = 2000
)

// TagKind says in which of the blocks of a file a tag stands.
type TagKind string

// The kinds of tags. TagPlace is a degree of latitude or longitude in EXIF, written as a decimal.
const (
	TagEXIF  TagKind = "exif"
	TagPlace TagKind = "place"
	TagIPTC  TagKind = "iptc"
	TagXMP   TagKind = "xmp"
)

// Tag is one that can be written.
type Tag struct {
	Kind TagKind
	// Field is the tag in the terms of its block: "ifd0-Artist" in EXIF, the number of a dataset of record 2 in IPTC, a
	// name with its prefix in XMP.
	Field string
	// List tells of XMP whose value is a list of texts, and of IPTC that may stand several times: its items are separated
	// by semicolons or commas.
	List bool
}

// tags are all that can be written, by their names as ExifTool has them, and EXIF itself where the two differ.
var tags = map[string]Tag{
	"EXIF:ImageDescription": {TagEXIF, "ifd0-ImageDescription", false}, "EXIF:Make": {TagEXIF, "ifd0-Make", false},
	"EXIF:Model": {TagEXIF, "ifd0-Model", false}, "EXIF:Software": {TagEXIF, "ifd0-Software", false},
	"EXIF:Artist": {TagEXIF, "ifd0-Artist", false}, "EXIF:Copyright": {TagEXIF, "ifd0-Copyright", false},
	"EXIF:DateTime": {TagEXIF, "ifd0-DateTime", false}, "EXIF:ModifyDate": {TagEXIF, "ifd0-DateTime", false},
	"EXIF:XPTitle": {TagEXIF, "ifd0-XPTitle", false}, "EXIF:XPComment": {TagEXIF, "ifd0-XPComment", false},
	"EXIF:XPAuthor": {TagEXIF, "ifd0-XPAuthor", false}, "EXIF:XPKeywords": {TagEXIF, "ifd0-XPKeywords", false},
	"EXIF:XPSubject": {TagEXIF, "ifd0-XPSubject", false}, "EXIF:UserComment": {TagEXIF, "ifd2-UserComment", false},
	"EXIF:DateTimeOriginal":  {TagEXIF, "ifd2-DateTimeOriginal", false},
	"EXIF:DateTimeDigitized": {TagEXIF, "ifd2-DateTimeDigitized", false}, "EXIF:CreateDate": {TagEXIF, "ifd2-DateTimeDigitized", false},
	"EXIF:OffsetTimeOriginal": {TagEXIF, "ifd2-OffsetTimeOriginal", false}, "EXIF:LensModel": {TagEXIF, "ifd2-LensModel", false},
	"EXIF:OwnerName": {TagEXIF, "ifd2-CameraOwnerName", false}, "EXIF:SerialNumber": {TagEXIF, "ifd2-BodySerialNumber", false},
	"EXIF:GPSLatitude": {TagPlace, "GPSLatitude", false}, "EXIF:GPSLongitude": {TagPlace, "GPSLongitude", false},

	"IPTC:ObjectName": {TagIPTC, "5", false}, "IPTC:Category": {TagIPTC, "15", false}, "IPTC:Keywords": {TagIPTC, "25", true},
	"IPTC:SpecialInstructions": {TagIPTC, "40", false}, "IPTC:By-line": {TagIPTC, "80", true}, "IPTC:By-lineTitle": {TagIPTC, "85", true},
	"IPTC:City": {TagIPTC, "90", false}, "IPTC:Province-State": {TagIPTC, "95", false},
	"IPTC:Country-PrimaryLocationName": {TagIPTC, "101", false}, "IPTC:Headline": {TagIPTC, "105", false},
	"IPTC:Credit": {TagIPTC, "110", false}, "IPTC:Source": {TagIPTC, "115", false}, "IPTC:CopyrightNotice": {TagIPTC, "116", false},
	"IPTC:Caption-Abstract": {TagIPTC, "120", false}, "IPTC:Writer-Editor": {TagIPTC, "122", false},

	"XMP:Title": {TagXMP, "dc:title", false}, "XMP:Description": {TagXMP, "dc:description", false},
	"XMP:Rights": {TagXMP, "dc:rights", false}, "XMP:Creator": {TagXMP, "dc:creator", true}, "XMP:Subject": {TagXMP, "dc:subject", true},
	"XMP:CreatorTool": {TagXMP, "xmp:CreatorTool", false}, "XMP:Rating": {TagXMP, "xmp:Rating", false}, "XMP:Label": {TagXMP, "xmp:Label", false},
	"XMP:Headline": {TagXMP, "photoshop:Headline", false}, "XMP:City": {TagXMP, "photoshop:City", false},
	"XMP:State": {TagXMP, "photoshop:State", false}, "XMP:Country": {TagXMP, "photoshop:Country", false},
	"XMP:Credit": {TagXMP, "photoshop:Credit", false}, "XMP:Source": {TagXMP, "photoshop:Source", false},
	"XMP:Instructions": {TagXMP, "photoshop:Instructions", false}, "XMP:WebStatement": {TagXMP, "xmpRights:WebStatement", false},
}

// FindTag finds a tag by its name: "Artist", "EXIF:Artist", "IPTC:Keywords", "XMP:Title". Without a prefix EXIF comes first,
// then IPTC, then XMP. Case does not matter. ok is false for one that cannot be written.
func FindTag(name string) (tag Tag, ok bool) {
	if strings.Contains(name, ":") {
		return findTag(name)
	}
	for _, prefix := range []string{"EXIF:", "IPTC:", "XMP:"} {
		if tag, ok = findTag(prefix + name); ok {
			return tag, true
		}
	}
	return Tag{}, false
}

func findTag(name string) (Tag, bool) {
	for known, tag := range tags {
		if strings.EqualFold(known, name) {
			return tag, true
		}
	}
	return Tag{}, false
}

// tags checks what is to be written into the file, in the order of the names.
func (v *validation) tags(save Save, path string) {
	if len(save.Tags) > MaxTags {
		v.report(path+".tags", len(save.Tags), "at most %d tags", MaxTags)
		return
	}
	for _, name := range slices.Sorted(maps.Keys(save.Tags)) {
		value := save.Tags[name]
		tag, known := FindTag(name)
		degrees, err := strconv.ParseFloat(value, 64)
		most := 180.0
		if tag.Field == "GPSLatitude" {
			most = 90
		}
		switch {
		case !known:
			v.report(path+".tags", name, "the name of a tag that can be written, such as Artist, EXIF:Copyright, IPTC:Keywords or XMP:Title")
		case len(value) > MaxTagLength || !utf8.ValidString(value) || strings.ContainsFunc(value, unprintable):
			v.report(path+".tags."+name, value, "a text of at most %d bytes, in one line", MaxTagLength)
		case tag.Kind == TagPlace && (err != nil || !(degrees >= -most && degrees <= most)):
			v.report(path+".tags."+name, value, "a number of degrees, -%g to %g", most, most)
		}
	}
}

// unprintable tells of characters that could end a value where it is written down.
func unprintable(r rune) bool { return r < ' ' || r == 0x7f || r >= 0xfffe && r <= 0xffff }
