package vips

// #include <vips/vips.h>
//
// // fresh is a picture in memory of the same kind as another.
// static VipsImage *fresh(VipsImage *like) {
//   VipsImage *out = vips_image_new_memory();
//   if (vips_image_pipelinev(out, VIPS_DEMAND_STYLE_ANY, like, NULL) || vips_image_write_prepare(out)) {
//     g_object_unref(out);
//     return NULL;
//   }
//   return out;
// }
//
// static void *pixels(VipsImage *in) { return VIPS_IMAGE_ADDR(in, 0, 0); }
import "C"

import (
	"errors"
	"runtime"
	"unsafe"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/raster"
)

// repaint makes the picture anew in plain Go, by a function that reads it and writes all of another of the same size and
// bands. Both lie in libvips' own memory, so nothing is copied.
func repaint(img *vips.ImageRef, paint func(dst, src raster.Picture)) error {
	if err := toBytes(img); err != nil {
		return err
	}
	if err := inMemory(img); err != nil {
		return err
	}
	before, err := handleOf(img)
	if err != nil {
		return err
	}
	after := C.fresh(before)
	if after == nil {
		return errors.New("repaint: libvips refused")
	}
	size := img.Width() * img.Height() * img.Bands()
	view := func(of *C.VipsImage) raster.Picture {
		return raster.Picture{
			Pix:   unsafe.Slice((*byte)(C.pixels(of)), size),
			Width: img.Width(), Height: img.Height(), Bands: img.Bands(),
		}
	}
	paint(view(after), view(before))
	runtime.KeepAlive(img)
	return replace(img, after)
}
