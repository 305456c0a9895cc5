package events

import "time"

// Statuses of a media item. Those of what was trashed or deleted are [MediaTrashed] or [MediaDeleted] and, after it, what
// the item was then: 1 being uploaded, 2 queued, 3 being converted, 4 converted, 5 failed or incomplete.
const (
	MediaUploading  = 0
	MediaQueued     = 1
	MediaConverting = 2
	MediaConverted  = 3
	MediaFailed     = 4
	MediaIncomplete = 5
	MediaTrashed    = 100
	MediaDeleted    = 200
)

// Media is the newest state of a media item: all that is known of it, never what changed.
type Media struct {
	ID string `json:"id"`
	// Revision grows with every change.
	Revision uint64 `json:"revision"`
	// Status is one of the statuses above: [MediaConverted] when the newest job of the item made its pictures.
	Status int `json:"status"`
	// Job is the newest job of the item; empty when it never had one.
	Job       string    `json:"job,omitempty"`
	ChangedAt time.Time `json:"changed_at"`
	// Outputs are the pictures that its newest job made that made any.
	Outputs []Output `json:"outputs"`
	// File is what was uploaded; absent when the item is only what jobs made.
	File *MediaFile `json:"file,omitempty"`
	// UploadedAt is when the item came in, and ConvertedAt when its newest job ended. Zero is unknown.
	UploadedAt  time.Time `json:"uploaded_at,omitzero"`
	ConvertedAt time.Time `json:"converted_at,omitzero"`
	// ConversionMS is how long the newest job worked on it: fetching, rendering and storing, in milliseconds.
	ConversionMS int64 `json:"conversion_ms,omitempty"`
	// Votes are what people think of it.
	Votes MediaVotes `json:"votes,omitzero"`
	// PublicURL and ThumbURL are bases: the file itself is there, and a rendition behind a slash and its id. Empty where
	// the item has no place of its own.
	PublicURL string `json:"public_url,omitempty"`
	ThumbURL  string `json:"thumb_url,omitempty"`
	MediaInfo
}

// MediaFile is the file that a media item was uploaded as.
type MediaFile struct {
	// Name is as the client called it, without folders.
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	// Bytes is its size. Width and Height are those of the upright picture; 0 as long as they are unknown.
	Bytes  int64 `json:"bytes"`
	Width  int   `json:"width,omitempty"`
	Height int   `json:"height,omitempty"`
}

// MediaVotes are the voices of a media item. One voice is a number from 0 to 10.
type MediaVotes struct {
	Count int64 `json:"count"`
	Sum   int64 `json:"sum"`
}

// Rating is the mean of all voices, 0 to 10, rounded; 0 without any.
func (v MediaVotes) Rating() int {
	if v.Count <= 0 {
		return 0
	}
	return int((2*v.Sum + v.Count) / (2 * v.Count))
}

// MediaInfo is what people say of a media item. A zero field is unknown.
type MediaInfo struct {
	Title   string   `json:"title,omitempty"`
	Message string   `json:"message,omitempty"`
	Tags    []string `json:"tags,omitempty"`
	// Injector names the way by which the item came in, such as httpupload; Sender is who mailed it.
	Injector string `json:"injector,omitempty"`
	Sender   string `json:"sender,omitempty"`
	// CreatedAt is when the picture was made.
	CreatedAt time.Time `json:"created_at,omitzero"`
	// Privacy and Autoblog are numbers of the application's own.
	Privacy  int `json:"privacy,omitempty"`
	Autoblog int `json:"autoblog,omitempty"`
	// Offensive is how often somebody said that it is.
	Offensive  int             `json:"offensive,omitempty"`
	Hits       int64           `json:"hits,omitempty"`
	Moderation MediaModeration `json:"moderation,omitzero"`
	Comments   MediaComments   `json:"comments,omitzero"`
	// Parent is the item that this one belongs to, by its number.
	Parent   int64         `json:"parent,omitempty"`
	Uploader MediaUploader `json:"uploader,omitzero"`
	URL      string        `json:"url,omitempty"`
	// Rotation is in degrees, 0 to 359.
	Rotation int          `json:"rotation,omitempty"`
	Language string       `json:"language,omitempty"`
	Channel  MediaChannel `json:"channel,omitzero"`
	// Place is where the picture was taken; absent when nobody knows.
	Place *MediaPlace `json:"place,omitempty"`
	// Metadata is the client's own.
	Metadata map[string]string `json:"metadata,omitempty"`
}

// Values of [MediaModeration.Status].
const (
	MediaUnmoderated = 0
	MediaApproved    = 1
	MediaDenied      = 2
)

// MediaModeration is what a moderator decided. Its zero value is that nobody did yet.
type MediaModeration struct {
	Status int `json:"status"`
	// DeniedID is the application's number of the reason.
	DeniedID int64  `json:"denied_id,omitempty"`
	Note     string `json:"note,omitempty"`
}

// MediaComments counts comments, which live elsewhere.
type MediaComments struct {
	Count     int64 `json:"count"`
	Approved  int64 `json:"approved,omitempty"`
	NotDenied int64 `json:"not_denied,omitempty"`
}

// MediaUploader is who uploaded a media item.
type MediaUploader struct {
	ID        int64  `json:"id,omitempty"`
	Name      string `json:"name,omitempty"`
	Country   string `json:"country,omitempty"`
	City      string `json:"city,omitempty"`
	State     string `json:"state,omitempty"`
	Nickname  string `json:"nickname,omitempty"`
	Firstname string `json:"firstname,omitempty"`
	Lastname  string `json:"lastname,omitempty"`
}

// MediaChannel is where a media item was published.
type MediaChannel struct {
	ID        int64  `json:"id,omitempty"`
	Shortname string `json:"shortname,omitempty"`
	Name      string `json:"name,omitempty"`
}

// MediaPlace is a position in degrees, north and east positive.
type MediaPlace struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}
