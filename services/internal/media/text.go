package media

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Flaw says why a text cannot be in an XML document, which the callback is, as a phrase; empty for one that can. most is
// how many bytes it may have.
func Flaw(text string, most int) string {
	switch {
	case len(text) > most:
		return fmt.Sprintf("at most %d bytes", most)
	case !utf8.ValidString(text):
		return "UTF-8"
	case strings.ContainsFunc(text, outsideXML):
		return "no characters that XML cannot hold, such as control characters"
	}
	return ""
}

// outsideXML tells of the characters that no XML 1.0 document may contain, in any spelling.
func outsideXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}
