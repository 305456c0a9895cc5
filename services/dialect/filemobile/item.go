package filemobile

import (
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/ringback/ringback/events"
)

// Values of [Item.Filetype].
const (
	FiletypeUnknown = iota
	FiletypeImage
	FiletypeVideo
	FiletypeAudio
	FiletypeText
)

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
	// Vhost is the application's id.
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

// FromMedia is the item that a record tells of; only its vhost is left open. An item that was never uploaded has no file
// of its own: the first output of its job stands for it, since the format has one picture where Ringback has outputs, and
// the last for its thumbnail, since recipes go from large to small.
func FromMedia(m events.Media) Item {
	item := Item{
		ID: m.ID, Status: m.Status, Filetype: FiletypeImage, Injector: m.Injector, Hits: m.Hits, Message: m.Message,
		Date: m.CreatedAt, Title: m.Title, Tags: strings.Join(m.Tags, " "), Sender: m.Sender, UID: m.Uploader.ID,
		Upload: m.UploadedAt, Privacy: m.Privacy, ModerationStatus: m.Moderation.Status,
		ConversionTime: time.Duration(m.ConversionMS) * time.Millisecond, ConvertTime: m.ConvertedAt,
		Offensive: m.Offensive, Autoblog: m.Autoblog, Rating: m.Votes.Rating(), VoteCount: m.Votes.Count,
		CommentCount: m.Comments.Count, ApprovedComments: m.Comments.Approved, NotDeniedComments: m.Comments.NotDenied,
		ParentID: m.Parent, URL: m.URL, Rotation: m.Rotation, Language: m.Language, Channel: Channel(m.Channel),
		PublicURL: m.PublicURL, ThumbURL: m.ThumbURL, ModerationDeniedID: m.Moderation.DeniedID,
		User: User{
			Name: m.Uploader.Name, Country: m.Uploader.Country, City: m.Uploader.City, State: m.Uploader.State,
			Nickname: m.Uploader.Nickname, Firstname: m.Uploader.Firstname, Lastname: m.Uploader.Lastname,
		},
	}
	if item.Date.IsZero() {
		item.Date = m.UploadedAt
	}
	if m.Place != nil {
		item.Latitude, item.Longitude = &m.Place.Latitude, &m.Place.Longitude
	}
	item.pictures(m.Outputs)
	if m.File != nil {
		item.file(*m.File, len(m.Outputs) > 0)
	}
	return item
}

// pictures fills in what the outputs tell.
func (i *Item) pictures(outputs []events.Output) {
	if len(outputs) == 0 {
		return
	}
	first, last := outputs[0], outputs[len(outputs)-1]
	i.ContentType = "image/" + first.Format
	i.Extension = extension(first.Format)
	i.Filename = filename(first.URL)
	i.Filesize = first.Bytes
	i.Width, i.Height = first.Width, first.Height
	if i.PublicURL == "" {
		i.PublicURL, i.ThumbURL = first.URL, last.URL
	}
}

// file fills in what the uploaded file tells. Of a converted one, filesize is that of its first rendition.
func (i *Item) file(f events.MediaFile, converted bool) {
	i.ContentType, i.Filename, i.Filetype = f.ContentType, f.Name, FiletypeOf(f.ContentType)
	i.Extension = strings.ToLower(strings.TrimPrefix(path.Ext(f.Name), "."))
	i.OriginalFilesize = f.Bytes
	if !converted {
		i.Filesize = f.Bytes
	}
	if f.Width > 0 {
		i.Width, i.Height = f.Width, f.Height
	}
}

// FiletypeOf is the filetype of a media type, such as image/jpeg.
func FiletypeOf(contentType string) int {
	kind, _, _ := strings.Cut(contentType, "/")
	switch kind {
	case "image":
		return FiletypeImage
	case "video":
		return FiletypeVideo
	case "audio":
		return FiletypeAudio
	case "text":
		return FiletypeText
	default:
		return FiletypeUnknown
	}
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
