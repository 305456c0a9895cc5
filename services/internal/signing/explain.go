package signing

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/events"
)

// Explain says what is most probably wrong with a receiver whose check failed: it tries the usual mistakes, and names the
// one with which the signature would match. It returns "" when none does: then the secret is another one, or the body or a
// header was changed on the way.
func Explain(scheme Scheme, keys Keys, header http.Header, body []byte, now time.Time) string {
	if err := Verify(scheme, keys, header, body, now); err == nil || errors.Is(err, events.ErrStaleSignature) {
		return ""
	}
	matches := func(keys Keys, header http.Header, body []byte) bool {
		err := Verify(scheme, keys, header, body, now)
		return err == nil || errors.Is(err, events.ErrStaleSignature)
	}
	for _, m := range bodyMistakes(body) {
		if !bytes.Equal(m.body, body) && matches(keys, header, m.body) {
			return m.says
		}
	}
	for _, m := range keyMistakes(scheme, keys) {
		if matches(m.keys, header, body) {
			return m.says
		}
	}
	if says := headerMistake(scheme, keys, header, body, matches); says != "" {
		return says
	}
	return listMistake(scheme, header.Get(events.HeaderSignature))
}

// listMistake looks at the form of Standard Webhooks' list of signatures, which says nothing by itself: what a receiver
// does not know in it is skipped.
func listMistake(scheme Scheme, list string) string {
	if scheme != Standard || list == "" {
		return ""
	}
	known := 0
	for signature := range strings.FieldsSeq(list) {
		version, encoded, ok := strings.Cut(signature, ",")
		if !ok || version != "v1" && version != "v1a" {
			continue
		}
		known++
		size := map[string]int{"v1": sha256.Size, "v1a": ed25519.SignatureSize}[version]
		if raw, err := base64.StdEncoding.DecodeString(encoded); err != nil || len(raw) != size {
			return fmt.Sprintf("%s: the %s signature is not the base 64 of %d bytes; it was cut, or is hexadecimal", events.HeaderSignature, version, size)
		}
	}
	if known == 0 {
		return events.HeaderSignature + ` has no signature of a known version: want "v1," or "v1a," and base 64, more of them after spaces`
	}
	return ""
}

type bodyMistake struct {
	body []byte
	says string
}

func bodyMistakes(body []byte) []bodyMistake {
	mistakes := []bodyMistake{
		{bytes.TrimSuffix(body, []byte("\n")), "the body has a newline at its end that was not signed: pass on the bytes as they came"},
		{bytes.TrimSuffix(body, []byte("\r\n")), "the body has a line break at its end that was not signed: pass on the bytes as they came"},
		{append(bytes.Clone(body), '\n'), "the newline at the end of the body is missing: pass on the bytes as they came"},
		{bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")), "the line ends of the body were changed to those of Windows: read it as bytes, not as text"},
		{bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), "the body was given a byte order mark: read it as bytes, not as text"},
	}
	var compact bytes.Buffer
	if json.Compact(&compact, body) == nil {
		mistakes = append(mistakes, bodyMistake{
			compact.Bytes(), "the body was parsed and written again as other JSON: check the bytes as they came, before parsing",
		})
	}
	return mistakes
}

type keyMistake struct {
	keys Keys
	says string
}

func keyMistakes(scheme Scheme, keys Keys) []keyMistake {
	var mistakes []keyMistake
	add := func(change func(string) string, says string) {
		changed := Keys{SHA256: keys.SHA256}
		for _, secret := range keys.Secrets {
			changed.Secrets = append(changed.Secrets, change(secret))
		}
		mistakes = append(mistakes, keyMistake{changed, says})
	}
	add(strings.TrimSpace, "the secret has a space or a newline around it")
	if scheme == Standard {
		encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
		add(encode, "whoever signed took the text of the secret for the key: the key is what its base 64 stands for")
		add(func(s string) string { return encode(strings.TrimPrefix(s, "whsec_")) },
			"whoever signed took the text after whsec_ for the key: the key is what its base 64 stands for")
	}
	if scheme == Pixta {
		add(func(s string) string { return strings.TrimPrefix(s, "whsec_") },
			"whoever signed left whsec_ out of the secret: in this scheme it is part of the key")
	}
	return mistakes
}

// headerMistake tries what is often wrong with the parts that are signed beside the body.
func headerMistake(scheme Scheme, keys Keys, header http.Header, body []byte, matches func(Keys, http.Header, []byte) bool) string {
	name := map[Scheme]string{Standard: events.HeaderTimestamp, Cloudinary: HeaderCloudinaryTimestamp}[scheme]
	if name == "" {
		return ""
	}
	millis, err := strconv.ParseInt(header.Get(name), 10, 64)
	if err != nil {
		return ""
	}
	changed := header.Clone()
	changed.Set(name, strconv.FormatInt(millis/1000, 10))
	if matches(keys, changed, body) {
		return name + " was changed to milliseconds: pass it on as it came"
	}
	return ""
}
