// Package seal encrypts what is secret and has to lie on disk or travel over the bus: signing secrets of applications,
// the private records of jobs. One key of the installation does all of it; it is a file that only the services read.
package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"golang.org/x/crypto/chacha20poly1305"
)

var (
	// ErrNoKey is returned when sealing or opening with the zero [Key].
	ErrNoKey = errors.New("no sealing key")
	// ErrVersion is returned when opening what another version of the format sealed.
	ErrVersion = errors.New("sealed in an unknown format")
	// ErrBroken is returned when opening what was sealed with another key, for another place, or was changed since.
	ErrBroken = errors.New("seal is broken: another key, another place, or changed data")
)

const (
	// KeySize is the length of a key in bytes.
	KeySize = 32
	// version is the first byte of everything sealed: XChaCha20-Poly1305 with a random nonce behind it.
	version = 1
	mask    = "•••"
)

// Key seals, opens and derives. Its zero value does neither. Printing, logging or encoding one gives "•••".
type Key struct {
	// material is behind a pointer because fmt calls no methods on unexported fields: whoever prints a struct that holds
	// a Key there shows an address, not the key.
	*parts
}

// parts are the key, and the cipher under a key of its own, so that what Derive gives away never seals anything. The
// cipher is made once: to derive its key takes longer than to seal a message.
type parts struct {
	material [KeySize]byte
	box      cipher.AEAD
}

// NewKey makes a key of 32 secret bytes, or returns [ErrKeyMalformed] when there are not 32.
func NewKey(material []byte) (Key, error) {
	if len(material) != KeySize {
		return Key{}, fmt.Errorf("%d bytes: %w", len(material), ErrKeyMalformed)
	}
	k := Key{&parts{material: [KeySize]byte(material)}}
	box, err := chacha20poly1305.NewX(k.Derive("seal/v1"))
	if err != nil {
		return Key{}, fmt.Errorf("make the cipher: %w", err)
	}
	k.box = box
	return k, nil
}

// Seal encrypts plain and binds it to additional, which is not stored: name the place it is for, so that it opens
// nowhere else. It fails only with [ErrNoKey].
func (k Key) Seal(plain, additional []byte) ([]byte, error) {
	if k.parts == nil {
		return nil, ErrNoKey
	}
	box := k.box
	sealed := make([]byte, 1+box.NonceSize(), 1+box.NonceSize()+len(plain)+box.Overhead())
	sealed[0] = version
	// rand.Read never fails: it ends the process instead.
	_, _ = rand.Read(sealed[1:])
	return box.Seal(sealed, sealed[1:], plain, bind(additional)), nil //nolint:gosec // the nonce is random, see the line above
}

// Open returns what was sealed for additional. It fails with [ErrVersion] or [ErrBroken].
func (k Key) Open(sealed, additional []byte) ([]byte, error) {
	if k.parts == nil {
		return nil, ErrNoKey
	}
	if len(sealed) == 0 || sealed[0] != version {
		return nil, ErrVersion
	}
	if len(sealed) < 1+k.box.NonceSize() {
		return nil, ErrBroken
	}
	nonce, data := sealed[1:1+k.box.NonceSize()], sealed[1+k.box.NonceSize():]
	plain, err := k.box.Open(nil, nonce, data, bind(additional))
	if err != nil {
		// The library's error says no more than ours, on purpose.
		return nil, ErrBroken
	}
	return plain, nil
}

// Derive returns 32 bytes that only a holder of the key can make, always the same for a purpose and unrelated between
// purposes. It panics on the zero Key: a token made from no secret would be worse than none.
func (k Key) Derive(purpose string) []byte {
	if k.parts == nil {
		panic("seal: derive: " + ErrNoKey.Error())
	}
	derived, err := hkdf.Key(sha256.New, k.material[:], nil, "ringback/"+purpose, KeySize)
	if err != nil {
		panic("seal: derive: " + err.Error()) // only for a length that SHA-256 cannot give
	}
	return derived
}

// bind puts the version under the seal too, so that it cannot be changed to an older one.
func bind(additional []byte) []byte {
	return append([]byte{version}, additional...)
}

// String returns the mask.
func (k Key) String() string { return mask }

// GoString returns the mask, for %#v.
func (k Key) GoString() string { return mask }

// Format writes the mask for every verb.
func (k Key) Format(f fmt.State, _ rune) {
	// A state that cannot be written to has nowhere to report to either.
	_, _ = io.WriteString(f, mask)
}

// MarshalText returns the mask. It never fails.
func (k Key) MarshalText() ([]byte, error) { return []byte(mask), nil }

// LogValue returns the mask, for slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(mask) }
