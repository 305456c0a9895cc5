package vips

import (
	"math"

	"github.com/davidbyttow/govips/v2/vips"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// maxProfile is the largest colour profile that is believed; larger ones are dropped and the picture taken for sRGB.
const maxProfile = 2 << 20

// guessedDensity is what libvips says of a PNG that says nothing, in dots a millimetre. 72 dots an inch are 2.835.
const guessedDensity = 2.834

// source is a file whose header has been read and found within the limits.
type source struct {
	bytes       []byte
	limits      recipe.Limits
	density     int // of a document, in dots an inch; 0 for the loader's own
	picture     recipe.Picture
	asStored    bool
	orientation int // as EXIF has it: 1 is upright, or to be left as it is
	pages       int // in the file, or frames
	dpi         int // that the file says it has; 0 when it says nothing
	only        int // the one page that is read, from 1; 0 for the first, or for all frames of an animation
}

// open reads the header alone. It fails with an [recipe.Error] for what is no picture or too large a one; no pixel is
// decoded.
func open(file []byte, r recipe.Recipe, limits recipe.Limits) (source, error) {
	if len(file) == 0 {
		return source{}, recipe.Errorf(recipe.SourceUnreadable, "the source is empty")
	}
	format, known := recipe.Sniff(file)
	if !known {
		return source{}, recipe.Errorf(recipe.UnsupportedFormat, "the source is none of %s", recipe.Readable)
	}
	s := source{bytes: file, limits: limits, density: r.Density, asStored: r.AsStored, picture: recipe.Picture{Format: format}}
	err := s.readHeader()
	return s, err
}

// page is the source with nothing but one page, or one frame, in it.
func (s source) page(number int) (source, error) {
	s.only = number
	err := s.readHeader()
	return s, err
}

func (s *source) readHeader() error {
	if n := passes(s.bytes, s.picture.Format); n > maxPasses {
		return recipe.Errorf(recipe.SourceTooLarge, "the picture comes in more than %d passes", maxPasses)
	}
	// With n left out the loader shows one page and tells how many there are.
	head, err := vips.LoadImageFromBuffer(s.bytes, s.params(vips.AccessSequential))
	if err != nil {
		return s.broken()
	}
	defer head.Close()
	s.picture.Size = recipe.Size{Width: head.Width(), Height: head.Height()}
	if s.dpi = dotsPerInch(head, s.picture.Format); s.picture.Format == recipe.PNG && math.Abs(head.ResX()-guessedDensity) < 1e-6 {
		s.dpi = 0
	}
	// govips' own count is 1 from 10,000 pages on.
	s.pages = max(1, head.Pages(), head.GetInt("n-pages"))
	forget() // it says so where there is no such field
	s.picture.Frames = 1
	if s.picture.Format.Animated() && s.only == 0 {
		s.picture.Frames = s.pages
	}
	if err := s.limits.CheckSource(s.picture.Size, s.picture.Frames); err != nil {
		return err
	}
	s.orientation = head.Orientation()
	if s.asStored || s.pages > 1 && s.picture.Format.Animated() {
		s.orientation = 1 // nothing that makes animations turns them by EXIF
	}
	if s.orientation >= 5 && s.orientation <= 8 {
		s.picture.Size = s.picture.Size.Turned()
	}
	return nil
}

// params are those under which a damaged file is an error and not a gray area.
func (s source) params(access int) *vips.ImportParams {
	params := vips.NewImportParams()
	params.Access.Set(access)
	if s.only > 0 && (s.picture.Format.Animated() || s.picture.Format.Paged()) {
		params.Page.Set(s.only - 1)
	}
	if s.density > 0 && (s.picture.Format == recipe.PDF || s.picture.Format == recipe.SVG) {
		params.Density.Set(s.density)
	}
	return params
}

// broken is the error of a source that cannot be decoded.
func (s source) broken() error {
	forget()
	if !recipe.Complete(s.bytes, s.picture.Format) {
		return recipe.Errorf(recipe.SourceTruncated, "the source ends in the middle of the picture")
	}
	return recipe.Errorf(recipe.SourceUnreadable, "the source is damaged and cannot be decoded as %s", s.picture.Format)
}

// decode loads the picture by the plan. Animated keeps all frames, one below the other. The frame that it returns is
// not upright yet: see [frame.settle].
func (s source) decode(plan recipe.Plan, animated bool) (*frame, error) {
	access := vips.AccessRandom
	if plan.Access == recipe.Sequential {
		access = vips.AccessSequential
	}
	params := s.params(access)
	if plan.Shrink > 1 {
		params.JpegShrinkFactor.Set(plan.Shrink)
	}
	frames := 1
	if animated {
		frames = s.picture.Frames
		params.NumPages.Set(-1)
	}
	img, err := vips.LoadImageFromBuffer(s.bytes, params)
	if err != nil {
		return nil, s.broken()
	}
	f := &frame{img: img, frames: frames, size: s.picture.Size, orientation: s.orientation, streamed: true}
	if err := s.prepare(f, plan.Access); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// prepare decodes into memory where that is planned, and makes pixels that every operation understands.
func (s source) prepare(f *frame, access recipe.Access) error {
	if s.picture.Format == recipe.GIF && !recipe.Complete(s.bytes, s.picture.Format) {
		return s.broken() // its loader is lenient and repeats the last whole frame
	}
	if len(f.img.GetICCProfile()) > maxProfile {
		if err := f.img.RemoveICCProfile(); err != nil {
			return s.broken()
		}
	}
	if f.frames == 1 && s.pages > 1 {
		// Otherwise govips would take the page for all of them.
		if err := setFrames(f.img, 1, f.img.Height()); err != nil {
			return s.broken()
		}
	}
	if !f.plain() {
		if err := f.toSRGB(); err != nil {
			return s.broken()
		}
	}
	if access == recipe.Random {
		if err := f.materialize(); err != nil {
			return s.broken()
		}
	}
	return nil
}
