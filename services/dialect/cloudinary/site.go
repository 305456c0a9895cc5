package cloudinary

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/ringback/ringback/services/internal/asset"
)

// Site is where an installation delivers the pictures of one application.
type Site struct {
	// Base and SecureBase are the http and https addresses that links begin with, without a slash at the end. They may be
	// the same.
	Base       string `json:"base"`
	SecureBase string `json:"secure_base"`
	// Cloud is the application's public id, the first part of every path; "" leaves it out.
	Cloud string `json:"cloud"`
	// Secret signs the links of private and authenticated assets, which cannot be read without. It is never stored: whoever
	// reads [Details] sets it again.
	Secret string `json:"-"`
}

// Image returns the links to an asset, or to what a transformation makes of it: the cloud, the resource type, the type,
// a signature where one is needed, the transformation, the version and the public id. ext is the file's extension, "" for
// none: raw files have theirs in the public id.
func (s Site) Image(a asset.Asset, transformation, ext string) (link, secure string) {
	name := a.PublicID
	if ext != "" {
		name += "." + ext
	}
	var parts []string
	add := func(part string) {
		if part != "" {
			parts = append(parts, part)
		}
	}
	add(escapePath(s.Cloud))
	add(a.ResourceType)
	add(a.Type)
	if s.Secret != "" && (a.Type == asset.Private || a.Type == asset.Authenticated) {
		add(SignURL(s.Secret, strings.TrimPrefix(unescapeFully(transformation)+"/"+name, "/"), false))
	}
	add(escapeTransformation(transformation))
	add("v" + strconv.FormatInt(a.Version, 10))
	add(escapePath(name))
	path := "/" + strings.Join(parts, "/")
	return s.Base + path, s.SecureBase + path
}

// own returns the links to the asset itself.
func (s Site) own(a asset.Asset) (link, secure string) {
	ext := a.Format
	if a.ResourceType == asset.Raw {
		ext = ""
	}
	return s.Image(a, "", ext)
}

// Derive says what an eager transformation makes of an asset, before it is made: its links are known already. ext is the
// extension of what comes out, for eager that names no format itself.
func (s Site) Derive(a asset.Asset, e Eager, ext string) Derived {
	if e.Format != "" {
		ext = e.Format
	}
	d := Derived{Transformation: e.Text, Format: ext}
	d.URL, d.SecureURL = s.Image(a, e.Transformation, ext)
	return d
}

// escapePath escapes all but what the libraries leave as it is in a public id.
func escapePath(text string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/:"
	return escape(text, func(b byte) bool { return strings.IndexByte(plain, b) >= 0 })
}

// escapeTransformation escapes what cannot stand in a path. Escapes of the client stay: some texts are escaped twice.
func escapeTransformation(text string) string {
	return escape(text, func(b byte) bool { return b > ' ' && b < 0x7f && strings.IndexByte("\"#<>?\\^`{|}", b) < 0 })
}

func escape(text string, plain func(byte) bool) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; plain(c) {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}

// unescapeFully takes off every layer of escapes, as the libraries do before they sign.
func unescapeFully(text string) string {
	const layers = 10
	for range layers {
		plain, err := url.PathUnescape(text)
		if err != nil || plain == text {
			break
		}
		text = plain
	}
	return text
}

// extension is how files of a format are called.
func extension(format string) string {
	if format == "jpeg" {
		return "jpg"
	}
	return format
}
