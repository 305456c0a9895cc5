package transformation

import (
	"strconv"
	"strings"
)

// Path is what stands in a delivery URL behind the resource type and the type.
type Path struct {
	// Signature is what stands between s-- and --; empty without one.
	Signature string
	// Transformation is as it is written; empty without one. It is not checked: see [Parse].
	Transformation string
	// Version is the number behind v, 0 without one. It tells nothing but caches.
	Version int64
	// PublicID has its folders and no extension. For what is fetched it is the whole address.
	PublicID string
	// Extension is what stands behind the last dot of the public id, without it; empty for none, and for an address. Files
	// that are no pictures have their extension in their public id: put it back with a dot for these.
	Extension string
}

// The signatures are of two lengths: eight characters, or 32 of the longer hash.
const (
	shortSignature = 8
	longSignature  = 32
)

// SplitPath takes the path of a delivery URL apart, behind /{resource_type}/{type}/, after its escapes were undone once.
//
// Segments before the version are the transformation. Without a version they are those from the first on that look like
// one: every part between commas has a known key and an underscore. A folder with such a name is taken for a transformation,
// as the provider does; its libraries write v1 before such public ids. It fails with an [Error] when no public id is left, and
// for a signature that cannot be one.
func SplitPath(path string) (Path, error) {
	var p Path
	rest := strings.TrimLeft(path, "/")
	if signed, found := strings.CutPrefix(rest, "s--"); found {
		signature, after, closed := strings.Cut(signed, "--/")
		if closed {
			if len(signature) != shortSignature && len(signature) != longSignature || !isBase64URL(signature) {
				return Path{}, errorf("Invalid signature in URL: %s", shortened(signature))
			}
			p.Signature, rest = signature, strings.TrimLeft(after, "/")
		}
	}
	start := rest
	for {
		segment, after, more := strings.Cut(rest, "/")
		if !more || !isTransformation(segment) {
			break
		}
		rest = strings.TrimLeft(after, "/")
	}
	p.Transformation = strings.TrimRight(strings.TrimSuffix(start, rest), "/")
	segment, after, more := strings.Cut(rest, "/")
	if version, ok := parseVersion(segment); ok && more && strings.Trim(after, "/") != "" {
		p.Version, rest = version, strings.TrimLeft(after, "/")
	}
	if address, ok := remote(rest); ok {
		p.PublicID = address
		return p, nil
	}
	p.PublicID = strings.TrimRight(rest, "/")
	if at := strings.LastIndexByte(p.PublicID, '.'); at > strings.LastIndexByte(p.PublicID, '/')+1 && isExtension(p.PublicID[at+1:]) {
		p.PublicID, p.Extension = p.PublicID[:at], p.PublicID[at+1:]
	}
	if p.PublicID == "" {
		return Path{}, errorf("Invalid URL: there is no public id")
	}
	return p, nil
}

// isTransformation tells whether a segment looks like a component, whatever its values are.
func isTransformation(segment string) bool {
	if segment == "" {
		return false
	}
	for part := range strings.SplitSeq(segment, ",") {
		key, value, found := strings.Cut(part, "_")
		_, known := keys[key]
		if !found || value == "" || !known && !isVariable(key) {
			return false
		}
	}
	return true
}

// parseVersion reads v and digits.
func parseVersion(segment string) (int64, bool) {
	digits, found := strings.CutPrefix(segment, "v")
	if !found || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// remote is the address of a picture that is fetched. Servers that tidy paths up leave one slash where there were two.
func remote(rest string) (string, bool) {
	for _, scheme := range []string{"http:", "https:", "ftp:", "s3:", "gs:"} {
		if len(rest) < len(scheme) || !strings.EqualFold(rest[:len(scheme)], scheme) {
			continue
		}
		after := strings.TrimLeft(rest[len(scheme):], "/")
		if after != "" && len(rest) > len(scheme)+len(after) {
			return rest[:len(scheme)] + "//" + after, true
		}
	}
	return "", false
}

// isExtension tells whether what stands behind a dot is an extension: one to five letters and digits.
func isExtension(text string) bool {
	const longest = 5
	return text != "" && len(text) <= longest && strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

func isBase64URL(text string) bool {
	return strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
