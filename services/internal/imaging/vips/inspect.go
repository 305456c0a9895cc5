package vips

import (
	"bytes"
	"crypto/md5" //nolint:gosec // a fingerprint that clients compare with their own, not a safeguard
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"image"
	"slices"
	"strings"
	"unicode"

	"github.com/bep/imagemeta"
	"github.com/corona10/goimagehash"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

const (
	// maxFields and maxValue bound what is told of a source's metadata: 200 fields of 500 bytes each.
	maxFields = 200
	maxValue  = 500
	// dominant is how many colours are told, and judgeEdge the longest edge of the picture that they are counted on.
	dominant  = 8
	judgeEdge = 64
)

// inspect finds out what the recipe asked for. What cannot be found out is left out: a source without readable metadata
// is still a picture.
func inspect(s source, asked []string) *imaging.Details {
	d := &imaging.Details{}
	for _, what := range asked {
		switch what {
		case recipe.InspectHashes:
			hash(s.bytes, d)
		case recipe.InspectColors, recipe.InspectPHash:
			if err := judge(s, what, d); err != nil {
				forget()
			}
		}
	}
	readMetadata(s, asked, d)
	return d
}

func hash(file []byte, d *imaging.Details) {
	md, sha := md5.Sum(file), sha256.Sum256(file) //nolint:gosec // see above
	d.MD5, d.SHA256 = hex.EncodeToString(md[:]), hex.EncodeToString(sha[:])
	d.CRC32 = fmt.Sprintf("%08x", crc32.ChecksumIEEE(file))
}

// judge looks at a small copy of the picture.
func judge(s source, what string, d *imaging.Details) error {
	small, err := s.small(judgeEdge)
	if err != nil {
		return err
	}
	if what == recipe.InspectColors {
		d.Colors = dominantColours(small)
		return nil
	}
	print, err := goimagehash.PerceptionHash(small)
	if err != nil {
		return fmt.Errorf("hash the picture: %w", err)
	}
	d.PHash = fmt.Sprintf("%016x", print.GetHash())
	return nil
}

// small decodes the picture once more, into a small one.
func (s source) small(edge int) (*image.NRGBA, error) {
	fit, err := recipe.NewStep(&recipe.FitOp{Box: recipe.Box{Width: recipe.Pixels(4 * edge), Height: recipe.Pixels(4 * edge)}}, &recipe.Save{ID: "small"})
	if err != nil {
		return nil, err
	}
	f, err := s.decode(recipe.MakePlan(recipe.Recipe{Steps: []recipe.Step{fit}}, s.picture), false)
	if err != nil {
		return nil, err
	}
	defer f.close()
	f.limits = s.limits
	if err := f.perform(fit); err != nil {
		return nil, err
	}
	if err := f.settle(); err != nil {
		return nil, err
	}
	return f.thumbnail(edge)
}

// dominantColours counts the colours of a picture, four bits of each channel, and tells the mean of each of the most
// frequent ones. Clear pixels do not count.
func dominantColours(img *image.NRGBA) []string {
	type bin struct{ n, r, g, b int }
	bins := map[[3]uint8]*bin{}
	for i := 0; i < len(img.Pix); i += 4 {
		p := img.Pix[i : i+4]
		if p[3] < 128 {
			continue
		}
		key := [3]uint8{p[0] >> 4, p[1] >> 4, p[2] >> 4}
		if bins[key] == nil {
			bins[key] = &bin{}
		}
		c := bins[key]
		c.n, c.r, c.g, c.b = c.n+1, c.r+int(p[0]), c.g+int(p[1]), c.b+int(p[2])
	}
	type ranked struct {
		n    int
		name string
	}
	var list []ranked
	for _, c := range bins {
		list = append(list, ranked{c.n, fmt.Sprintf("#%02x%02x%02x", c.r/c.n, c.g/c.n, c.b/c.n)})
	}
	slices.SortFunc(list, func(a, b ranked) int {
		if a.n != b.n {
			return b.n - a.n
		}
		return strings.Compare(a.name, b.name)
	})
	var names []string
	for _, c := range list[:min(len(list), dominant)] {
		names = append(names, c.name)
	}
	return names
}

// metaFormats are the formats whose files imagemeta reads.
var metaFormats = map[recipe.Format]imagemeta.ImageFormat{
	recipe.JPEG: imagemeta.JPEG, recipe.PNG: imagemeta.PNG, recipe.WebP: imagemeta.WebP, recipe.TIFF: imagemeta.TIFF,
}

// readMetadata fills in the fields of EXIF, IPTC and XMP, the place and the profile's name.
func readMetadata(s source, asked []string, d *imaging.Details) {
	wants := func(what string) bool { return slices.Contains(asked, what) }
	if wants(recipe.InspectICC) {
		d.ICC = profileName(s)
	}
	format, known := metaFormats[s.picture.Format]
	if !known {
		return
	}
	var tags imagemeta.Tags
	err := imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(s.bytes), ImageFormat: format, LimitNumTags: maxFields, LimitTagSize: 8 * maxValue,
		Sources:         imagemeta.EXIF | imagemeta.IPTC | imagemeta.XMP,
		ShouldHandleTag: func(imagemeta.TagInfo) bool { return true },
		HandleTag:       func(tag imagemeta.TagInfo) error { tags.Add(tag); return nil },
	})
	if err != nil && !imagemeta.IsInvalidFormat(err) {
		return
	}
	if wants(recipe.InspectEXIF) {
		d.EXIF = texts(tags.EXIF())
	}
	if wants(recipe.InspectIPTC) {
		d.IPTC = texts(tags.IPTC())
	}
	if wants(recipe.InspectXMP) {
		d.XMP = texts(tags.XMP())
	}
	if wants(recipe.InspectGPS) {
		if latitude, longitude, err := tags.GetLatLong(); err == nil && (latitude != 0 || longitude != 0) {
			d.Latitude, d.Longitude = &latitude, &longitude
		}
	}
}

// texts writes fields as text, each of a bounded length. Those that are no text, such as a maker's own notes, are left
// out.
func texts(tags map[string]imagemeta.TagInfo) map[string]string {
	fields := map[string]string{}
	for name, tag := range tags {
		if raw, isBytes := tag.Value.([]byte); isBytes || len(fields) >= maxFields {
			_ = raw
			continue
		}
		text := printable(fmt.Sprint(tag.Value))
		if text != "" {
			fields[printable(name)] = text
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return fields
}

// printable cuts a text to a bounded length and drops what cannot be shown.
func printable(text string) string {
	text = strings.ToValidUTF8(text[:min(len(text), maxValue)], "")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) && r != '\n' {
			return -1
		}
		return r
	}, text))
}
