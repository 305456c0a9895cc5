package vips

import (
	"fmt"
	"math/bits"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// Efforts of the encoders, chosen for throughput: each further step costs more time than it saves bytes. A PNG of a
// photograph takes two to five times as long at compression 6 as at 4, and is at most 4 % smaller.
const (
	webpEffort     = 4
	avifEffort     = 1
	jxlEffort      = 4
	pngCompression = 4
	gifEffort      = 4
)

// fineColours is the quality of a JPEG from which colours are sampled as finely as lightness, as libvips itself does.
const fineColours = 90

// written is an encoded file, and what is known of it. All formats are written with 8 bits a channel.
type written struct {
	data    []byte
	quality int // 0 where the format has none
	dpi     int // 0 where the file does not say
	blank   bool
}

// encode writes the picture as the save asks for. The frame is used up.
func (f *frame) encode(save recipe.Save, format recipe.Format) (w written, err error) {
	if err := f.dress(save, format); err != nil {
		return w, err
	}
	if save.CheckBlank {
		if w.blank, err = blank(f.img); err != nil {
			return w, fmt.Errorf("look for colours: %w", err)
		}
	}
	look := lookOf(save, format)
	if w.data, err = f.compress(save, format, &look); err != nil {
		return w, err
	}
	if look.lossy(format) {
		w.quality = look.quality
	}
	if f.dense || !look.bare {
		w.dpi = dotsPerInch(f.img, format)
	}
	return w, nil
}

// compress encodes, at the quality that the save asks for or that has to be found, which it leaves in the look.
func (f *frame) compress(save recipe.Save, format recipe.Format, look *look) ([]byte, error) {
	if save.AutoQuality != "" && look.lossy(format) {
		quality, err := f.findQuality(format, *look, save.AutoQuality.Resemblance())
		if err != nil {
			return nil, fmt.Errorf("find quality: %w", err)
		}
		look.quality = quality
	}
	data, err := f.export(format, *look)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", format, err)
	}
	if save.MaxBytes > 0 && int64(len(data)) > save.MaxBytes {
		return f.squeeze(format, look, save.MaxBytes, int64(len(data)))
	}
	return data, nil
}

// dress settles what else than pixels goes into the file: background, metadata and colour profile.
func (f *frame) dress(save recipe.Save, format recipe.Format) error {
	if !format.Transparent() && f.img.HasAlpha() {
		behind := recipe.Colour{R: 255, G: 255, B: 255, A: 255}
		if save.Background != "" {
			var err error
			if behind, err = recipe.ParseColour(save.Background); err != nil {
				return recipe.Errorf(recipe.InvalidParams, "%s", err.Error())
			}
		}
		if err := f.img.Flatten(&vips.Color{R: behind.R, G: behind.G, B: behind.B}); err != nil {
			return fmt.Errorf("flatten: %w", err)
		}
	}
	if save.Metadata == recipe.KeepAll {
		if err := f.img.RemoveOrientation(); err != nil {
			return fmt.Errorf("remove orientation: %w", err)
		}
	} else if err := f.strip(); err != nil {
		return fmt.Errorf("strip metadata: %w", err)
	}
	if err := f.profile(save.Profile); err != nil {
		return fmt.Errorf("convert to profile %s: %w", save.Profile, err)
	}
	tag(f.img, save.Tags)
	return nil
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

// look is what an encoder can be told.
type look struct {
	quality     int
	lossless    bool
	progressive bool
	chroma      vips.SubsampleMode
	colors      int
	bare        bool // nothing but pixels: the encoder is told so, too
}

func lookOf(save recipe.Save, format recipe.Format) look {
	quality, _ := format.Quality()
	if save.Quality != nil {
		quality = *save.Quality
	}
	l := look{
		quality: quality, lossless: save.Lossless, progressive: save.Progressive, colors: save.Colors,
		bare: save.Metadata != recipe.KeepAll && save.Profile == "" && len(save.Tags) == 0, chroma: vips.VipsForeignSubsampleAuto,
	}
	switch save.Chroma {
	case "420":
		l.chroma = vips.VipsForeignSubsampleOn
	case "444":
		l.chroma = vips.VipsForeignSubsampleOff
	}
	return l
}

// lossy tells whether a lower quality makes a smaller file.
func (l look) lossy(format recipe.Format) bool {
	_, has := format.Quality()
	return has && !l.lossless
}

// depth is the number of bits that hold a colour of the palette; pngs know only some of them.
func (l look) depth(most int) int {
	if l.colors == 0 {
		return most
	}
	return bits.Len(uint(l.colors)) - 1
}

func (f *frame) export(format recipe.Format, l look) (data []byte, err error) {
	if f.dense {
		l.bare = false // libvips takes the density for metadata
	}
	switch format {
	case recipe.JPEG:
		data, _, err = f.img.ExportJpeg(&vips.JpegExportParams{
			StripMetadata: l.bare, Quality: l.quality, OptimizeCoding: true, Interlace: l.progressive,
			SubsampleMode: l.chroma,
		})
	case recipe.PNG:
		data, err = f.exportPNG(l)
	case recipe.WebP:
		data, err = f.exportWebP(l)
	case recipe.AVIF:
		data, _, err = f.img.ExportAvif(&vips.AvifExportParams{
			StripMetadata: l.bare, Quality: l.quality, Bitdepth: 8, Effort: avifEffort, Lossless: l.lossless,
		})
	case recipe.GIF:
		data, _, err = f.img.ExportGIF(&vips.GifExportParams{
			StripMetadata: l.bare, Effort: gifEffort, Bitdepth: l.depth(8), Dither: 1,
		})
	case recipe.TIFF:
		data, _, err = f.img.ExportTiff(&vips.TiffExportParams{
			StripMetadata: l.bare, Compression: vips.TiffCompressionDeflate, Predictor: vips.TiffPredictorHorizontal,
		})
	case recipe.JXL:
		data, _, err = f.img.ExportJxl(&vips.JxlExportParams{Quality: l.quality, Lossless: l.lossless, Effort: jxlEffort})
	case recipe.PDF:
		data, err = f.exportPDF(l)
	default:
		err = fmt.Errorf("no such format %q", format)
	}
	return data, err
}

// exportWebP puts the profile into the file itself: through govips libvips 8.14 leaves it out.
func (f *frame) exportWebP(l look) ([]byte, error) {
	data, _, err := f.img.ExportWebp(&vips.WebpExportParams{
		StripMetadata: l.bare, Quality: l.quality, ReductionEffort: webpEffort, Lossless: l.lossless,
	})
	if err != nil || l.bare || !f.img.HasICCProfile() {
		return data, err
	}
	return withProfile(data, f.img.GetICCProfile()), nil
}

func (f *frame) exportPNG(l look) ([]byte, error) {
	params := &vips.PngExportParams{
		StripMetadata: l.bare, Compression: pngCompression, Filter: vips.PngFilterAll, Bitdepth: 8,
		Interlace: l.progressive,
	}
	if l.colors > 0 {
		params.Palette, params.Dither, params.Quality, params.Filter = true, 1, 100, vips.PngFilterNone
		params.Bitdepth = 1 << bits.Len(uint(l.depth(8))) >> 1 // 1, 2, 4 or 8
	}
	data, _, err := f.img.ExportPng(params)
	return data, err
}
