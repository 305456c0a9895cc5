package vips

// #include <stdlib.h>
// #include <vips/vips.h>
//
// static VipsImage *operate(const char *name, int inputs, char **names, VipsImage **images, const char *options) {
//   VipsOperation *operation = vips_operation_new(name);
//   VipsImage *out = NULL;
//   if (!operation)
//     return NULL;
//   for (int i = 0; i < inputs; i++)
//     g_object_set(operation, names[i], images[i], NULL);
//   if (vips_object_set_from_string(VIPS_OBJECT(operation), options) == 0 &&
//       vips_cache_operation_buildp(&operation) == 0)
//     g_object_get(operation, "out", &out, NULL);
//   vips_object_unref_outputs(VIPS_OBJECT(operation));
//   g_object_unref(operation);
//   return out;
// }
import "C"

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"unsafe"

	"github.com/davidbyttow/govips/v2/vips"
)

// input is a picture under the name that an operation of libvips has for it.
type input struct {
	name string
	img  *vips.ImageRef
}

// operate puts the result of any operation of libvips into img: for those that govips has no words for. The options are
// in libvips' own notation, such as "sigma=2,precision=integer" or "width=3,height=3,index=4"; arrays are numbers with
// spaces between them. Without inputs, img itself is the one called "in".
func operate(img *vips.ImageRef, operation, options string, inputs ...input) error {
	if len(inputs) == 0 {
		inputs = []input{{"in", img}}
	}
	names, handles := make([]*C.char, len(inputs)), make([]*C.VipsImage, len(inputs))
	for i, in := range inputs {
		handle, err := handleOf(in.img)
		if err != nil {
			return fmt.Errorf("%s: %w", operation, err)
		}
		names[i], handles[i] = C.CString(in.name), handle
		defer C.free(unsafe.Pointer(names[i]))
	}
	name, text := C.CString(operation), C.CString(options)
	defer C.free(unsafe.Pointer(name))
	defer C.free(unsafe.Pointer(text))
	var pins runtime.Pinner
	defer pins.Unpin()
	pins.Pin(&names[0])
	pins.Pin(&handles[0])
	out := C.operate(name, C.int(len(inputs)), &names[0], &handles[0], text)
	runtime.KeepAlive(inputs)
	if out == nil {
		return fmt.Errorf("%s: libvips refused", operation)
	}
	return replace(img, out)
}

// operated is operate with a result of its own; img stays as it is.
func operated(img *vips.ImageRef, operation, options string, inputs ...input) (*vips.ImageRef, error) {
	out, err := img.Copy()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operation, err)
	}
	if len(inputs) == 0 {
		inputs = []input{{"in", img}}
	}
	if err := operate(out, operation, options, inputs...); err != nil {
		out.Close()
		return nil, err
	}
	return out, nil
}

// replace lets img hold another picture.
func replace(img *vips.ImageRef, with *C.VipsImage) error {
	before, err := handleOf(img)
	if err != nil {
		C.g_object_unref(C.gpointer(with))
		return err
	}
	field := reflect.ValueOf(img).Elem().FieldByName("image")
	*(**C.VipsImage)(unsafe.Pointer(field.UnsafeAddr())) = with
	C.g_object_unref(C.gpointer(before))
	return nil
}

// handleOf is the picture's own handle, which govips keeps to itself; hence the look at the field.
func handleOf(img *vips.ImageRef) (*C.VipsImage, error) {
	field := reflect.ValueOf(img).Elem().FieldByName("image")
	if !field.IsValid() || field.Kind() != reflect.Pointer {
		return nil, errors.New("govips has changed its ImageRef")
	}
	return (*C.VipsImage)(field.UnsafePointer()), nil
}
