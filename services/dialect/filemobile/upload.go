package filemobile

import (
	"encoding/binary"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/media"
)

// Injector is how an upload by a form came in.
const Injector = "httpupload"

// Upload is a file that is to become an item.
type Upload struct {
	File File
	// Info is a merge patch of what is said of it.
	Info []byte
}

// Redirect is where a browser wants to be sent after an upload, also one that fails; empty for callers that read the reply.
// It fails with an [*Error] for what is no address of the web.
func Redirect(call Call) (string, error) {
	redirect := call.Get("redirect")
	if to, err := url.Parse(redirect); redirect != "" && (err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Host == "") {
		return "", invalid("redirect has to be an http or https address")
	}
	return redirect, nil
}

// ParseUpload reads a call of /services/upload2. It fails with an [*Error].
func ParseUpload(call Call) (Upload, error) {
	var u Upload
	if _, err := Redirect(call); err != nil {
		return u, err
	}
	if call.File == nil || len(call.File.Data) == 0 {
		return u, invalid("No file was uploaded")
	}
	u.File = *call.File
	if flaw := media.Flaw(u.File.Name, media.MaxText); flaw != "" {
		return u, invalid("filename has to be other: %s", flaw)
	}
	u.File.ContentType = ContentTypeOf(u.File.Name, u.File.ContentType, u.File.Data)
	var err error
	u.Info, err = Describe(call)
	return u, err
}

// sniffed is how much of a file tells its type.
const sniffed = 512

// ContentTypeOf is the media type of a file: what its sender says, else what its name says, else what it looks like.
func ContentTypeOf(name, declared string, data []byte) string {
	kind, _, err := mime.ParseMediaType(declared)
	if err == nil && kind != "application/octet-stream" && len(kind) <= media.MaxText {
		return kind
	}
	if kind, _, err := mime.ParseMediaType(mime.TypeByExtension(strings.ToLower(path.Ext(name)))); err == nil {
		return kind
	}
	kind, _, _ = mime.ParseMediaType(http.DetectContentType(data[:min(len(data), sniffed)])) // it makes no others
	return kind
}

// RedirectTo is the address that a browser is sent to after an upload: with mf_status and mf_id, or mf_error.
func RedirectTo(redirect, id string, failure error) string {
	to, err := url.Parse(redirect)
	if err != nil {
		return redirect // it was looked at before
	}
	query := to.Query()
	if failure != nil {
		query.Set("mf_status", "0")
		query.Set("mf_error", failure.Error())
	} else {
		query.Set("mf_status", "1")
		query.Set("mf_id", id)
	}
	to.RawQuery = query.Encode()
	return to.String()
}

// epoch is where the time in ids begins.
var epoch = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// NewID makes an id for an item: a decimal number below 2^53, which every client can hold, and greater than those of
// earlier milliseconds. Within one of them two may be the same: whoever makes an item finds out. It fails when random does.
func NewID(now time.Time, random io.Reader) (string, error) {
	const bits = 12
	var noise [2]byte
	if _, err := io.ReadFull(random, noise[:]); err != nil {
		return "", err
	}
	n := now.Sub(epoch).Milliseconds()<<bits | int64(binary.BigEndian.Uint16(noise[:])>>(16-bits))
	return strconv.FormatInt(n, 10), nil
}
