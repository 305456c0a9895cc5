package imagingtest

import "encoding/binary"

// Field is one field of an Exif block, with its value or where that is.
type Field struct {
	Tag, Kind    uint16
	Count, Value uint32
}

// Exif is an Exif block of directories, each with the offset of the next one after its fields. The first is at 8.
func Exif(directories ...[]Field) []byte {
	b := []byte("II*\x00\x08\x00\x00\x00")
	for _, fields := range directories {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(fields)))
		for _, f := range fields {
			b = binary.LittleEndian.AppendUint16(b, f.Tag)
			b = binary.LittleEndian.AppendUint16(b, f.Kind)
			b = binary.LittleEndian.AppendUint32(b, f.Count)
			b = binary.LittleEndian.AppendUint32(b, f.Value)
		}
		b = binary.LittleEndian.AppendUint32(b, 8) // back to the first
	}
	return b
}

// ExifSegment is the block as a segment for [WithSegments].
func ExifSegment(block []byte) []byte { return append([]byte("\xE1Exif\x00\x00"), block...) }
