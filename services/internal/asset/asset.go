// Package asset keeps the pictures that live on: what was uploaded under a public id, and what was made of several of
// them. An asset is known by its kind and public id, has versions, tags and context, and pictures are derived from it at
// any later time.
package asset

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
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

// Path is where a client reads what a transformation makes of the asset, or its content when there is none: what stands
// behind the cloud's name in a delivery URL. extension is that of the format, without dot; empty leaves it out.
func (a Asset) Path(transformation, extension string) string {
	parts := []string{"", a.ResourceType, a.Type}
	if transformation != "" {
		parts = append(parts, escape(transformation))
	}
	path := strings.Join(append(parts, "v"+strconv.FormatInt(a.Version, 10), escape(a.PublicID)), "/")
	if extension != "" {
		path += "." + extension
	}
	return path
}

var pathText = strings.NewReplacer(
	"%2F", "/", "%2C", ",", "%3A", ":", "%7C", "|", "%24", "$", "%21", "!", "%3B", ";", "%3D", "=", "%28", "(", "%29", ")", "%2A", "*",
)

// escape writes text as it stands in a path; slashes, and what transformations are made of, stay as they are.
func escape(text string) string {
	return pathText.Replace(url.PathEscape(text))
}

// DerivedKey is where a picture derived of the asset is in the blob store. canonical names its transformation: equal ones
// share the picture.
func (a Asset) DerivedKey(application, canonical, extension string) string {
	sum := sha256.Sum256([]byte(canonical))
	return "derived/" + application + "/" + a.ID + "/" + strconv.FormatInt(a.Version, 10) + "/" + hex.EncodeToString(sum[:16]) + "." + extension
}

// Folders are the prefixes in the blob store of everything that belongs to an asset: its contents and what was derived of them.
func Folders(application, id string) []string {
	return []string{"assets/" + application + "/" + id + "/", "derived/" + application + "/" + id + "/"}
}

// ContentKey is where the content of a version of an asset is in the blob store.
func ContentKey(application, id string, version int64) string {
	return "assets/" + application + "/" + id + "/" + strconv.FormatInt(version, 10)
}
