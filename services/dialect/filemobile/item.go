package filemobile

import (
	"net/url"
	"path"
	"time"

	"github.com/ringback/ringback/events"
)

// Values of [Item.Status]. The format knows more, for files that are on their way or gone.
const (
	StatusQueued     = 1
	StatusConverting = 2
	StatusConverted  = 3
	StatusFailed     = 4
)

// FiletypeImage is the [Item.Filetype] of pictures; 2 is video, 3 audio and 4 text.
const FiletypeImage = 1

// Item is a media item in the 51 fields of the callback, in the order of the document. A zero field is what the format
// has for the unknown: 0, an empty element, 0.00.
type Item struct {
	ID          string
	Status      int
	ContentType string
	Filetype    int
	Filename    string
	// Injector names the way by which the item came in, such as httpupload.
	Injector string
	Hits     int64
	Message  string
	// Date is when the picture was made, or uploaded when that is unknown.
	Date      time.Time
	Title     string
	Tags      string
	Extension string
	Sender    string
	UID       int64
	// Filesize and OriginalFilesize are in bytes.
	Filesize         int64
	OriginalFilesize int64
	Upload           time.Time
	Privacy          int
	ModerationStatus int
	Width            int
	Height           int
	// Length is the playing time, to the hundredth of a second.
	Length time.Duration
	// ConversionTime is how long the item was processed, to the millisecond.
	ConversionTime time.Duration
	// ConvertTime is when processing ended.
	ConvertTime       time.Time
	Offensive         int
	Autoblog          int
	Rating            int
	VoteCount         int64
	CommentCount      int64
	ApprovedComments  int64
	NotDeniedComments int64
	ParentID          int64
	User              User
	URL               string
	// Vhost names the application.
	Vhost     string
	Rotation  int
	Language  string
	Channel   Channel
	Latitude  *float64
	Longitude *float64
	// PublicURL and ThumbURL are bases: clients append a slash and the name of a rendition.
	PublicURL          string
	ThumbURL           string
	ModerationDeniedID int64
}

// User is who uploaded an item.
type User struct {
	Name, Country, City, State, Nickname, Firstname, Lastname string
}

// Channel is where an item was published.
type Channel struct {
	ID        int64
	Shortname string
	Name      string
}

// FromMedia fills in what the event of a media item tells. The item's first output stands for its file: the format has
// one picture where Ringback has outputs. The last output is its thumbnail, since recipes go from large to small.
func FromMedia(m events.Media) Item {
	item := Item{ID: m.ID, Status: m.Status, Filetype: FiletypeImage, ConvertTime: m.ChangedAt}
	if len(m.Outputs) == 0 {
		return item
	}
	first, last := m.Outputs[0], m.Outputs[len(m.Outputs)-1]
	item.ContentType = "image/" + first.Format
	item.Extension = extension(first.Format)
	item.Filename = filename(first.URL)
	item.Filesize = first.Bytes
	item.Width, item.Height = first.Width, first.Height
	item.PublicURL, item.ThumbURL = first.URL, last.URL
	return item
}

func extension(format string) string {
	if format == "jpeg" {
		return "jpg"
	}
	return format
}

func filename(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Path == "" {
		return ""
	}
	return path.Base(u.Path)
}
