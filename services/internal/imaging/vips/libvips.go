package vips

// #cgo pkg-config: vips
// #include <stdlib.h>
// #include <vips/vips.h>
// #ifdef __GLIBC__
// #include <malloc.h>
// static void trim(void) { malloc_trim(0); }
// #else
// static void trim(void) {}
// #endif
import "C"

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/davidbyttow/govips/v2/vips"
)

// loaders and savers are the classes of libvips that may be used. Names are of abstract classes, each of which covers
// its variants for files, buffers and streams.
var (
	loaders = []string{
		"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadHeif", "VipsForeignLoadNsgif",
		"VipsForeignLoadTiff",
	}
	// documentLoaders are allowed in renderers of documents alone.
	documentLoaders = []string{"VipsForeignLoadPdf", "VipsForeignLoadSvg", "VipsForeignLoadJxl"}
	savers          = []string{
		"VipsForeignSaveJpeg", "VipsForeignSavePng", "VipsForeignSaveWebp", "VipsForeignSaveHeif", "VipsForeignSaveCgif",
		"VipsForeignSaveTiff", "VipsForeignSaveJxl",
	}
)

// allowOnly forbids every loader and saver and then allows the named ones. govips has no words for it.
func allowOnly(lists ...[]string) {
	block("VipsForeignLoad", true)
	block("VipsForeignSave", true)
	for _, names := range lists {
		allow(names)
	}
}

func allow(names []string) {
	for _, name := range names {
		block(name, false)
	}
}

func block(class string, blocked bool) {
	name := C.CString(class)
	defer C.free(unsafe.Pointer(name))
	state := C.gboolean(0)
	if blocked {
		state = 1
	}
	C.vips_operation_block_set(name, state)
}

// trimHeap returns free memory to the system, which glibc would keep.
func trimHeap() { C.trim() }

// forget drops libvips' error text, so that no picture's text can turn up in another's.
func forget() { C.vips_error_clear() }

// inMemory computes the picture's pixels into memory, in place. govips can do so only by way of a Go slice, twice copied
// and stripped of its metadata.
func inMemory(img *vips.ImageRef) error {
	handle, err := handleOf(img)
	if err != nil {
		return fmt.Errorf("compute into memory: %w", err)
	}
	if C.vips_image_wio_input(handle) != 0 {
		return errors.New("compute into memory: libvips refused")
	}
	return nil
}

// inOrder computes the result of change into memory from top to bottom. libvips keeps rows between its reductions only
// for pictures that say they come in order, and otherwise works them out again for each tile: a picture in memory that
// does not say so takes six times as long from 3000 to 400 pixels.
func inOrder(img *vips.ImageRef, change func() error) error {
	mark := C.CString(C.VIPS_META_SEQUENTIAL)
	defer C.free(unsafe.Pointer(mark))
	before, err := handleOf(img)
	if err != nil {
		return fmt.Errorf("compute in order: %w", err)
	}
	C.vips_image_set_int(before, mark, 1)
	if err := change(); err != nil {
		return err
	}
	if err := inMemory(img); err != nil {
		return err
	}
	after, err := handleOf(img)
	if err != nil {
		return fmt.Errorf("compute in order: %w", err)
	}
	C.vips_image_remove(after, mark)
	return nil
}
