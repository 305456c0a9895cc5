package vips

import (
	"fmt"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// Efforts of the encoders, chosen for throughput: each further step costs more time than it saves bytes.
const (
	webpEffort     = 4
	avifEffort     = 1
	pngCompression = 6
	gifEffort      = 4
)

// encode writes the picture without metadata. The frame is used up.
func (f *frame) encode(save recipe.Save, format recipe.Format) ([]byte, error) {
	if err := f.settle(); err != nil {
		return nil, err
	}
	if format == recipe.JPEG && f.img.HasAlpha() {
		if err := f.img.Flatten(&vips.Color{R: 255, G: 255, B: 255}); err != nil {
			return nil, fmt.Errorf("flatten: %w", err)
		}
	}
	if err := f.strip(); err != nil {
		return nil, fmt.Errorf("strip metadata: %w", err)
	}
	quality, _ := format.Quality()
	if save.Quality != nil {
		quality = *save.Quality
	}
	data, err := f.export(format, quality)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", format, err)
	}
	return data, nil
}

func (f *frame) export(format recipe.Format, quality int) (data []byte, err error) {
	switch format {
	case recipe.JPEG:
		data, _, err = f.img.ExportJpeg(&vips.JpegExportParams{
			StripMetadata: true, Quality: quality, OptimizeCoding: true,
		})
	case recipe.PNG:
		data, _, err = f.img.ExportPng(&vips.PngExportParams{
			StripMetadata: true, Compression: pngCompression, Filter: vips.PngFilterAll, Bitdepth: 8,
		})
	case recipe.WebP:
		data, _, err = f.img.ExportWebp(&vips.WebpExportParams{
			StripMetadata: true, Quality: quality, ReductionEffort: webpEffort,
		})
	case recipe.AVIF:
		data, _, err = f.img.ExportAvif(&vips.AvifExportParams{
			StripMetadata: true, Quality: quality, Bitdepth: 8, Effort: avifEffort,
		})
	case recipe.GIF:
		data, _, err = f.img.ExportGIF(&vips.GifExportParams{StripMetadata: true, Effort: gifEffort, Bitdepth: 8})
	default:
		err = fmt.Errorf("no such format %q", format)
	}
	return data, err
}

// strip removes every field that is not needed to show the picture. The encoders' own option is not enough: libvips
// 8.14.1 keeps EXIF and XMP in WebP. Colours are sRGB by now, so the profile goes too. libvips names at most 256 fields
// at a time, hence the loop.
func (f *frame) strip() error {
	for before := -1; before != len(f.img.GetFields()); {
		before = len(f.img.GetFields())
		if err := f.img.RemoveMetadata(); err != nil {
			return err
		}
	}
	if f.img.HasICCProfile() {
		if err := f.img.RemoveICCProfile(); err != nil {
			return err
		}
	}
	return f.img.RemoveOrientation()
}
