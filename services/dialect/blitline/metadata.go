package blitline

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// Wishes are what a job wants to know of its source beside the measures.
type Wishes struct {
	// EXIF asks for the fields by their names, ExtendedMetadata for them as pairs and for sizes, IPTC for its fields.
	EXIF             bool `json:"get_exif,omitempty"`
	ExtendedMetadata bool `json:"extended_metadata,omitempty"`
	IPTC             bool `json:"include_iptc,omitempty"`
	// Hash is the kind of hash of the source's bytes: md5, sha256, crc32 or phash_dct.
	Hash string `json:"hash,omitempty"`
	// Colors is how many dominant colours are wanted.
	Colors int `json:"colors,omitempty"`
}

// mostColors is how many colours a source is asked for at most, and when a job does not say how many.
const mostColors = 8

func parseWishes(doc loose) Wishes {
	w := Wishes{
		EXIF: doc.truth("get_exif"), ExtendedMetadata: doc.truth("extended_metadata"), IPTC: doc.truth("include_iptc"),
		Hash: strings.ToLower(doc.text("hash")),
	}
	if doc.set("extract_colors") {
		w.Colors = min(mostColors, max(1, int(doc.object("extract_colors").numberOr("max_colors", mostColors))))
	}
	return w
}

// hashes are the kinds of hashes that can be told.
var hashes = []string{"", "md5", "sha256", "crc32", "phash_dct"}

// inspect is what the recipe has to ask for: dates and places are told without being asked for.
func (t *translator) inspect(w Wishes) []string {
	ask := []string{recipe.InspectEXIF, recipe.InspectGPS}
	if w.IPTC {
		ask = append(ask, recipe.InspectIPTC)
	}
	if w.Colors > 0 {
		ask = append(ask, recipe.InspectColors)
	}
	switch {
	case !slices.Contains(hashes, w.Hash):
		t.refuse(UnsupportedOption, "The hash '%s' is not supported: expected md5, sha256, crc32 or phash_dct", w.Hash)
	case w.Hash == "phash_dct":
		ask = append(ask, recipe.InspectPHash)
	case w.Hash != "":
		ask = append(ask, recipe.InspectHashes)
	}
	return ask
}

// originalMeta is what is told of a source.
type originalMeta struct {
	Width          int               `json:"width"`
	Height         int               `json:"height"`
	DateCreated    string            `json:"date_created,omitempty"`
	ISODateCreated string            `json:"iso_date_created,omitempty"`
	S3             string            `json:"s3_url,omitempty"`
	Filesize       int64             `json:"filesize,omitempty"`
	Latitude       *float64          `json:"lat,omitempty"`
	Longitude      *float64          `json:"lng,omitempty"`
	Hash           any               `json:"hash,omitempty"`
	IPTC           map[string]string `json:"iptc,omitempty"`
	AllEXIF        [][2]string       `json:"all_exif,omitempty"`
	OriginalEXIF   map[string]string `json:"original_exif,omitempty"`
	Density        *densityInfo      `json:"density_info,omitempty"`
	Colors         *extractedColors  `json:"extracted_colors,omitempty"`
}

type densityInfo struct {
	X     float64 `json:"density_x"`
	Y     float64 `json:"density_y"`
	Units string  `json:"units"`
}

type extractedColors struct {
	Data       []extractedColor `json:"data"`
	Background string           `json:"best_guess_background"`
}

type extractedColor struct {
	Percentage string `json:"percentage"`
	Pixels     int    `json:"pixel_count"`
	Color      rgb    `json:"color"`
}

type rgb struct {
	R   int    `json:"r"`
	G   int    `json:"g"`
	B   int    `json:"b"`
	Hex string `json:"hex_color"`
}

