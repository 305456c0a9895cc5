package imagingtest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/adler32"
	"hash/crc32"
)

// PNG is a PNG file of these chunks and an end.
func PNG(chunks ...[]byte) []byte {
	file := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Join(chunks, nil)...)
	return append(file, Chunk("IEND", nil)...)
}

// Chunk is one chunk of a PNG, with its checksum.
func Chunk(name string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// The kinds of pixels in a PNG.
const (
	Gray byte = 0
	RGB  byte = 2
	RGBA byte = 6
)

// BlankPNG is a black PNG with all its pixels, of 1, 8 or 16 bits a channel, with further chunks before them. Deflate
// makes a thousandth of them, so that a file of a few hundred KiB holds a gigabyte.
func BlankPNG(width, height int, depth, kind byte, interlaced bool, chunks ...[]byte) []byte {
	header := binary.BigEndian.AppendUint32(nil, uint32(width))
	header = binary.BigEndian.AppendUint32(header, uint32(height))
	header = append(header, depth, kind, 0, 0, 0)
	bits := int64(depth) * map[byte]int64{Gray: 1, RGB: 3, RGBA: 4}[kind]
	size := passSize(width, height, bits)
	if interlaced {
		header[12], size = 1, 0
		for _, p := range [][4]int{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}} {
			size += passSize((width-p[0]+p[2]-1)/p[2], (height-p[1]+p[3]-1)/p[3], bits)
		}
	}
	all := append([][]byte{Chunk("IHDR", header)}, chunks...)
	return PNG(append(all, Chunk("IDAT", Deflated(0, size)))...)
}

// passSize is the number of bytes of one pass: each row has a byte for its filter.
func passSize(width, height int, bits int64) int64 {
	if width == 0 {
		return 0
	}
	return int64(height) * (1 + (int64(width)*bits+7)/8)
}

// Deflated is a zlib stream that inflates to n times the same byte.
func Deflated(of byte, n int64) []byte {
	const block = 1 << 20
	blank := bytes.Repeat([]byte{of}, block)
	flushed := func(part []byte) []byte {
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		_, _ = w.Write(part) // a buffer takes everything
		_ = w.Flush()
		return b.Bytes()[2:]
	}
	one, sum := flushed(blank), adler32.New()
	stream := []byte{0x78, 0x9C}
	for ; n >= block; n -= block {
		stream = append(stream, one...)
		_, _ = sum.Write(blank)
	}
	if n > 0 {
		stream = append(stream, flushed(blank[:n])...)
		_, _ = sum.Write(blank[:n])
	}
	return sum.Sum(append(stream, 1, 0, 0, 0xFF, 0xFF)) // an empty last block
}

// Profiled is the chunk with a colour profile.
func Profiled(profile []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(profile)
	_ = w.Close()
	return Chunk("iCCP", append([]byte("profile\x00\x00"), b.Bytes()...))
}
