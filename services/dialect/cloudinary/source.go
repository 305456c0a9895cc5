package cloudinary

import (
	"encoding/base64"
	"net/url"
	"path"
	"strings"
)

// readFile finds what to upload: a file that was sent, a data: URI, or a URL.
func (u *Upload) readFile(f *fields, r Request) {
	u.Filename = f.short("filename_override")
	text := strings.TrimSpace(f.text("file"))
	switch {
	case u.explicit:
		return
	case r.File != nil && text != "":
		f.check(refuse("Invalid file parameter - there is more than one file"))
	case r.File != nil:
		u.Data, u.DataType = r.File.Data, r.File.ContentType
		u.nameFile(r.File.Name)
	case text == "":
		f.check(MissingParameter("file"))
	case len(text) >= len("data:") && strings.EqualFold(text[:len("data:")], "data:"):
		data, kind, err := decodeData(text[len("data:"):])
		if err == nil && r.most > 0 && int64(len(data)) > r.most {
			err = TooLarge(r.most)
		}
		f.check(err)
		u.Data, u.DataType = data, kind
	case !validURL(text):
		f.check(refuse("Unsupported source URL: %s", brief(text)))
	default:
		u.FileURL = text
		if parsed, err := url.Parse(text); err == nil {
			u.nameFile(path.Base(parsed.Path))
		}
	}
	if u.Data != nil && len(u.Data) == 0 {
		f.check(refuse("Empty file"))
	}
}

// nameFile takes the client's name of the file, unless it gave another to use instead. Some browsers send a whole path.
// What could be no name, as the last part of a URL may well be, is none.
func (u *Upload) nameFile(name string) {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if u.Filename == "" && name != "." && len(name) <= maxText && !strings.ContainsFunc(name, isControl) {
		u.Filename = name
	}
}

// decodeData decodes a data: URI after its scheme, in base 64 or with escapes, and returns the media type it claims.
// Spaces are read as the + that they were before somebody decoded a form twice.
func decodeData(text string) (data []byte, kind string, err error) {
	head, body, found := strings.Cut(text, ",")
	if !found {
		return nil, "", refuse("Invalid file parameter - a data URI has a comma before its data")
	}
	kind, params, _ := strings.Cut(head, ";")
	if !strings.EqualFold(params[strings.LastIndexByte(params, ';')+1:], "base64") {
		plain, err := url.PathUnescape(body)
		if err != nil {
			return nil, "", refuse("Invalid file parameter - the data URI is not URL-encoded")
		}
		return []byte(plain), kind, nil
	}
	if strings.Contains(body, "%") {
		if unescaped, err := url.PathUnescape(body); err == nil {
			body = unescaped
		}
	}
	body = strings.NewReplacer(" ", "+", "\r", "", "\n", "", "-", "+", "_", "/").Replace(body)
	data, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(body, "="))
	if err != nil {
		return nil, "", refuse("Invalid file parameter - the data URI is not base64")
	}
	return data, kind, nil
}
