package transformation

import "github.com/ringback/ringback/services/internal/imaging/recipe"

// Asset is what is known of a stored picture.
type Asset struct {
	// Width and Height are in pixels, upright: after the EXIF orientation. A document's are those of its first page at 72
	// dots an inch.
	Width, Height int
	// Orientation is that of the EXIF, 1 to 8; 0 is unknown, and taken for 1.
	Orientation int
	// Pages is how many pages or frames there are; 0 is unknown.
	Pages int
	// Bytes is the size of the file.
	Bytes int
	// Format is the extension of the stored format: jpg png webp avif gif tiff jxl pdf heic svg.
	Format string
	// Opaque tells that no pixel is transparent. JPEG files need not say so.
	Opaque bool
	// Predominant is the main colour as #rrggbb; empty where it was never looked for.
	Predominant string
	Tags        []string
	// Context and Metadata are what a client stored with the picture, for conditions.
	Context, Metadata map[string]string
	// Faces and Custom are the coordinates that a client gave with the picture.
	Faces, Custom []Box
}

// Box is a part of a picture in pixels from its upper left corner.
type Box struct{ X, Y, Width, Height int }

// Request is one picture that is asked for.
type Request struct {
	// Asset is the picture to transform. Its width and height are needed.
	Asset Asset
	// Extension is that of the URL, without dot; empty keeps the stored format.
	Extension string
	// Accept is the header of the client, for f_auto.
	Accept string
	// DefaultQuality is 1 to 100, for a transformation without q_; 0 takes that of the format.
	DefaultQuality int
	// Prefix begins the names of further pictures, so that the recipes of several requests can become one.
	Prefix string
	// Assets says what is known of a layer's picture, false for one of which nothing is. Without it nothing is known of
	// any. Then arithmetic on its size is refused, as is what comes after a layer that may stick out.
	Assets func(Layer) (Asset, bool)
}

// Layer is where a further picture comes from.
type Layer struct {
	// PublicID is that of a stored picture, with slashes; empty when there is a URL.
	PublicID string
	// ResourceType is image.
	ResourceType string
	// Type is upload, private or authenticated; fetch with a URL.
	Type string
	// URL is the address of a picture that is fetched, or a data: URL with the picture itself.
	URL string
}

// Translation is a recipe of one output with what else the transformation says.
type Translation struct {
	// Recipe makes the output [OutputID]. With several pages it does so for each of them.
	Recipe recipe.Recipe
	// Format is the file extension of the result: jpg png webp avif gif tiff jxl pdf.
	Format string
	// Size is that of the result in pixels, zero where only the pixels can tell.
	Size recipe.Size
	// Pictures are the further pictures by their names in the recipe.
	Pictures map[string]Layer
	// Download tells that the picture is to be saved and not shown, as Attachment; empty takes the public id.
	Download   bool
	Attachment string
	// Default is the public id, with extension, of the picture that takes the place of a missing one (d_).
	Default string
	// GetInfo tells that the client asks for facts about the picture instead of the picture.
	GetInfo bool
	// Immutable tells that the result may be cached for ever.
	Immutable bool
	// Pages are the pages that are asked for, from 1, as far as the asset has them; nil takes the first page, or the whole
	// animation. It is nil, too, when all are asked for and their number is unknown: see the recipe.
	Pages []int
	// Delay is how long a frame is shown in milliseconds, and Loop how often the animation is repeated after the first
	// time, for pictures that are made into an animation; 0 and nil are the defaults: 100, and without end.
	Delay int
	Loop  *int
}

// OutputID is the id of the one save of a [Translation]'s recipe.
const OutputID = "derived"
