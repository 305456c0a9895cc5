package vips

// #cgo CFLAGS: -O3
// #include <string.h>
// #include <vips/vips.h>
//
// /* Each pixel of the result is the mean of four; at an odd end, of those that are there. libvips' own shrink takes
//  * ten times as long. */
// static void mean(const unsigned char *restrict a, const unsigned char *restrict b, unsigned char *restrict out,
//                  int width, int bands) {
//   for (int x = 0; x < width; x++)
//     for (int i = 0; i < bands; i++) {
//       int at = 2 * x * bands + i;
//       out[x * bands + i] = (a[at] + a[at + bands] + b[at] + b[at + bands] + 2) >> 2;
//     }
// }
//
// /* Metadata is copied, the header is not: its fields are those without a hyphen. */
// static void *copy_field(VipsImage *in, const char *name, GValue *value, void *out) {
//   if (strchr(name, '-') || !strcmp(name, VIPS_META_ORIENTATION))
//     vips_image_set(out, name, value);
//   return NULL;
// }
//
// /* The result is not linked to the picture, as results of pipelines are: it does not hold it alive, and libvips follows
//  * links from other threads. */
// static VipsImage *halve(VipsImage *in) {
//   VipsImage *out = vips_image_new_memory();
//   if (vips_image_wio_input(in))
//     goto fail;
//   vips_image_init_fields(out, (in->Xsize + 1) / 2, (in->Ysize + 1) / 2, in->Bands, in->BandFmt, in->Coding, in->Type,
//                          in->Xres, in->Yres);
//   vips_image_map(in, copy_field, out);
//   if (vips_image_write_prepare(out))
//     goto fail;
//   for (int y = 0; y < out->Ysize; y++) {
//     const unsigned char *a = VIPS_IMAGE_ADDR(in, 0, 2 * y), *b = VIPS_IMAGE_ADDR(in, 0, VIPS_MIN(2 * y + 1, in->Ysize - 1));
//     unsigned char *to = VIPS_IMAGE_ADDR(out, 0, y);
//     /* With a constant number of bands the compiler finds vectors. */
//     if (in->Bands == 3)
//       mean(a, b, to, in->Xsize / 2, 3);
//     else
//       mean(a, b, to, in->Xsize / 2, in->Bands);
//     if (in->Xsize % 2)
//       for (int i = 0; i < in->Bands; i++) {
//         int last = (in->Xsize - 1) * in->Bands + i;
//         to[in->Xsize / 2 * in->Bands + i] = (a[last] + b[last] + 1) >> 1;
//       }
//   }
//   return out;
// fail:
//   g_object_unref(out);
//   return NULL;
// }
import "C"

import (
	"errors"
	"fmt"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// headroom is how much larger than the wanted picture a halving has to be, so that the filter that makes the picture from
// it still decides how sharp it is.
const headroom = 1.5

// pyramid holds halvings of a picture in memory: many small pictures from one large one then cost little more than
// the first, because only that looks at every pixel.
type pyramid struct {
	base   *vips.ImageRef   // the picture, in memory; the frame that made the pyramid holds it open
	levels []*vips.ImageRef // each half as wide and high as the one before, the first half as the picture
}

// nearest is a copy of the smallest halving that leaves the headroom, or nil when the picture itself is the best.
// Pictures with an alpha channel are not halved: their colours would have to be weighed.
func (p *pyramid) nearest(to recipe.Size) (*vips.ImageRef, error) {
	if p.base.HasAlpha() || p.base.BandFormat() != vips.BandFormatUchar {
		return nil, nil
	}
	var best *vips.ImageRef
	from := p.base
	for i := 0; enough(from, to); i++ {
		if i == len(p.levels) {
			half, err := halved(from)
			if err != nil {
				return nil, err
			}
			p.levels = append(p.levels, half)
		}
		from = p.levels[i]
		best = from
	}
	if best == nil {
		return nil, nil
	}
	return best.Copy()
}

// enough tells whether half of the picture leaves the headroom.
func enough(img *vips.ImageRef, to recipe.Size) bool {
	return float64(img.Width()/2) >= headroom*float64(to.Width) && float64(img.Height()/2) >= headroom*float64(to.Height)
}

// halved is the picture with the mean of every four pixels, in memory.
func halved(img *vips.ImageRef) (*vips.ImageRef, error) {
	handle, err := handleOf(img)
	if err != nil {
		return nil, fmt.Errorf("halve: %w", err)
	}
	half, err := img.Copy()
	if err != nil {
		return nil, fmt.Errorf("halve: %w", err)
	}
	out := C.halve(handle)
	if out == nil {
		half.Close()
		return nil, errors.New("halve: libvips refused")
	}
	return half, replace(half, out)
}

func (p *pyramid) close() {
	for _, level := range p.levels {
		level.Close()
	}
	p.levels = nil
}
