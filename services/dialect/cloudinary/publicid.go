package cloudinary

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ringback/ringback/services/internal/asset"
)

// Bounds and shapes of public ids.
const (
	maxPublicID  = 255 // characters
	randomID     = 20
	randomSuffix = 6
	forbidden    = `?&#\%<>+`
	alphabet     = "abcdefghijklmnopqrstuvwxyz0123456789"
)

func badPublicID(id string) *Error { return refuse("public_id (%s) is invalid", brief(id)) }

// CheckPublicID fails with an *Error unless a text can be a public id: 1 to 255 characters without ? & # \ % < > + and
// control characters, with no slash or space at its ends and no empty, . or .. part between slashes.
func CheckPublicID(id string) error {
	if id == "" || utf8.RuneCountInString(id) > maxPublicID || !utf8.ValidString(id) || strings.TrimSpace(id) != id ||
		strings.ContainsAny(id, forbidden) || strings.ContainsFunc(id, isControl) {
		return badPublicID(id)
	}
	for part := range strings.SplitSeq(id, "/") {
		if part == "" || part == "." || part == ".." {
			return badPublicID(id)
		}
	}
	return nil
}

// publicID reads a public id that an asset is to have.
func (f *fields) publicID(name string) string {
	id := f.text(name)
	if id != "" {
		f.check(CheckPublicID(id))
	}
	return id
}

// folder reads a folder, without the slashes around it.
func (f *fields) folder(name string) string {
	folder := strings.Trim(f.text(name), "/ ")
	if folder != "" && CheckPublicID(folder) != nil {
		f.check(invalid(name, folder, "a folder without "+forbidden))
	}
	return folder
}

// NewPublicID decides the public id of an upload, with its folder: the client's; or from the file's name, with a suffix of
// 6 random characters unless the call does without; or 20 random ones. Those of raw files end in the file's extension. It
// fails with an *Error when the whole is no public id, and when random does.
func (u Upload) NewPublicID(random io.Reader) (string, error) {
	id := u.PublicID
	if id == "" {
		var err error
		if id, err = u.namedID(random); err != nil {
			return "", err
		}
	}
	switch {
	case u.Folder != "":
		id = u.Folder + "/" + id
	case u.PublicIDPrefix != "":
		id = u.PublicIDPrefix + "/" + id
	case u.AssetFolderPrefix && u.AssetFolder != "":
		id = u.AssetFolder + "/" + id
	}
	return id, CheckPublicID(id)
}

func (u Upload) namedID(random io.Reader) (string, error) {
	base := asPublicID(u.BaseName())
	ext := ""
	if u.ResourceType == asset.Raw {
		if kept := strings.ToLower(strings.TrimPrefix(path.Ext(u.Filename), ".")); validFormat(kept) {
			ext = "." + kept
		}
	}
	if !u.UseFilename || base == "" {
		id, err := randomText(random, randomID)
		return id + ext, err
	}
	if !u.UniqueFilename {
		return base + ext, nil
	}
	suffix, err := randomText(random, randomSuffix)
	return base + "_" + suffix + ext, err
}

// BaseName is the file's name without its extension, "" when there is none.
func (u Upload) BaseName() string { return strings.TrimSuffix(u.Filename, path.Ext(u.Filename)) }

// asPublicID makes a file's name one that public ids allow, with room for a suffix, an extension and a folder.
func asPublicID(name string) string {
	const most = 150
	name = strings.Map(func(r rune) rune {
		if r == ' ' || r == '/' || r == utf8.RuneError || isControl(r) || strings.ContainsRune(forbidden, r) {
			return '_'
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > most {
		name = string(runes[:most])
	}
	return strings.TrimFunc(name, func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
}

// randomText makes lower-case letters and digits, each as likely as the others.
func randomText(random io.Reader, length int) (string, error) {
	text := make([]byte, 0, length)
	// What is at or above the largest multiple of the alphabet would make its beginning more likely.
	const fair = 256 - 256%len(alphabet)
	for buffer := make([]byte, 2*length); len(text) < length; {
		if _, err := io.ReadFull(random, buffer); err != nil {
			return "", fmt.Errorf("make a public id: %w", err)
		}
		for _, b := range buffer {
			if int(b) < fair && len(text) < length {
				text = append(text, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(text), nil
}

// BatchID makes the id of what is done in the background: 64 hexadecimal digits, the same for the same seed.
func BatchID(seed string) string {
	sum := sha256.Sum256([]byte(seed))
	return hex.EncodeToString(sum[:])
}
