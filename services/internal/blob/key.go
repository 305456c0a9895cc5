package blob

import (
	"fmt"
	"strings"
)

// maxKey bounds a key, as S3 does; maxSegment bounds its parts, as file systems do, with room for what is appended.
const (
	maxKey     = 1024
	maxSegment = 200
)

// KeyError is returned for a key that cannot be one.
type KeyError struct {
	Key    string
	Reason string
}

// Error names the key and what is wrong with it.
func (e *KeyError) Error() string { return fmt.Sprintf("blob key %q: %s", e.Key, e.Reason) }

// CheckKey tells whether key can be one: letters, digits, ".", "_", "-" and "/" between segments, of which none is
// empty, "." or "..". Any other answer than nil is a [*KeyError].
func CheckKey(key string) error {
	if key == "" || len(key) > maxKey {
		return &KeyError{Key: key, Reason: fmt.Sprintf("expected 1 to %d characters", maxKey)}
	}
	if strings.ContainsFunc(key, isForbidden) {
		return &KeyError{Key: key, Reason: "expected letters, digits and ._-/ alone"}
	}
	for segment := range strings.SplitSeq(key, "/") {
		switch {
		case segment == "":
			return &KeyError{Key: key, Reason: "a segment is empty"}
		case strings.Contains(segment, ".."), segment == ".":
			return &KeyError{Key: key, Reason: "a segment leads elsewhere"}
		case len(segment) > maxSegment:
			return &KeyError{Key: key, Reason: fmt.Sprintf("a segment is longer than %d characters", maxSegment)}
		case strings.HasSuffix(segment, ".attrs"):
			return &KeyError{Key: key, Reason: "names that end in .attrs belong to the store"}
		}
	}
	return nil
}

func isForbidden(r rune) bool {
	isLetter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	isDigit := r >= '0' && r <= '9'
	return !isLetter && !isDigit && !strings.ContainsRune("._-/", r)
}
