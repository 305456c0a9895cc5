package application_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/bus/bustest"
	"github.com/ringback/ringback/services/internal/seal"
	"github.com/ringback/ringback/services/internal/telemetry/logtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, bustest.ServerRemains()) }

func TestStore_Add(t *testing.T) {
	t.Parallel()
	bucket, store := open(t)
	added, err := store.Add(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	got, err := store.Get(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(added, got); diff != "" {
		t.Errorf("read back (-added +got):\n%s", diff)
	}
	secrets := all(added)
	for i, secret := range secrets[:5] {
		if len(secret) < 15 {
			t.Errorf("secret %d has %d characters", i, len(secret))
		}
	}
	if !strings.HasPrefix(secrets[0], "rb_") || strings.Trim(secrets[1], "0123456789") != "" || !strings.HasPrefix(secrets[3], "whsec_") ||
		!strings.HasPrefix(secrets[4], "whsk_") {
		t.Error("the secrets do not have their shapes")
	}
	entry, err := bucket.Get(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	noSecret(t, "bucket", string(entry.Value), added)
	if _, err := store.Add(t.Context(), "demo"); !errors.Is(err, application.ErrExists) {
		t.Errorf("added twice: %v, want ErrExists", err)
	}
	if _, err := store.Get(t.Context(), "none"); !errors.Is(err, application.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	for _, id := range []string{"", "A", "a.b", "a b", "-a", "a/b", "ü", "*", strings.Repeat("a", 41), "a\n"} {
		if _, err := store.Add(t.Context(), id); !errors.Is(err, application.ErrInvalidID) {
			t.Errorf("%q: %v, want ErrInvalidID", id, err)
		}
	}
	if _, err := store.Add(t.Context(), "0-b_"); err != nil {
		t.Error(err)
	}
	list, err := store.List(t.Context())
	if err != nil || len(list) != 2 || list[0].ID != "0-b_" || list[1].ID != "demo" {
		t.Errorf("list is %v, %v", list, err)
	}
}

func TestStore_WrongKeyIsNamed(t *testing.T) {
	t.Parallel()
	bucket, store := open(t)
	if _, err := store.Add(t.Context(), "demo"); err != nil {
		t.Fatal(err)
	}
	other := application.NewStore(bucket, newKey(t, 2))
	_, got := other.Get(t.Context(), "demo")
	_, listed := other.List(t.Context())
	_, rotated := other.Rotate(t.Context(), "demo", application.Everything, time.Hour)
	for _, err := range []error{got, listed, rotated} {
		if !errors.Is(err, seal.ErrBroken) || !strings.Contains(err.Error(), "RINGBACK_SEAL_KEY_FILE") {
			t.Errorf("got %v, want an error that names RINGBACK_SEAL_KEY_FILE", err)
		}
	}
}

// TestStore_SealsBelongToTheirApplication puts one's secrets in the place of another's.
func TestStore_SealsBelongToTheirApplication(t *testing.T) {
	t.Parallel()
	bucket, store := open(t)
	for _, id := range []string{"one", "two"} {
		if _, err := store.Add(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	one, err := bucket.Get(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	two, err := bucket.Get(t.Context(), "two")
	if err != nil {
		t.Fatal(err)
	}
	swapped := bytes.Replace(one.Value, []byte(`"id":"one"`), []byte(`"id":"two"`), 1)
	if _, err := bucket.Update(t.Context(), "two", swapped, two.Revision); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Get(t.Context(), "two"); !errors.Is(err, seal.ErrBroken) {
		t.Errorf("got %v, want ErrBroken", err)
	}
}

func TestDirectory_FollowsChanges(t *testing.T) {
	t.Parallel()
	bucket, store := open(t)
	first, err := store.Add(t.Context(), "first")
	if err != nil {
		t.Fatal(err)
	}
	directory := follow(t, bucket, newKey(t, 1))
	if got, ok := directory.ByToken(first.Secrets.Token.Reveal()); !ok || got.ID != "first" {
		t.Errorf("what was there at the start: %v, %v", got.ID, ok)
	}
	second, err := store.Add(t.Context(), "second")
	if err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { _, ok := directory.ByToken(second.Secrets.Token.Reveal()); return ok })
	rotated, err := store.Rotate(t.Context(), "first", application.Token, 0)
	if err != nil {
		t.Fatal(err)
	}
	until(t, func() bool { _, ok := directory.ByToken(rotated.Secrets.Token.Reveal()); return ok })
	for name, token := range map[string]string{"rotated": first.Secrets.Token.Reveal(), "empty": "", "an id": "first"} {
		if got, ok := directory.ByToken(token); ok {
			t.Errorf("the token that is %s belongs to %s", name, got.ID)
		}
	}
	if got, ok := directory.ByID("second"); !ok || got.Secrets.Token != second.Secrets.Token {
		t.Error("second is not found by its id")
	}
	if _, ok := directory.ByID("none"); ok {
		t.Error("none is found by its id")
	}
}

func TestDirectory_CannotOpenWithAnotherKey(t *testing.T) {
	t.Parallel()
	bucket, store := open(t)
	added, err := store.Add(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	directory := follow(t, bucket, newKey(t, 2))
	if _, ok := directory.ByToken(added.Secrets.Token.Reveal()); ok {
		t.Error("found with another key")
	}
	if _, ok := directory.ByID("demo"); ok {
		t.Error("found by its id, without secrets")
	}
}

func TestSecrets_NeverShow(t *testing.T) {
	t.Parallel()
	bucket, store := open(t)
	if _, err := store.Add(t.Context(), "demo"); err != nil {
		t.Fatal(err)
	}
	app, err := store.Rotate(t.Context(), "demo", application.Everything, time.Hour) // so that there are previous secrets
	if err != nil {
		t.Fatal(err)
	}
	directory := follow(t, bucket, newKey(t, 1))
	for name, value := range map[string]any{
		"Application": app, "pointer to Application": &app, "Secrets": app.Secrets, "list": []application.Application{app},
		"Store": store, "Directory": directory, "struct with a Directory": struct{ D *application.Directory }{directory},
	} {
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var logged bytes.Buffer
		slog.New(slog.NewTextHandler(&logged, nil)).Info("text", "value", value)
		slog.New(slog.NewJSONHandler(&logged, nil)).Info("json", "value", value)
		noSecret(t, name, fmt.Sprintf("%v %+v %#v %s %d %x", value, value, value, value, value, value)+string(encoded)+logged.String(), app)
	}
}

// open makes a store on a real bucket, with key 1.
func open(tb testing.TB) (*bus.Bucket, *application.Store) {
	tb.Helper()
	bucket, err := bustest.Open(tb).Bucket(tb.Context(), bus.ApplicationBucket)
	if err != nil {
		tb.Fatal(err)
	}
	return bucket, application.NewStore(bucket, newKey(tb, 1))
}

func newKey(tb testing.TB, fill byte) seal.Key {
	tb.Helper()
	key, err := seal.NewKey(bytes.Repeat([]byte{fill}, seal.KeySize))
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

// follow runs a directory until the test ends.
func follow(tb testing.TB, bucket *bus.Bucket, key seal.Key) *application.Directory {
	tb.Helper()
	directory := application.NewDirectory(bucket, key, logtest.New(tb))
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	done := make(chan error, 1)
	go func() { done <- directory.Run(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Errorf("directory: %v", err)
		}
	})
	<-directory.Loaded()
	return directory
}

// until returns once the condition holds.
func until(tb testing.TB, holds func() bool) {
	tb.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			tb.Fatal("it does not come to hold")
		}
	}
}

func all(a application.Application) []string {
	secrets := []string{
		a.Secrets.Token.Reveal(), a.Secrets.APIKey.Reveal(), a.Secrets.APISecret.Reveal(), a.Secrets.WebhookSecret.Reveal(),
		a.Secrets.SigningKey.Reveal(),
	}
	for _, p := range slices.Concat(a.Secrets.PreviousWebhookSecrets, a.Secrets.PreviousSigningKeys) {
		secrets = append(secrets, p.Secret.Reveal())
	}
	return secrets
}

// noSecret fails when the text holds a secret, as it is or in hexadecimal.
func noSecret(tb testing.TB, where, text string, a application.Application) {
	tb.Helper()
	for i, secret := range all(a) {
		if secret != "" && (strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret))) {
			tb.Errorf("%s shows secret %d: %s", where, i, text)
		}
	}
}
