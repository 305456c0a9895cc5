package imaging

import "github.com/ringback/ringback/services/internal/imaging/recipe"

// Request is one picture and what to make of it.
type Request struct {
	// Recipe has passed [recipe.Recipe.Validate].
	Recipe recipe.Recipe
	// Source is the file, as it was fetched.
	Source []byte
	// Pictures are the files of the further pictures that the recipe names. One that is not there fails the outputs that
	// need it.
	Pictures map[string][]byte
	// Progress, if set, is called after each output with the number that are done, failed ones among them, and of all.
	// It runs on the goroutine that reads from the renderer and must not block.
	Progress func(done, total int)
}

// Response is what became of a request. Every output of the recipe is in Outputs or in Failures, once for each page that
// it is made for.
type Response struct {
	Source   Facts
	Outputs  []Rendered
	Failures []Failure
}

// Facts describe a source.
type Facts struct {
	// Width and Height are of the upright picture: of one frame, and of the first page that was asked for.
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Format string `json:"format"`
	// Bytes is the size of the file.
	Bytes int64 `json:"bytes"`
	// Pages is the number of frames or pages.
	Pages int `json:"pages"`
	// DPI is how many dots an inch the file says that it has, rounded; 0 when it says nothing, or is a drawing.
	DPI int `json:"dpi,omitempty"`
	// Details are what the recipe's Inspect asked for; nil when it asked for nothing.
	Details *Details `json:"details,omitempty"`
}

// Details is what was found out about a source. What it does not have, or was not asked for, is absent.
type Details struct {
	// EXIF, IPTC and XMP are the fields by their names, as text.
	EXIF map[string]string `json:"exif,omitempty"`
	IPTC map[string]string `json:"iptc,omitempty"`
	XMP  map[string]string `json:"xmp,omitempty"`
	// ICC is the name of the embedded colour profile.
	ICC string `json:"icc,omitempty"`
	// Latitude and Longitude are in degrees, north and east positive.
	Latitude  *float64 `json:"latitude,omitempty"`
	Longitude *float64 `json:"longitude,omitempty"`
	// Colors are up to eight dominant colours as #rrggbb, the most frequent first.
	Colors []string `json:"colors,omitempty"`
	// ColorShares says how much of the picture each of them covers, 0 to 1.
	ColorShares []float64 `json:"color_shares,omitempty"`
	// MD5, SHA256 and CRC32 (IEEE) are of the file, in hex.
	MD5    string `json:"md5,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	CRC32  string `json:"crc32,omitempty"`
	// PHash is a perceptual hash of 64 bits in hex: pictures that look alike differ in few bits.
	PHash string `json:"phash,omitempty"`
}

// Rendered is one output, encoded.
type Rendered struct {
	ID string `json:"id"`
	// Index is the output's place in [recipe.Recipe.Outputs].
	Index int `json:"index"`
	// Page is the page of the source that it was made from; 0 when the recipe names no pages.
	Page   int    `json:"page,omitempty"`
	Format string `json:"format"`
	// Width and Height are of one frame, or of the first page.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Frames is the number of frames or pages; 1 for a still picture.
	Frames int `json:"frames"`
	// Placeholder is a ThumbHash in base64, of some 25 bytes: what to show while the picture loads.
	Placeholder string `json:"placeholder,omitempty"`
	// Quality is what the encoder was told, 1 to 100; 0 where the format has none.
	Quality int `json:"quality,omitempty"`
	// DPI is how many dots an inch the file says that it has, rounded; 0 when it says nothing.
	DPI int `json:"dpi,omitempty"`
	// Blank tells that all pixels are of one colour. Only saves that ask for it are looked at.
	Blank bool `json:"blank,omitempty"`
	// Sprites says where the pictures of a sprite sheet are.
	Sprites []recipe.Sprite `json:"sprites,omitempty"`
	Data    []byte          `json:"-"`
}

// Failure is one output that could not be made, while others may have been.
type Failure struct {
	ID string `json:"id"`
	// Index is the output's place in [recipe.Recipe.Outputs].
	Index int `json:"index"`
	// Page is the page of the source that it was to be made from; 0 when the recipe names no pages.
	Page int         `json:"page,omitempty"`
	Code recipe.Code `json:"code"`
	// Message is meant for the client.
	Message string `json:"message"`
}
