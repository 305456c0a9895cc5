package imagingtest

import (
	"bytes"
	"encoding/binary"
)

// LyingJPEG is a baseline JPEG with another size in its header.
func LyingJPEG(jpeg []byte, width, height uint16) []byte {
	b := bytes.Clone(jpeg)
	at := bytes.Index(b, []byte{0xFF, 0xC0}) + 5
	binary.BigEndian.PutUint16(b[at:], height)
	binary.BigEndian.PutUint16(b[at+2:], width)
	return b
}

// ProgressiveJPEG is a gray picture without detail whose coefficients come in so many passes, 1 to 883 for each channel,
// of which every one walks over all blocks. A reader has to keep two bytes for each pixel and channel. Nothing in it
// breaks the standard (ITU-T T.81, G), and a pass over 100 megapixels takes less than 200 bytes.
func ProgressiveJPEG(width, height uint16, channels, passes int) []byte {
	file := segment([]byte{0xFF, 0xD8}, 0xDB, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)) // quantization by 1
	frame := []byte{8, byte(height >> 8), byte(height), byte(width >> 8), byte(width), byte(channels)}
	scan := []byte{byte(channels)}
	for c := range channels {
		frame = append(frame, byte(c+1), 0x11, 0)
		scan = append(scan, byte(c+1), 0)
	}
	file = segment(file, 0xC2, frame)
	// Both tables have one code, a single 0: "no difference", and "nothing in 16384 blocks and so many more".
	file = segment(file, 0xC4, append(append([]byte{0x00, 1}, make([]byte, 15)...), 0x00))
	file = segment(file, 0xC4, append(append([]byte{0x10, 1}, make([]byte, 15)...), 0xE0))
	blocks := (int(width) + 7) / 8 * ((int(height) + 7) / 8)
	file = segment(file, 0xDA, append(scan, 0, 0, 0))
	file = append(file, make([]byte, (blocks*channels+7)/8)...)
	var empty bits
	for left := blocks; left > 0; left -= 1<<15 - 1 {
		empty.add(0, 1)
		empty.add(1<<14-1, 14)
	}
	for i := range (passes - 1) * channels {
		c, k, plane := i%channels, 1+i/channels%63, 13-i/channels/63
		before := byte(plane+1) << 4
		if plane == 13 {
			before = 0
		}
		file = segment(file, 0xDA, []byte{1, byte(c + 1), 0, byte(k), byte(k), before | byte(plane)})
		file = append(file, empty.bytes()...)
	}
	return append(file, 0xFF, 0xD9)
}

// segment appends one segment.
func segment(file []byte, marker byte, data []byte) []byte {
	file = binary.BigEndian.AppendUint16(append(file, 0xFF, marker), uint16(len(data)+2))
	return append(file, data...)
}

// bits are entropy-coded data.
type bits struct {
	whole []byte
	part  uint32
	n     int
}

func (b *bits) add(value uint32, n int) {
	b.part, b.n = b.part<<n|value, b.n+n
	for ; b.n >= 8; b.n -= 8 {
		b.put(byte(b.part >> (b.n - 8)))
	}
}

func (b *bits) put(one byte) {
	b.whole = append(b.whole, one)
	if one == 0xFF {
		b.whole = append(b.whole, 0)
	}
}

// bytes are filled up with ones.
func (b *bits) bytes() []byte {
	last := *b
	last.whole = bytes.Clone(b.whole)
	if last.n > 0 {
		last.add(1<<(8-last.n)-1, 8-last.n)
	}
	return last.whole
}
