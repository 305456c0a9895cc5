package recipe

import "slices"

// Save makes an output of a step's picture. What a format has no use for is ignored: a PNG has no quality.
type Save struct {
	// ID is the client's name for the output, echoed in the result.
	ID string `json:"id"`
	// Format is one of jpeg, png, webp, avif, gif, tiff, jxl and pdf; empty keeps the source's format where it can be
	// written, and otherwise takes jpeg.
	Format string `json:"format,omitempty"`
	// Quality is 1 to 100 for jpeg, webp, avif, jxl and pdf; absent takes the format's default.
	Quality *int `json:"quality,omitempty"`
	// AutoQuality looks for the lowest quality at which the picture still resembles itself: best, good, eco or low.
	// It excludes Quality.
	AutoQuality AutoQuality `json:"auto_quality,omitempty"`
	// MaxBytes lowers the quality, then the number of colours, then the size in pixels, until the file has no more than
	// so many bytes. 0 sets no limit; at least 256.
	MaxBytes int64 `json:"max_bytes,omitempty"`
	// Lossless writes webp, jxl and tiff without loss, and avif with none but the rounding of its colours.
	Lossless bool `json:"lossless,omitempty"`
	// Progressive writes a jpeg that shows in several passes, or an interlaced png.
	Progressive bool `json:"progressive,omitempty"`
	// Chroma is how a jpeg samples its colours: 420 or 444. Empty takes 420 below a quality of 90 and 444 from there on.
	Chroma string `json:"chroma,omitempty"`
	// Colors is how many colours the palette may have, 2 to 256: rounded down to 2, 4, 8, …, 256 in a gif and to 2, 4, 16
	// or 256 in a png. 0 writes a png without palette and a gif with 256.
	Colors int `json:"colors,omitempty"`
	// Metadata is what stays of the source's EXIF, XMP and IPTC: none, the default, or keep.
	Metadata Keeping `json:"metadata,omitempty"`
	// Profile is the colour profile that the output is converted to and carries: srgb, p3, or cmyk for jpeg and tiff.
	// Empty converts to sRGB and leaves the profile out, which is how browsers read a picture without one.
	Profile string `json:"profile,omitempty"`
	// Background is the colour behind a transparent picture in a format without transparency; white by default.
	Background string `json:"background,omitempty"`
	// Tags are written into the file, by their names, such as Artist, EXIF:Copyright, IPTC:Keywords or XMP:Title: EXIF into
	// jpeg, webp and avif, in ASCII but for XP tags; XMP into those, png and tiff, IPTC into jpeg, each in place of the
	// source's. Degrees of GPSLatitude and GPSLongitude are decimals. At most 50, of at most 2000 bytes each.
	Tags map[string]string `json:"tags,omitempty"`
	// CheckBlank looks whether all pixels of the output are of one colour; the result then says that it is blank.
	CheckBlank bool `json:"check_blank,omitempty"`
}

// AutoQuality is how near to the original an output with automatic quality has to be.
type AutoQuality string

// The automatic qualities, from the nearest to the smallest.
const (
	AutoBest AutoQuality = "best"
	AutoGood AutoQuality = "good"
	AutoEco  AutoQuality = "eco"
	AutoLow  AutoQuality = "low"
)

// Resemblance is the structural similarity (SSIM of luma, 0 to 1) that an output has to keep: the first from which the
// loss is hard to see side by side, and steps down from it.
func (q AutoQuality) Resemblance() float64 {
	switch q {
	case AutoBest:
		return 0.98
	case AutoEco:
		return 0.92
	case AutoLow:
		return 0.88
	default:
		return 0.95
	}
}

// Keeping is what becomes of the source's metadata.
type Keeping string

// What becomes of metadata. The orientation is applied to the pixels in any case, and never kept.
const (
	KeepNothing Keeping = "none"
	KeepAll     Keeping = "keep"
)

// minBytes is the smallest MaxBytes: the headers of a picture take about as much.
const minBytes = 256

// Profiles lists the colour profiles that an output may carry.
var Profiles = []string{"srgb", "p3", "cmyk"}

func (v *validation) save(save *Save, path string) {
	if save == nil {
		return
	}
	first, taken := v.ids[save.ID]
	switch {
	case save.ID == "":
		v.report(path+".id", nil, "a name for the output")
	case len(save.ID) > MaxIDLength:
		v.report(path+".id", save.ID, "at most %d bytes", MaxIDLength)
	case taken:
		v.report(path+".id", save.ID, "an id of its own: %s has the same", first)
	default:
		v.ids[save.ID] = path
	}
	if save.Format != "" && !slices.Contains(Writable, Format(save.Format)) {
		v.report(path+".format", save.Format, "one of %s, or none to keep the source's", join(Writable))
		return
	}
	v.quality(*save, path)
	v.look(*save, path)
	v.tags(*save, path)
}

// quality checks what bears on the size of the file.
func (v *validation) quality(save Save, path string) {
	if save.Quality != nil && (*save.Quality < 1 || *save.Quality > 100) {
		v.report(path+".quality", *save.Quality, "a whole number from 1 to 100")
	}
	if !oneOf(save.AutoQuality, AutoBest, AutoGood, AutoEco, AutoLow) {
		v.report(path+".auto_quality", save.AutoQuality, "best, good, eco or low")
	}
	if save.Quality != nil && save.AutoQuality != "" {
		v.report(path+".auto_quality", save.AutoQuality, "either a quality, or an automatic one")
	}
	if save.AutoQuality != "" && Format(save.Format) == JXL {
		v.report(path+".auto_quality", save.AutoQuality, "a quality: there is no automatic one for jxl")
	}
	if save.MaxBytes != 0 && save.MaxBytes < minBytes {
		v.report(path+".max_bytes", save.MaxBytes, "a whole number of bytes, %d or more", minBytes)
	}
	if save.Colors != 0 && (save.Colors < 2 || save.Colors > 256) {
		v.report(path+".colors", save.Colors, "a whole number from 2 to 256")
	}
	if !oneOf(save.Chroma, "420", "444") {
		v.report(path+".chroma", save.Chroma, "420 or 444")
	}
}

// look checks what bears on colours and metadata.
func (v *validation) look(save Save, path string) {
	if !oneOf(save.Metadata, KeepNothing, KeepAll) {
		v.report(path+".metadata", save.Metadata, "none or keep")
	}
	if !oneOf(save.Profile, Profiles...) {
		v.report(path+".profile", save.Profile, "one of %s, or none", join(Profiles))
	}
	if save.Profile == "cmyk" && !slices.Contains([]string{string(JPEG), string(TIFF)}, save.Format) {
		v.report(path+".profile", save.Profile, "cmyk only with the format jpeg or tiff")
	}
	if _, err := ParseColour(save.Background); save.Background != "" && err != nil {
		v.report(path+".background", save.Background, "a colour, such as #rrggbb")
	}
}

// oneOf tells whether a word is empty or on the list.
func oneOf[T ~string](word T, list ...T) bool {
	return word == "" || slices.Contains(list, word)
}
