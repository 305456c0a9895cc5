package vips

// #include <vips/vips.h>
// static const unsigned char *data(VipsImage *image) { return VIPS_IMAGE_ADDR(image, 0, 0); }
import "C"

import (
	"encoding/base64"
	"fmt"
	"image"
	"unsafe"

	"github.com/davidbyttow/govips/v2/vips"
	"github.com/galdor/go-thumbhash"
)

const (
	// hintEdge is the longest edge of the picture that a placeholder is made of: ThumbHash keeps no detail finer than a
	// seventh of it.
	hintEdge = 20
	// hintSamples is how many pixels of a cell are looked at in each direction.
	hintSamples = 6
)

// placeholder is the ThumbHash of the picture, of its first frame, in base64. The frame is in memory.
func placeholder(f *frame) (string, error) {
	handle, err := handleOf(f.img)
	if err != nil {
		return "", fmt.Errorf("make placeholder: %w", err)
	}
	size, bands := f.actual(), f.img.Bands()
	pixels := unsafe.Slice((*byte)(unsafe.Pointer(C.data(handle))), size.Width*size.Height*bands)
	longest := max(size.Width, size.Height, hintEdge)
	small := image.NewNRGBA(image.Rect(0, 0,
		max(1, size.Width*hintEdge/longest), max(1, size.Height*hintEdge/longest)))
	for y := range small.Rect.Dy() {
		for x := range small.Rect.Dx() {
			cell := image.Rect(
				x*size.Width/small.Rect.Dx(), y*size.Height/small.Rect.Dy(),
				(x+1)*size.Width/small.Rect.Dx(), (y+1)*size.Height/small.Rect.Dy(),
			)
			copy(small.Pix[small.PixOffset(x, y):], sampled(pixels, size.Width, bands, cell))
		}
	}
	return base64.StdEncoding.EncodeToString(thumbhash.EncodeImage(small)), nil
}

// sampled is the mean of some pixels of a cell, spread evenly: red, green, blue and alpha, not premultiplied. Colours
// count by their alpha.
func sampled(pixels []byte, stride, bands int, cell image.Rectangle) []byte {
	across, down := max(1, cell.Dx()/hintSamples), max(1, cell.Dy()/hintSamples)
	var sum [3]int
	weight, n := 0, 0
	for y := cell.Min.Y + down/2; y < cell.Max.Y; y += down {
		for x := cell.Min.X + across/2; x < cell.Max.X; x += across {
			p := pixels[(y*stride+x)*bands:][:bands]
			alpha := 255
			if bands == 2 || bands == 4 {
				alpha = int(p[bands-1])
			}
			green, blue := 0, 0
			if bands >= 3 {
				green, blue = 1, 2
			}
			sum[0], sum[1], sum[2] = sum[0]+int(p[0])*alpha, sum[1]+int(p[green])*alpha, sum[2]+int(p[blue])*alpha
			weight += alpha
			n++
		}
	}
	if weight == 0 {
		return []byte{0, 0, 0, 0}
	}
	return []byte{byte(sum[0] / weight), byte(sum[1] / weight), byte(sum[2] / weight), byte(weight / n)}
}

// thumbnail is a small picture of the first frame in Go's own form, with no edge longer than the given one.
func (f *frame) thumbnail(edge int) (*image.NRGBA, error) {
	small, err := f.single(0)
	if err != nil {
		return nil, err
	}
	defer small.Close()
	if err := small.ThumbnailWithSize(edge, edge, vips.InterestingNone, vips.SizeDown); err != nil {
		return nil, err
	}
	return pixels(small)
}

// pixels copies a picture of 8 bits into Go's memory.
func pixels(img *vips.ImageRef) (*image.NRGBA, error) {
	out := image.NewNRGBA(image.Rect(0, 0, img.Width(), img.Height()))
	raw, err := img.ToBytes()
	if err != nil {
		return nil, err
	}
	bands := img.Bands()
	for i := range len(raw) / bands {
		from, to := raw[i*bands:(i+1)*bands], out.Pix[i*4:(i+1)*4]
		to[3] = 255
		switch bands {
		case 1, 2:
			to[0], to[1], to[2] = from[0], from[0], from[0]
		default:
			copy(to, from[:3])
		}
		if bands == 2 || bands == 4 {
			to[3] = from[bands-1]
		}
	}
	return out, nil
}
