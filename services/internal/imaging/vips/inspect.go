package vips

import (
	"crypto/md5" //nolint:gosec // a fingerprint that clients compare with their own, not a safeguard
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"image"
	"math"
	"slices"
	"strings"

	"github.com/corona10/goimagehash"

	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

const (
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
		d.Colors, d.ColorShares = dominantColours(small)
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
// frequent ones, and its share. Clear pixels do not count.
func dominantColours(img *image.NRGBA) (names []string, shares []float64) {
	type bin struct{ n, r, g, b int }
	bins, total := map[[3]uint8]*bin{}, 0
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
		total++
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
	for _, c := range list[:min(len(list), dominant)] {
		names, shares = append(names, c.name), append(shares, math.Round(1e4*float64(c.n)/float64(total))/1e4)
	}
	return names, shares
}