// original tells of a source. Its measures are those of the file, before it was turned upright.
func (d Details) original(result events.Result) any {
	s := result.Source
	if s == nil {
		return struct{}{}
	}
	m := originalMeta{Width: s.Width, Height: s.Height, S3: result.Original}
	if d.EXIF || d.ExtendedMetadata {
		m.Filesize = s.Bytes
	}
	if s.Details == nil {
		return m
	}
	exif := s.Details.EXIF
	if !d.AsStored && turned(exif["Orientation"]) {
		m.Width, m.Height = m.Height, m.Width
	}
	m.Latitude, m.Longitude = s.Details.Latitude, s.Details.Longitude
	m.DateCreated = exif["DateTimeOriginal"]
	if m.DateCreated == "" {
		m.DateCreated = exif["DateTime"]
	}
	if d.above(119) {
		m.ISODateCreated = isoDate(m.DateCreated, exif["OffsetTimeOriginal"])
	}
	m.Hash = d.hash(s.Details)
	if d.IPTC {
		m.IPTC = s.Details.IPTC
	}
	if d.ExtendedMetadata {
		for name, value := range exif {
			m.AllEXIF = append(m.AllEXIF, [2]string{name, value})
		}
		slices.SortFunc(m.AllEXIF, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	}
	if d.EXIF {
		m.OriginalEXIF, m.Density = exif, density(exif, s.DPI)
	}
	m.Colors = d.colors(s)
	return m
}

// turned tells of an orientation that lays a picture on its side (EXIF 2.32 §4.6.4).
func turned(orientation string) bool {
	n, err := strconv.Atoi(strings.TrimSpace(orientation))
	return err == nil && n >= 5 && n <= 8
}

// isoDate respells a date of EXIF, which has no zone of its own; without an offset it is taken for UTC.
func isoDate(date, offset string) string {
	for _, layout := range []string{"2006:01:02 15:04:05", time.RFC3339, "2006-01-02 15:04:05"} {
		at, err := time.Parse(layout, strings.TrimSpace(date))
		if err != nil {
			continue
		}
		if zone, err := time.Parse("-07:00", strings.TrimSpace(offset)); err == nil {
			return at.Format("2006-01-02T15:04:05") + zone.Format("-07:00")
		}
		return at.Format("2006-01-02T15:04:05-07:00")
	}
	return ""
}

// hash is a text, or a number where the format has one.
func (d Details) hash(details *events.Details) any {
	number := func(hex string) any {
		n, err := strconv.ParseUint(hex, 16, 64)
		if err != nil {
			return nil
		}
		return n
	}
	text := func(hex string) any {
		if hex == "" {
			return nil
		}
		return hex
	}
	switch d.Hash {
	case "md5":
		return text(details.MD5)
	case "sha256":
		return text(details.SHA256)
	case "crc32":
		return number(details.CRC32)
	case "phash_dct":
		return number(details.PHash)
	}
	return nil
}

// density is the resolution in the EXIF, in pixels an inch, or the one that stands elsewhere in the file; nil when there
// is none that can be read.
func density(exif map[string]string, other int) *densityInfo {
	x, errX := ratio(exif["XResolution"])
	y, errY := ratio(exif["YResolution"])
	switch {
	case (errX != nil || errY != nil) && other == 0:
		return nil
	case errX != nil || errY != nil:
		return &densityInfo{float64(other), float64(other), "PixelsPerInch"}
	}
	if exif["ResolutionUnit"] == "3" { // centimetres
		x, y = x*2.54, y*2.54
	}
	return &densityInfo{x, y, "PixelsPerInch"}
}

func ratio(text string) (float64, error) {
	above, below, isRatio := strings.Cut(text, "/")
	n, err := strconv.ParseFloat(above, 64)
	if err != nil || !isRatio {
		return n, err
	}
	d, err := strconv.ParseFloat(below, 64)
	if err != nil || d == 0 {
		return 0, strconv.ErrSyntax
	}
	return n / d, nil
}

// colors are the dominant colours, counted on a small copy and told in pixels of the whole.
func (d Details) colors(s *events.Source) *extractedColors {
	found := s.Details.Colors
	if d.Colors == 0 || len(found) == 0 || len(found) != len(s.Details.ColorShares) {
		return nil
	}
	e := &extractedColors{Background: found[0]}
	for i, hex := range found[:min(d.Colors, len(found))] {
		share := s.Details.ColorShares[i]
		c := extractedColor{
			Percentage: fmt.Sprintf("%.2f", 100*share), Pixels: int(math.Round(share * float64(s.Width) * float64(s.Height))), Color: rgb{Hex: hex},
		}
		_, _ = fmt.Sscanf(hex, "#%02x%02x%02x", &c.Color.R, &c.Color.G, &c.Color.B) // written by us in this form
		e.Data = append(e.Data, c)
	}
	return e
}
