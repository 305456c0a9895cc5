package imagingtest

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"

	"golang.org/x/image/draw"
)

// Photograph scales a JPEG up to the size, with seeded noise so that it is not smooth, and writes it as a JPEG of quality
// 85: a large picture that anybody can make again. It fails when small is no JPEG.
func Photograph(small []byte, width, height int, seed uint64) ([]byte, error) {
	from, err := jpeg.Decode(bytes.NewReader(small))
	if err != nil {
		return nil, fmt.Errorf("decode the small picture: %w", err)
	}
	large := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.BiLinear.Scale(large, large.Bounds(), from, from.Bounds(), draw.Src, nil)
	noise := rand.New(rand.NewPCG(seed, 5))
	for i := range large.Pix {
		if i%4 != 3 {
			large.Pix[i] = uint8(min(255, max(0, int(large.Pix[i])+noise.IntN(17)-8)))
		}
	}
	large.Set(0, 0, color.Black)
	var file bytes.Buffer
	if err := jpeg.Encode(&file, large, &jpeg.Options{Quality: 85}); err != nil {
		return nil, fmt.Errorf("encode the large picture: %w", err)
	}
	return file.Bytes(), nil
}
