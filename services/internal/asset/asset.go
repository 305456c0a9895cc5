// Package asset keeps the pictures that live on: what was uploaded under a public id, and what was made of several of
// them. An asset is known by its kind and public id, has versions, tags and context, and pictures are derived from it at
// any later time.
package asset

import (
	"time"

	"github.com/ringback/ringback/events"
)

// Resource types.
const (
	Image = "image"
	Raw   = "raw"
)

// Types, which are the ways an asset came to be and may be read.
const (
	Upload        = "upload"
	Private       = "private"
	Authenticated = "authenticated"
	// Sprite and Multi are made of several assets; their public id is a tag or generated.
	Sprite = "sprite"
	Multi  = "multi"
)

// Ref names an asset within an application.
type Ref struct {
	ResourceType string `json:"resource_type"`
	Type         string `json:"type"`
	PublicID     string `json:"public_id"`
}

// Asset is one picture, or file, and what is known of it.
type Asset struct {
	Ref
	// ID is 32 hexadecimal digits, and stays when the asset is renamed or overwritten.
	ID string `json:"id"`
	// Version is when the content came, in seconds since 1970; each content of one asset has a greater one.
	Version   int64     `json:"version"`
	VersionID string    `json:"version_id"`
	CreatedAt time.Time `json:"created_at"`
	// Key is where the content is in the blob store.
	Key string `json:"key"`
	// Format is a file extension, such as jpg. Width and Height are in pixels, upright; 0 for what is no picture. Pages
	// are those of a document or the frames of an animation, 1 for others.
	Format string `json:"format,omitempty"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	Pages  int    `json:"pages,omitempty"`
	Bytes  int64  `json:"bytes"`
	// ETag is the MD5 of the content in hexadecimal digits.
	ETag     string            `json:"etag"`
	Tags     []string          `json:"tags,omitempty"`
	Context  map[string]string `json:"context,omitempty"`
	Metadata map[string]string `json:"metadata,omitempty"`
	// Faces and Custom are regions that the client named.
	Faces  []Box `json:"faces,omitempty"`
	Custom []Box `json:"custom,omitempty"`
	// Name is that of the uploaded file, without its extension.
	Name        string `json:"name,omitempty"`
	DisplayName string `json:"display_name,omitempty"`
	Folder      string `json:"folder,omitempty"`
	// Transformation is what the sprites of a sheet, or the pages of a document, were made with.
	Transformation string `json:"transformation,omitempty"`
	// Sprites are the places of pictures on a sheet.
	Sprites []events.Sprite `json:"sprites,omitempty"`
	// Placeholder is a ThumbHash of the picture.
	Placeholder string `json:"placeholder,omitempty"`
	// Overwritten tells that the content took the place of another.
	Overwritten bool `json:"overwritten,omitempty"`
}

// Box is a region of a picture in pixels from its upper left corner.
type Box struct{ X, Y, Width, Height int }
