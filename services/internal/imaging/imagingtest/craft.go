// Package imagingtest crafts pictures for tests: files with what a camera leaves in them, and with what an attacker does.
package imagingtest

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Profile is a colour profile called "swap" with a gamma of 2.2 and these primaries, as XYZ of red, green and blue under
// D50 (ICC.1:2001-04).
func Profile(primaries [3][3]float64) []byte {
	xyz := func(value [3]float64) []byte {
		b := []byte("XYZ \x00\x00\x00\x00")
		for _, v := range value {
			b = binary.BigEndian.AppendUint32(b, uint32(int32(v*65536)))
		}
		return b
	}
	curve := []byte("curv\x00\x00\x00\x00\x00\x00\x00\x01\x02\x33\x00\x00") // gamma 2.2
	text := []byte("text\x00\x00\x00\x00none\x00\x00\x00\x00")
	description := append([]byte("desc\x00\x00\x00\x00\x00\x00\x00\x05swap\x00"), make([]byte, 79)...)
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", description},
		{"cprt", text},
		{"wtpt", xyz([3]float64{0.9642, 1, 0.8249})},
		{"rXYZ", xyz(primaries[0])},
		{"gXYZ", xyz(primaries[1])},
		{"bXYZ", xyz(primaries[2])},
		{"rTRC", curve},
		{"gTRC", curve},
		{"bTRC", curve},
	}
	table := binary.BigEndian.AppendUint32(nil, uint32(len(tags)))
	var data []byte
	start := 128 + 4 + 12*len(tags)
	for _, tag := range tags {
		table = append(table, tag.name...)
		table = binary.BigEndian.AppendUint32(table, uint32(start+len(data)))
		table = binary.BigEndian.AppendUint32(table, uint32(len(tag.data)))
		data = append(data, tag.data...)
		data = append(data, make([]byte, -len(data)&3)...)
	}
	header := make([]byte, 128)
	binary.BigEndian.PutUint32(header, uint32(start+len(data)))
	copy(header[8:], "\x02\x10\x00\x00mntrRGB XYZ ")
	copy(header[36:], "acspMSFT")
	copy(header[68:], xyz([3]float64{0.9642, 1, 0.8249})[8:])
	return append(append(header, table...), data...)
}

// WithSegments puts segments behind the first two bytes of a JPEG: each is a marker and then its data.
func WithSegments(jpeg []byte, segments ...[]byte) []byte {
	out := bytes.Clone(jpeg[:2])
	for _, s := range segments {
		out = append(out, 0xFF, s[0])
		out = binary.BigEndian.AppendUint16(out, uint16(len(s)+1))
		out = append(out, s[1:]...)
	}
	return append(out, jpeg[2:]...)
}

// WithProfile puts a colour profile into a JPEG, in as many segments as it needs (ICC.1:2022, B.4).
func WithProfile(jpeg, profile []byte) []byte {
	const most = 65_519
	parts := slices.Collect(slices.Chunk(profile, most))
	segments := make([][]byte, len(parts))
	for i, part := range parts {
		segments[i] = append([]byte{0xE2}, "ICC_PROFILE\x00"...)
		segments[i] = append(append(segments[i], byte(i+1), byte(len(parts))), part...)
	}
	return WithSegments(jpeg, segments...)
}
