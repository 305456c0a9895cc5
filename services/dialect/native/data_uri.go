package native

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
)

const wantData = "a data URI with a picture: data:image/png;base64,…"

var errNotDataURI = errors.New("not a data URI with a picture")

// parseDataURI reads an RFC 2397 URI. Base 64 may lack its padding, as browsers tolerate.
func parseDataURI(text string) (data []byte, contentType string, err error) {
	rest, ok := strings.CutPrefix(text, "data:")
	if !ok {
		return nil, "", errNotDataURI
	}
	media, body, ok := strings.Cut(rest, ",")
	if !ok || body == "" {
		return nil, "", errNotDataURI
	}
	media, encoded := strings.CutSuffix(media, ";base64")
	if !encoded {
		plain, err := url.PathUnescape(body)
		if err != nil {
			return nil, "", errNotDataURI
		}
		return []byte(plain), media, nil
	}
	data, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(body, "="))
	if err != nil || len(data) == 0 {
		return nil, "", errNotDataURI
	}
	return data, media, nil
}
