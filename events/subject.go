package events

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// Prefix is the first token of every subject that Ringback owns.
const Prefix = "ringback"

// LiveAll matches every live copy: what was accepted, progresses, ended or changed, of every application. Live
// copies are sent after the broker stored the original and are gone afterwards; [Subscribe] reads the stored ones.
const LiveAll = Prefix + ".live.>"

// Stream is the name of the JetStream stream that keeps results, for seven days unless configured otherwise.
const Stream = "RINGBACK_EVENTS"

// StatusBucket is the name of the key-value bucket with the newest result of each job, under [StatusKey].
const StatusBucket = "status"

// ResultSubject names the one stored, terminal event of a job.
func ResultSubject(application, job string) string {
	return Prefix + ".evt." + Token(application) + ".result." + Token(job)
}

// ResultFilter matches the stored results of one application, or of all when application is empty.
func ResultFilter(application string) string {
	return Prefix + ".evt." + tokenOrAny(application) + ".result.*"
}

// LiveResultSubject names the live copy of a job's result. It is sent once the broker has stored the original.
func LiveResultSubject(application, job string) string {
	return Prefix + ".live." + Token(application) + ".result." + Token(job)
}

// LiveResultFilter matches the live results of one application, or of all when application is empty.
func LiveResultFilter(application string) string {
	return Prefix + ".live." + tokenOrAny(application) + ".result.*"
}

// LiveProgressSubject names the live progress of a job. Progress is never stored.
func LiveProgressSubject(application, job string) string {
	return Prefix + ".live." + Token(application) + ".progress." + Token(job)
}

// LiveMediaSubject names the live copy of a media item's newest state.
func LiveMediaSubject(application, item string) string {
	return Prefix + ".live." + Token(application) + ".media." + Token(item)
}

// LiveEndpointSubject names the live copy of what operators are told of an endpoint: that it fails, recovered or is
// disabled, with [Endpoint], and that a delivery to it has no attempt left, with [Delivery].
func LiveEndpointSubject(application, endpoint string) string {
	return Prefix + ".live." + Token(application) + ".endpoint." + Token(endpoint)
}

// LiveEndpointFilter matches what operators are told of the endpoints of one application, or of all when application is
// empty.
func LiveEndpointFilter(application string) string {
	return Prefix + ".live." + tokenOrAny(application) + ".endpoint.*"
}

// LiveFilter matches everything live of one application, or of all when application is empty.
func LiveFilter(application string) string {
	return Prefix + ".live." + tokenOrAny(application) + ".>"
}

// StatusKey is the key of a job's result in [StatusBucket].
func StatusKey(application, job string) string {
	return Token(application) + "." + Token(job)
}

// Token spells any text as one subject token that is also a valid part of a key-value key. Letters, digits, '-'
// and '_' stay as they are; every other byte becomes '=' and two hexadecimal digits; the empty text is "=".
// The spelling is injective: [ParseToken] gives the text back.
func Token(text string) string {
	if text == "" {
		return "="
	}
	plain := true
	for i := 0; i < len(text); i++ {
		if !plainByte(text[i]) {
			plain = false
			break
		}
	}
	if plain {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 8)
	for i := 0; i < len(text); i++ {
		if plainByte(text[i]) {
			b.WriteByte(text[i])
			continue
		}
		fmt.Fprintf(&b, "=%02X", text[i])
	}
	return b.String()
}

// ParseToken gives back the text that [Token] spelled. Anything Token would not have written is refused with
// [ErrInvalidToken].
func ParseToken(token string) (string, error) {
	if token == "=" {
		return "", nil
	}
	var b strings.Builder
	for i := 0; i < len(token); i++ {
		c := token[i]
		if plainByte(c) {
			b.WriteByte(c)
			continue
		}
		if c != '=' || i+2 >= len(token) {
			return "", fmt.Errorf("%w: %q at byte %d", ErrInvalidToken, token, i)
		}
		raw, err := hex.DecodeString(token[i+1 : i+3])
		if err != nil || plainByte(raw[0]) {
			return "", fmt.Errorf("%w: %q at byte %d", ErrInvalidToken, token, i)
		}
		b.WriteByte(raw[0])
		i += 2
	}
	text := b.String()
	if text == "" || Token(text) != token {
		return "", fmt.Errorf("%w: %q", ErrInvalidToken, token)
	}
	return text, nil
}

func plainByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

func tokenOrAny(application string) string {
	if application == "" {
		return "*"
	}
	return Token(application)
}
