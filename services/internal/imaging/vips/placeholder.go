package vips

import (
	"encoding/base64"
	"fmt"
	"image"

	"github.com/davidbyttow/govips/v2/vips"
	"github.com/galdor/go-thumbhash"
)

// hintEdge is the longest edge of the picture that a placeholder is made of; ThumbHash takes at most 100 and keeps no
// detail finer than a seventh of it.
const hintEdge = 32

// placeholder is the ThumbHash of the picture, of its first frame, in base64.
func placeholder(f *frame) (string, error) {
	small, err := f.thumbnail(hintEdge)
	if err != nil {
		return "", fmt.Errorf("make placeholder: %w", err)
	}
	return base64.StdEncoding.EncodeToString(thumbhash.EncodeImage(small)), nil
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
