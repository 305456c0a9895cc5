package imagingtest

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
)

// LongGIF has so many frames: the first as large as the screen, all others of one pixel. Of a large screen it only claims
// to hold the pixels.
func LongGIF(width, height, frames int) []byte {
	pixel := image.NewPaletted(image.Rect(0, 0, 1, 1), color.Palette{color.Black, color.White})
	screen := pixel
	if width*height <= 1<<20 {
		screen = image.NewPaletted(image.Rect(0, 0, width, height), pixel.Palette)
	}
	var file bytes.Buffer
	err := gif.EncodeAll(&file, &gif.GIF{
		Image: []*image.Paletted{screen, pixel}, Delay: []int{0, 0},
		Config: image.Config{ColorModel: pixel.Palette, Width: width, Height: height},
	})
	if err != nil {
		panic(err) // only for sizes that no GIF has
	}
	const separator, trailer = 0x2C, 0x3B
	open := bytes.TrimSuffix(file.Bytes(), []byte{trailer})
	last := bytes.Clone(open[bytes.LastIndexByte(open, separator):])
	claim := open[bytes.IndexByte(open, separator)+5:]
	binary.LittleEndian.PutUint16(claim, uint16(width))
	binary.LittleEndian.PutUint16(claim[2:], uint16(height))
	return append(append(bytes.Clone(open), bytes.Repeat(last, frames-2)...), trailer)
}
