package vips

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// assemble puts this picture and further ones on a sheet, or on frames of their own.
func (f *frame) assemble(a recipe.Assembly) error {
	if len(a.Pictures) > f.limits.Pictures {
		return recipe.Errorf(recipe.OutputTooLarge, "%d pictures are put together, the limit is %d", len(a.Pictures), f.limits.Pictures)
	}
	pictures, err := f.gather(a)
	if err != nil {
		return err
	}
	if a.Others {
		pictures = pictures[1:]
	}
	sizes := make([]recipe.Size, len(pictures))
	for i, picture := range pictures {
		sizes[i] = recipe.Size{Width: picture.Rect.Dx(), Height: picture.Rect.Dy()}
	}
	cells, sheet := a.Arrange(sizes)
	frames := 1
	if a.Frames {
		frames = len(pictures)
	}
	if err := f.limits.CheckStep(sheet, frames); err != nil {
		return err
	}
	out := image.NewNRGBA(image.Rect(0, 0, sheet.Width, sheet.Height*frames))
	behind := color.NRGBA{R: a.Background.R, G: a.Background.G, B: a.Background.B, A: a.Background.A}
	draw.Draw(out, out.Rect, image.NewUniform(behind), image.Point{}, draw.Src)
	for i, picture := range pictures {
		cell := cells[i]
		if a.Frames {
			cell.Y += i * sheet.Height
		}
		// Over a clear background the picture's own alpha is to stay as it is.
		how := draw.Over
		if behind.A == 0 {
			how = draw.Src
		}
		draw.Draw(out, image.Rect(cell.X, cell.Y, cell.X+cell.Width, cell.Y+cell.Height), picture, image.Point{}, how)
	}
	if err := f.take(out, frames); err != nil {
		return fmt.Errorf("assemble: %w", err)
	}
	if a.Frames {
		f.cells = cells
		return f.play(a)
	}
	if a.Sprites {
		f.sprites = cells
	}
	return nil
}

// gather copies this picture and the further ones into Go's memory, where each is small by now.
func (f *frame) gather(a recipe.Assembly) ([]*image.NRGBA, error) {
	own, err := f.single(0)
	if err != nil {
		return nil, err
	}
	defer own.Close()
	first, err := pixels(own)
	if err != nil {
		return nil, fmt.Errorf("copy pixels: %w", err)
	}
	all, room := []*image.NRGBA{first}, f.limits.StillPixels-sizeOf(own).Pixels()
	for _, name := range a.Pictures {
		other, err := f.album.picture(name, a.Steps)
		if err != nil {
			return nil, err
		}
		if room -= other.size.Pixels(); room < 0 {
			other.close()
			return nil, recipe.Errorf(recipe.OutputTooLarge, "the pictures have more than %g megapixels together",
				float64(f.limits.StillPixels)/1e6)
		}
		copied, err := pixels(other.img)
		other.close()
		if err != nil {
			return nil, fmt.Errorf("copy pixels: %w", err)
		}
		all = append(all, copied)
	}
	return all, nil
}

// take puts pixels of Go into the place of the picture, without alpha when all of them are opaque.
func (f *frame) take(from *image.NRGBA, frames int) error {
	data, bands := from.Pix, 4
	if from.Opaque() {
		data, bands = make([]byte, 0, len(from.Pix)/4*3), 3
		for i := 0; i < len(from.Pix); i += 4 {
			data = append(data, from.Pix[i:i+3]...)
		}
	}
	img, err := vips.NewImageFromMemory(data, from.Rect.Dx(), from.Rect.Dy(), bands, vips.BandFormatUchar, vips.InterpretationSRGB)
	if err != nil {
		return err
	}
	if err := inMemory(img); err != nil {
		img.Close()
		return err
	}
	if frames > 1 {
		if err := setFrames(img, frames, from.Rect.Dy()/frames); err != nil {
			img.Close()
			return err
		}
	}
	f.img.Close()
	f.img, f.frames = img, frames
	return nil
}

// play sets how the frames follow each other.
func (f *frame) play(a recipe.Assembly) error {
	if len(a.Delays) == 0 {
		return nil
	}
	if err := f.img.SetPageDelay(a.Delays); err != nil {
		return fmt.Errorf("set delays: %w", err)
	}
	if err := f.img.SetLoop(min(a.Loop, math.MaxUint16)); err != nil {
		return fmt.Errorf("set loop: %w", err)
	}
	return nil
}
