package recipe

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Format is a picture's file format.
type Format string

// The formats. HEIF is read only.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	WebP Format = "webp"
	AVIF Format = "avif"
	GIF  Format = "gif"
	HEIF Format = "heif"
)

// Writable lists the formats of outputs.
var Writable = []Format{JPEG, PNG, WebP, AVIF, GIF}

// Quality returns the format's default quality, and false where the format has none.
func (f Format) Quality() (int, bool) {
	switch f {
	case JPEG, WebP:
		return 80, true
	case AVIF:
		return 60, true
	default:
		return 0, false
	}
}

// Animated tells whether the format holds several frames.
func (f Format) Animated() bool { return f == GIF || f == WebP }

// OutputFormat is what a save is written as: its own format, else the source's, else JPEG where that cannot be written.
func OutputFormat(save Save, source Format) Format {
	if save.Format != "" {
		return Format(save.Format)
	}
	if slices.Contains(Writable, source) {
		return source
	}
	return JPEG
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
		return "", false
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
