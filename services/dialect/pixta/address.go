package pixta

import (
	"crypto/md5" //nolint:gosec // the format's signature
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

// Signature is the value of s for an address: the MD5 of its path, a question mark, its query without s, and the key. path
// begins with a slash and is as it stands in the address, percent signs and all.
func Signature(path, query, key string) string {
	return digest(path + "?" + query + key)
}

// Signed takes s out of a query, wherever it stands, and tells whether it is the signature of the rest. Where nothing is
// left, the question mark may be left out of what is signed, too: the documents have no such address.
func Signed(path, query, key string) bool {
	var rest []string
	given := ""
	for part := range strings.SplitSeq(query, "&") {
		if value, is := strings.CutPrefix(part, "s="); is {
			given = value
			continue
		}
		rest = append(rest, part)
	}
	same := func(want string) bool { return subtle.ConstantTimeCompare([]byte(given), []byte(want)) == 1 }
	if len(rest) == 0 && same(digest(path+key)) {
		return true
	}
	return same(Signature(path, strings.Join(rest, "&"), key))
}

func digest(text string) string {
	sum := md5.Sum([]byte(text)) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}
