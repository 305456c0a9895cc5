package events

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// ID names a job: 128 bits that sort by time and prove themselves.
//
//	48 bits   milliseconds since 1970, UTC
//	16 bits   tag of the application: the first bytes of the SHA-256 of its id
//	48 bits   random
//	16 bits   check: the first bytes of an HMAC-SHA256 over the rest, under the installation's key
//
// So an installation tells an id it minted from one it never saw without storing either. One ID has a spelling for
// each dialect; [ID.String] is the native one, and the one in subjects and keys.
type ID [16]byte

var idSpelling = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID mints the id of a job that application handed over at now. key is the installation's secret; it may be any
// length.
func NewID(now time.Time, application string, key []byte) ID {
	var id ID
	ms := uint64(now.UnixMilli())
	binary.BigEndian.PutUint64(id[:8], ms<<16|uint64(Tag(application)))
	_, _ = rand.Read(id[8:14]) // never fails since Go 1.24
	copy(id[14:], id.check(key))
	return id
}

// NewShortID mints an id of which only 32 bits are random, so that the 24 hexadecimal digits of [ID.Pixta] can spell it. It
// is for jobs that come in by that format: two of one application in one millisecond are the same once in four billion.
func NewShortID(now time.Time, application string, key []byte) ID {
	id := NewID(now, application, key)
	clear(id[12:14])
	copy(id[14:], id.check(key))
	return id
}

// Tag is the part of an [ID] that tells which application minted it. Different applications may share a tag.
func Tag(application string) uint16 {
	sum := sha256.Sum256([]byte(application))
	return binary.BigEndian.Uint16(sum[:2])
}

// ParseID reads the native spelling: 26 characters of lower-case Crockford base 32. Anything else is [ErrInvalidID].
func ParseID(text string) (ID, error) {
	raw, err := idSpelling.DecodeString(text)
	if err != nil || len(raw) != len(ID{}) || idSpelling.EncodeToString(raw) != text {
		return ID{}, fmt.Errorf("%w: %q is not 26 characters of base 32", ErrInvalidID, text)
	}
	return ID(raw), nil
}

// ParseBlitlineID reads the spelling of [ID.Blitline]: a digit and 22 characters of URL-safe base 64. Anything else
// is [ErrInvalidID].
func ParseBlitlineID(text string) (ID, error) {
	if len(text) != 23 {
		return ID{}, fmt.Errorf("%w: %q is not 23 characters", ErrInvalidID, text)
	}
	raw, err := base64.RawURLEncoding.DecodeString(text[1:])
	if err != nil || len(raw) != len(ID{}) || ID(raw).Blitline() != text {
		return ID{}, fmt.Errorf("%w: %q", ErrInvalidID, text)
	}
	return ID(raw), nil
}

// ParsePixtaID reads the spelling of [ID.Pixta] of an id that application minted: 24 hexadecimal digits. Anything else is
// [ErrInvalidID]; whether the id was ever minted is for [ID.Valid].
func ParsePixtaID(text, application string) (ID, error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != 12 {
		return ID{}, fmt.Errorf("%w: %q is not 24 hexadecimal digits", ErrInvalidID, text)
	}
	var id ID
	copy(id[:6], raw[:6])
	binary.BigEndian.PutUint16(id[6:8], Tag(application))
	copy(id[8:12], raw[6:10])
	copy(id[14:], raw[10:])
	if id.Pixta() != text {
		return ID{}, fmt.Errorf("%w: %q is not in lower case", ErrInvalidID, text)
	}
	return id, nil
}

// String is the native spelling, safe in subjects, keys, paths and URLs.
func (id ID) String() string { return idSpelling.EncodeToString(id[:]) }

// Blitline is the spelling of Blitline's job ids: a decimal digit and 16 bytes in URL-safe base 64, 23 characters.
// The digit carries nothing; it is derived from the other characters.
func (id ID) Blitline() string {
	return string('0'+id[13]%10) + base64.RawURLEncoding.EncodeToString(id[:])
}

// Pixta is the spelling of Pixta Cloud's job ids, 24 hexadecimal digits: the time, the random part of a short id and the
// check. The application's tag is left out, because whoever asks for a job says which application is asking. An id that
// was not minted by [NewShortID] cannot be read back.
func (id ID) Pixta() string {
	return hex.EncodeToString(id[:6]) + hex.EncodeToString(id[8:12]) + hex.EncodeToString(id[14:])
}

// Time is when the job was handed over, to the millisecond.
func (id ID) Time() time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(id[:8]) >> 16)).UTC()
}

// Tag tells which application minted the id: compare it with [Tag].
func (id ID) Tag() uint16 { return binary.BigEndian.Uint16(id[6:8]) }

// Valid reports whether the id was minted under key. One random id in 65,536 passes by chance.
func (id ID) Valid(key []byte) bool { return hmac.Equal(id[14:], id.check(key)) }

func (id ID) check(key []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(id[:14])
	return mac.Sum(nil)[:2]
}
