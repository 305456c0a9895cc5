package vips

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"unicode/utf16"

	"github.com/davidbyttow/govips/v2/vips"
)

// iccField is where libvips keeps a picture's colour profile.
const iccField = "icc-profile-data"

// plainProfiles are the profiles of sRGB and of its gray, read once when libvips starts: before files are forbidden.
var plainProfiles struct{ colour, gray []byte }

// loadProfiles writes govips' profiles to its folder, which it otherwise does on first use, and reads the plain ones.
func loadProfiles() error {
	for _, profile := range []struct {
		path func() (string, error)
		keep *[]byte
	}{
		{vips.GetSRGBV2MicroICCProfilePath, &plainProfiles.colour},
		{vips.GetSGrayV2MicroICCProfilePath, &plainProfiles.gray},
		{vips.GetSRGBIEC6196621ICCProfilePath, new([]byte)},
	} {
		path, err := profile.path()
		if err != nil {
			return fmt.Errorf("write colour profile: %w", err)
		}
		if *profile.keep, err = os.ReadFile(path); err != nil {
			return fmt.Errorf("read colour profile: %w", err)
		}
	}
	return nil
}

// profile converts from sRGB to a profile of a save, and puts it into the picture.
func (f *frame) profile(name string) error {
	switch name {
	case "":
		return nil
	case "srgb":
		bytes := plainProfiles.colour
		if f.img.Bands() < 3 {
			bytes = plainProfiles.gray
		}
		f.img.SetBlob(iccField, bytes)
		return nil
	}
	if err := toColours(f.img); err != nil {
		return err
	}
	if name == "cmyk" && f.img.HasAlpha() {
		if err := f.img.Flatten(&vips.Color{R: 255, G: 255, B: 255}); err != nil {
			return err
		}
	}
	// The names are those of the profiles that libvips has built in.
	return aroundAlpha(f.img, func(img *vips.ImageRef) error {
		return operate(img, "icc_transform", "output_profile="+name+",input_profile=srgb,depth=8")
	})
}

// toPlain converts to sRGB or gray by the embedded profile.
func toPlain(img *vips.ImageRef) error {
	return aroundAlpha(img, func(img *vips.ImageRef) error { return img.OptimizeICCProfile() })
}

// aroundAlpha converts the colours alone and puts the alpha channel back: libvips 8.14 can crash on one in a profile
// conversion.
func aroundAlpha(img *vips.ImageRef, convert func(*vips.ImageRef) error) error {
	if !img.HasAlpha() {
		return convert(img)
	}
	colours := img.Bands() - 1
	alpha, err := img.ExtractBandToImage(colours, 1)
	if err != nil {
		return err
	}
	defer alpha.Close()
	if err := img.ExtractBand(0, colours); err != nil {
		return err
	}
	if err := convert(img); err != nil {
		return err
	}
	return img.BandJoin(alpha)
}

// profileName is the description in the source's colour profile; empty when it has none.
func profileName(s source) string {
	head, err := vips.LoadImageFromBuffer(s.bytes, s.params(vips.AccessSequential))
	if err != nil {
		forget()
		return ""
	}
	defer head.Close()
	return describeProfile(head.GetICCProfile())
}

// describeProfile reads the tag "desc" of an ICC profile: plain text in version 2, UTF-16 in version 4 (ICC.1:2022, 9.2.41,
// 10.15; ICC.1:2001-04, 6.5.17).
func describeProfile(icc []byte) string {
	const header, entry = 128, 12
	word := func(at int) int {
		if at < 0 || at+4 > len(icc) {
			return -1
		}
		return int(binary.BigEndian.Uint32(icc[at:]))
	}
	for i := range min(max(word(header), 0), 100) {
		at := header + 4 + i*entry
		if at+entry > len(icc) || string(icc[at:at+4]) != "desc" {
			continue
		}
		start, size := word(at+4), word(at+8)
		if start < 0 || size < 12 || start > len(icc)-size {
			return ""
		}
		tag := icc[start : start+size]
		if string(tag[:4]) == "mluc" {
			return printable(wideText(tag))
		}
		length := int(binary.BigEndian.Uint32(tag[8:]))
		return printable(strings.TrimRight(string(tag[12:min(12+max(length, 0), len(tag))]), "\x00"))
	}
	return ""
}

// wideText is the first text of a multi-language tag.
func wideText(tag []byte) string {
	if len(tag) < 28 {
		return ""
	}
	size, start := int(binary.BigEndian.Uint32(tag[20:])), int(binary.BigEndian.Uint32(tag[24:]))
	if start > len(tag) || size > len(tag)-start {
		return ""
	}
	var units []uint16
	for i := start; i+1 < start+size; i += 2 {
		units = append(units, binary.BigEndian.Uint16(tag[i:]))
	}
	return string(utf16.Decode(units))
}

// withProfile adds a colour profile to a WebP in the extended format that has none (RFC 9649, 2.7). Anything else stays as
// it is.
func withProfile(webp, icc []byte) []byte {
	const header, extended, flag = 12, 18, 0x20
	if len(webp) < header+extended || string(webp[header:header+4]) != "VP8X" || webp[header+8]&flag != 0 {
		return webp
	}
	out := append(make([]byte, 0, len(webp)+len(icc)+9), webp[:header+extended]...)
	out[header+8] |= flag
	out = append(out, "ICCP"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(icc))) //nolint:gosec // a profile is bounded by maxProfile
	out = append(out, icc...)
	if len(icc)%2 == 1 {
		out = append(out, 0)
	}
	out = append(out, webp[header+extended:]...)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8)) //nolint:gosec // WebP itself is bounded to 4 GiB
	return out
}
