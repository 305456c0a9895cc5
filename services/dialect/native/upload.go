package native

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/events"
)

// Announcement is what a client says of a picture that it is going to put.
type Announcement struct {
	// ContentType is a type and a subtype, without parameters.
	ContentType string `json:"content_type"`
	// Bytes is exactly how many there are, from 1 on.
	Bytes int64 `json:"bytes"`
}

// mediaType is a type and a subtype (RFC 6838 §4.2), of at most 127 characters each.
var mediaType = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$`)

// ParseUpload reads the JSON of an announced upload. Every failure is a [*Problem] of type [InvalidRequest] that lists each
// field that is unknown, missing or of a wrong type or value. How large an upload may be is not looked at.
func ParseUpload(body []byte) (Announcement, error) {
	var a Announcement
	err := parseObject(body, func(_ *parser, root *object) {
		const wantType, wantBytes = `a media type without parameters, such as "image/jpeg"`, "how many bytes the picture has, 1 or more"
		contentType, isText := root.text("content_type", wantType)
		if root.fields["content_type"] == nil || isText && !mediaType.MatchString(contentType) {
			root.fail("content_type", wantType)
		}
		a = Announcement{ContentType: contentType, Bytes: 1} // stays 1 when what is there is no number, which is noted then
		if root.value("bytes", wantBytes, &a.Bytes); root.fields["bytes"] == nil || a.Bytes < 1 {
			root.fail("bytes", wantBytes)
		}
	})
	if err != nil {
		return Announcement{}, err
	}
	return a, nil
}

// UploadID names an upload. How large it was announced is a part of the name, so that nothing has to remember it: under
// another size there is another upload.
type UploadID struct {
	events.ID

	// Bytes is exactly how large the upload is, 1 or more.
	Bytes int64
}

var errUploadID = errors.New("not the id of an upload")

// ParseUploadID reads what [UploadID.String] writes; it fails with anything else.
func ParseUploadID(text string) (UploadID, error) {
	id, bytes, _ := strings.Cut(text, "-")
	parsed, err := events.ParseID(id)
	if err != nil {
		return UploadID{}, err
	}
	u := UploadID{ID: parsed}
	if u.Bytes, err = strconv.ParseInt(bytes, 10, 64); err != nil || u.Bytes < 1 || u.String() != text {
		return UploadID{}, errUploadID
	}
	return u, nil
}

// String is the id and the number of bytes: safe in paths and in keys of blobs.
func (u UploadID) String() string { return fmt.Sprintf("%s-%d", u.ID, u.Bytes) }

// UploadPath is where the picture is put when Ringback takes it itself.
func UploadPath(id UploadID) string { return "/v1/uploads/" + id.String() }

// Upload tells a client where to put a picture.
type Upload struct {
	ID UploadID
	// URL takes a PUT without any token.
	URL string
	// Header is what that has to carry to the letter.
	Header    map[string]string
	ExpiresAt time.Time
}

// UploadReply is the body of a 201. It never fails.
func UploadReply(u Upload) []byte {
	body, _ := encode(struct {
		ID        string            `json:"id"`
		URL       string            `json:"url"`
		Method    string            `json:"method"`
		Headers   map[string]string `json:"headers"`
		ExpiresAt time.Time         `json:"expires_at"`
	}{u.ID.String(), u.URL, "PUT", u.Header, u.ExpiresAt.UTC().Truncate(time.Second)}) // strings and a time only
	return body
}
