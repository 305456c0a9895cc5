package transformation

import (
	"net/url"
	"strings"
)

// unescape undoes percent escapes, twice where a text was escaped twice: the provider's libraries do so with commas and
// slashes, which would end a parameter or a component. What is no escape stays.
func unescape(text string) string {
	for range 2 {
		plain, err := url.PathUnescape(text)
		if err != nil {
			break
		}
		text = plain
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// escapeText escapes a text so that it stands in a component, and [unescape] gives it back.
func escapeText(text string) string {
	twice := strings.NewReplacer("%2C", "%252C", "%2F", "%252F", "%25", "%2525")
	return twice.Replace(url.PathEscape(text))
}
