package recipe

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Format is a picture's file format.
type Format string

// The formats. HEIF and SVG are read only.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	WebP Format = "webp"
	AVIF Format = "avif"
	GIF  Format = "gif"
	TIFF Format = "tiff"
	JXL  Format = "jxl"
	PDF  Format = "pdf"
	HEIF Format = "heif"
	SVG  Format = "svg"
)

// Writable lists the formats of outputs.
var Writable = []Format{JPEG, PNG, WebP, AVIF, GIF, TIFF, JXL, PDF}

// Readable names the formats of sources, for people.
const Readable = "JPEG, PNG, WebP, AVIF, HEIF, GIF, TIFF, JPEG XL, PDF and SVG"

// Quality returns the format's default quality, and false where the format has none.
func (f Format) Quality() (int, bool) {
	switch f {
	case JPEG, WebP, PDF:
		return 80, true
	case AVIF:
		return 60, true
	case JXL:
		return 75, true
	default:
		return 0, false
	}
}

// Animated tells whether the format holds several frames that follow each other in time.
func (f Format) Animated() bool { return f == GIF || f == WebP }

// Paged tells whether the format holds several pages.
func (f Format) Paged() bool { return f == PDF || f == TIFF }

// Transparent tells whether the format keeps an alpha channel.
func (f Format) Transparent() bool { return f != JPEG && f != PDF }

// Document tells whether the format is read by a library that was never tried enough against hostile files. Such
// sources have renderers of their own, so that a bad one can take no other's place.
func (f Format) Document() bool { return f == PDF || f == SVG || f == JXL }

// ContentType is the format's media type.
func (f Format) ContentType() string {
	switch f {
	case PDF:
		return "application/pdf"
	case SVG:
		return "image/svg+xml"
	default:
		return "image/" + string(f)
	}
}

// OutputFormat is what a save is written as: its own format, else the source's, else JPEG where that cannot be written
// or is a document, and PNG for a drawing.
func OutputFormat(save Save, source Format) Format {
	switch {
	case save.Format != "":
		return Format(save.Format)
	case source == SVG:
		return PNG
	case source != PDF && slices.Contains(Writable, source):
		return source
	default:
		return JPEG
	}
}

// Sniff tells the format by the first bytes, and false for anything that is not on the list. It is asked before libvips
// sees a byte: libvips picks its loader by content, and most of its loaders were never tried against hostile files.
func Sniff(head []byte) (Format, bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return JPEG, true
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return PNG, true
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return GIF, true
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return WebP, true
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return sniffBrand(string(head[8:12]))
	default:
		return sniffPaper(head)
	}
}

// sniffPaper tells the formats of scans and documents.
func sniffPaper(head []byte) (Format, bool) {
	switch {
	case bytes.HasPrefix(head, []byte("II*\x00")), bytes.HasPrefix(head, []byte("MM\x00*")),
		bytes.HasPrefix(head, []byte("II+\x00")), bytes.HasPrefix(head, []byte("MM\x00+")):
		return TIFF, true
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return PDF, true
	case bytes.HasPrefix(head, []byte("\xff\x0a")), bytes.HasPrefix(head, []byte("\x00\x00\x00\x0cJXL \r\n\x87\n")):
		return JXL, true
	case isSVG(head):
		return SVG, true
	default:
		return "", false
	}
}

// isSVG tells whether a text starts as an SVG file does: with the element itself, or with no more than a declaration,
// comments and a document type before it. The document type may define nothing: entities can hide anything.
func isSVG(head []byte) bool {
	text := bytes.TrimPrefix(head[:min(len(head), 4096)], []byte("\xef\xbb\xbf"))
	for {
		text = bytes.TrimLeft(text, " \t\r\n")
		end := ""
		switch {
		case bytes.HasPrefix(text, []byte("<svg")):
			return true
		case bytes.HasPrefix(text, []byte("<?xml")):
			end = "?>"
		case bytes.HasPrefix(text, []byte("<!--")):
			end = "-->"
		case bytes.HasPrefix(text, []byte("<!DOCTYPE svg")):
			end = ">"
		default:
			return false
		}
		before, after, found := bytes.Cut(text, []byte(end))
		if !found || end == ">" && bytes.IndexByte(before, '[') >= 0 {
			return false
		}
		text = after
	}
}

// sniffBrand tells the format of an ISO base media file by its major brand.
func sniffBrand(brand string) (Format, bool) {
	switch brand {
	case "avif", "avis":
		return AVIF, true
	case "heic", "heix", "heim", "heis", "mif1", "msf1":
		return HEIF, true
	default:
		return "", false
	}
}

// Complete tells whether the file reaches its own end, by the marks of its format. It is a cheap look, not a proof: it
// tells a cut file from a broken one when decoding has already failed, and finds a cut where the decoder is lenient.
func Complete(source []byte, format Format) bool {
	tail := source[max(0, len(source)-1024):]
	switch format {
	case JPEG:
		return bytes.Contains(tail, []byte("\xff\xd9"))
	case PNG:
		return bytes.Contains(tail, []byte("IEND"))
	case GIF:
		return bytes.IndexByte(tail, 0x3b) >= 0 && bytes.HasSuffix(bytes.TrimRight(source, "\x00"), []byte{0x3b})
	case WebP:
		return len(source) >= 12 && uint64(binary.LittleEndian.Uint32(source[4:8]))+8 <= uint64(len(source))
	case TIFF, SVG, JXL:
		return true // their ends have no mark
	case PDF:
		return bytes.Contains(tail, []byte("%%EOF"))
	default:
		return isoComplete(source)
	}
}

// isoComplete walks the top-level boxes of an AVIF or HEIF file; the last must end within the file.
func isoComplete(source []byte) bool {
	at := uint64(0)
	for at+8 <= uint64(len(source)) {
		size := uint64(binary.BigEndian.Uint32(source[at : at+4]))
		if size == 0 {
			return true
		}
		if size == 1 && at+16 <= uint64(len(source)) {
			size = uint64(binary.BigEndian.Uint32(source[at+8:at+12]))<<32 | uint64(binary.BigEndian.Uint32(source[at+12:at+16]))
		}
		if size < 8 || size > uint64(len(source))-at {
			return false
		}
		at += size
	}
	return at == uint64(len(source))
}
