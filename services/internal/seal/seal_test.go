package seal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ringback/ringback/services/internal/seal"
)

func mustKey(t *testing.T, fill byte) seal.Key {
	t.Helper()
	key, err := seal.NewKey(bytes.Repeat([]byte{fill}, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestKey_Seal(t *testing.T) {
	t.Parallel()
	key := mustKey(t, 1)
	plain, place := []byte("whsec_1234"), []byte("app/acme")
	sealed, err := key.Seal(plain, place)
	if err != nil {
		t.Fatal(err)
	}
	if sealed[0] != 1 || bytes.Contains(sealed, plain) {
		t.Fatalf("sealed = %x, want version 1 and no plain text", sealed)
	}
	got, err := key.Open(sealed, place)
	if err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("opened %q, %v, want %q", got, err, plain)
	}
	again, err := key.Seal(plain, place)
	if err != nil || bytes.Equal(again, sealed) {
		t.Errorf("sealed twice the same (%v)", err)
	}
	if empty, err := key.Seal(nil, nil); err != nil {
		t.Error(err)
	} else if got, err := key.Open(empty, nil); err != nil || len(got) != 0 {
		t.Errorf("opened nothing as %q, %v", got, err)
	}
}

func TestKey_OpenRefuses(t *testing.T) {
	t.Parallel()
	key := mustKey(t, 1)
	sealed, err := key.Seal([]byte("secret"), []byte("here"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := key.Open(changed, []byte("here")); !errors.Is(err, seal.ErrBroken) && !errors.Is(err, seal.ErrVersion) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if _, err := key.Open(sealed[:i], []byte("here")); err == nil {
			t.Errorf("cut to %d bytes: opened", i)
		}
	}
	for name, row := range map[string]struct {
		key    seal.Key
		sealed []byte
		place  string
		want   error
	}{
		"another key":     {mustKey(t, 2), sealed, "here", seal.ErrBroken},
		"another place":   {key, sealed, "there", seal.ErrBroken},
		"another version": {key, append([]byte{2}, sealed[1:]...), "here", seal.ErrVersion},
		"nothing":         {key, nil, "here", seal.ErrVersion},
		"no key":          {seal.Key{}, sealed, "here", seal.ErrNoKey},
	} {
		if _, err := row.key.Open(row.sealed, []byte(row.place)); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", name, err, row.want)
		}
	}
	if _, err := (seal.Key{}).Seal(nil, nil); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("sealed without a key: %v", err)
	}
}

func TestKey_Derive(t *testing.T) {
	t.Parallel()
	key := mustKey(t, 1)
	a, b := key.Derive("cookies"), key.Derive("tokens")
	if len(a) != 32 || bytes.Equal(a, b) || !bytes.Equal(a, key.Derive("cookies")) || bytes.Equal(a, mustKey(t, 2).Derive("cookies")) {
		t.Errorf("derived %x and %x", a, b)
	}
}

func TestKey_NeverShows(t *testing.T) {
	t.Parallel()
	key := mustKey(t, 'k')
	holder := struct {
		Key    seal.Key
		hidden seal.Key
	}{key, key}
	encoded, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "key", key, "holder", holder)
	for _, got := range []string{
		fmt.Sprint(key), fmt.Sprintf("%+v %#v %d %x", key, key, key, key), fmt.Sprintf("%+v %v %d", holder, &holder, holder),
		string(encoded), logged.String(), key.String(), key.GoString(),
	} {
		if strings.Contains(got, "kkk") || strings.Contains(got, "107 107") || strings.Contains(got, "6b6b") || !strings.Contains(got, "•••") {
			t.Errorf("shown: %s", got)
		}
	}
}

func TestLoadOrCreateKey(t *testing.T) {
	t.Parallel()

	t.Run("CreatesOnceAndReadsBack", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "key")
		first, err := seal.LoadOrCreateKey(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("mode = %v, want 0600", info.Mode())
		}
		second, err := seal.LoadOrCreateKey(path)
		if err != nil || !bytes.Equal(first.Derive("x"), second.Derive("x")) {
			t.Errorf("read back another key (%v)", err)
		}
	})

	t.Run("ConcurrentCreatorsAgree", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		path := filepath.Join(dir, "key")
		derived := make([]string, 32)
		var wg sync.WaitGroup
		for i := range derived {
			wg.Go(func() {
				key, err := seal.LoadOrCreateKey(path)
				if err != nil {
					t.Error(err)
					return
				}
				derived[i] = string(key.Derive("x"))
			})
		}
		wg.Wait()
		for i, d := range derived {
			if d != derived[0] || d == "" {
				t.Errorf("creator %d has another key", i)
			}
		}
		left, err := os.ReadDir(dir)
		if err != nil || len(left) != 1 {
			t.Errorf("%d files left (%v), want the key alone", len(left), err)
		}
	})

	for name, row := range map[string]struct {
		text string
		mode os.FileMode
		want error
	}{
		"RefusesReadableByGroup": {strings.Repeat("A", 43) + "=\n", 0o640, seal.ErrKeyExposed},
		"RefusesReadableByAll":   {strings.Repeat("A", 43) + "=\n", 0o604, seal.ErrKeyExposed},
		"RefusesEmpty":           {"", 0o600, seal.ErrKeyMalformed},
		"RefusesShort":           {"QUJD\n", 0o600, seal.ErrKeyMalformed},
		"RefusesNoBase64":        {"not a key", 0o600, seal.ErrKeyMalformed},
		"RefusesLong":            {strings.Repeat("QUJD", 100), 0o600, seal.ErrKeyMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, []byte(row.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, row.mode); err != nil {
				t.Fatal(err)
			}
			if _, err := seal.LoadOrCreateKey(path); !errors.Is(err, row.want) {
				t.Errorf("error = %v, want %v", err, row.want)
			}
		})
	}

	t.Run("RefusesMissingFolder", func(t *testing.T) {
		t.Parallel()
		if _, err := seal.LoadOrCreateKey(filepath.Join(t.TempDir(), "no", "key")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("error = %v, want not exist", err)
		}
	})
}
