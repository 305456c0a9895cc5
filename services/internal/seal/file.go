package seal

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

var (
	// ErrKeyExposed is returned when the key file can be read by others than its owner.
	ErrKeyExposed = errors.New("the key file can be read by others")
	// ErrKeyMalformed is returned when the key file does not hold 32 bytes in base64.
	ErrKeyMalformed = errors.New("expected 32 bytes in base64")
)

// LoadOrCreateKey reads the key in the file at path, or makes one there when there is none. Of several that make one at
// the same time one wins and all return its key. The key is on disk, name and all, before it is returned, because what
// it seals cannot be opened without it. It fails with [ErrKeyExposed], [ErrKeyMalformed], or what the file system says.
func LoadOrCreateKey(path string) (Key, error) {
	key, err := load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := create(path); err != nil {
		return Key{}, fmt.Errorf("create sealing key: %w", err)
	}
	return load(path)
}

func load(path string) (Key, error) {
	f, err := os.Open(path)
	if err != nil {
		return Key{}, fmt.Errorf("read sealing key: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only
	info, err := f.Stat()
	if err != nil {
		return Key{}, fmt.Errorf("read sealing key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return Key{}, fmt.Errorf("sealing key %s has mode %#o: %w: run chmod 600 on it, and replace it if anyone may have read it",
			path, info.Mode().Perm(), ErrKeyExposed)
	}
	// A key has 44 characters and a newline; a file much longer than that is something else.
	text := make([]byte, 128)
	n, err := f.Read(text)
	if err != nil {
		return Key{}, fmt.Errorf("sealing key %s: %w", path, ErrKeyMalformed)
	}
	material, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text[:n])))
	if err != nil {
		return Key{}, fmt.Errorf("sealing key %s: %w", path, ErrKeyMalformed)
	}
	key, err := NewKey(material)
	if err != nil {
		return Key{}, fmt.Errorf("sealing key %s: %w", path, err)
	}
	return key, nil
}

// create puts a new key at path unless there is one by then. The key is complete before it gets its name, and a hard
// link, unlike a rename, never replaces the key of whoever was faster.
func create(path string) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it is gone already when all went well
	material := make([]byte, KeySize)
	// rand.Read never fails: it ends the process instead.
	_, _ = rand.Read(material)
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(material) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	// Also for whoever was slower: its caller may seal before the faster one has come this far.
	return syncFolder(dir)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
