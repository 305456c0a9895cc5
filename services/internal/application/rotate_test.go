package application_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/config"
)

func add(tb testing.TB, store *application.Store) application.Application {
	tb.Helper()
	a, err := store.Add(tb.Context(), "demo")
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func rotate(tb testing.TB, store *application.Store, part application.Part, overlap time.Duration) application.Application {
	tb.Helper()
	a, err := store.Rotate(tb.Context(), "demo", part, overlap)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func TestStore_RotateOnePart(t *testing.T) {
	t.Parallel()
	// By the place in all(): token, API key, API secret, webhook secret, signing key.
	for part, changed := range map[application.Part][]bool{
		application.Token:         {true, false, false, false, false},
		application.APIPair:       {false, true, true, false, false},
		application.WebhookSecret: {false, false, false, true, false},
		application.SigningKey:    {false, false, false, false, true},
		application.Everything:    {true, true, true, true, true},
	} {
		t.Run(string(part), func(t *testing.T) {
			t.Parallel()
			_, store := open(t)
			before := add(t, store)
			after := rotate(t, store, part, time.Hour)
			for i, want := range changed {
				if got := all(before)[i] != all(after)[i]; got != want {
					t.Errorf("secret %d changed: %t, want %t", i, got, want)
				}
			}
			read, err := store.Get(t.Context(), "demo")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(all(after), all(read)); diff != "" {
				t.Errorf("read back (-returned +read):\n%s", diff)
			}
			if !after.RotatedAt.After(before.RotatedAt) && after.RotatedAt != before.RotatedAt {
				t.Errorf("rotated at %s, and before at %s", after.RotatedAt, before.RotatedAt)
			}
		})
	}
}

func TestStore_RotateOverlap(t *testing.T) {
	t.Parallel()
	_, store := open(t)
	first := add(t, store)
	second := rotate(t, store, application.WebhookSecret, 7*24*time.Hour)
	third := rotate(t, store, application.WebhookSecret, time.Hour)
	secret := func(a application.Application) string { return a.Secrets.WebhookSecret.Reveal() }
	for _, row := range []struct {
		after time.Duration
		want  []string
	}{
		{0, []string{secret(third), secret(second), secret(first)}},
		{time.Hour - time.Nanosecond, []string{secret(third), secret(second), secret(first)}},
		{time.Hour, []string{secret(third), secret(first)}}, // the longer overlap of the rotation before is kept
		{7 * 24 * time.Hour, []string{secret(third)}},
	} {
		if diff := cmp.Diff(row.want, third.SigningSecrets(third.RotatedAt.Add(row.after))); diff != "" {
			t.Errorf("%s after the rotation (-want +got):\n%s", row.after, diff)
		}
	}
	if end, ok := third.OverlapEnds(third.RotatedAt); !ok || !end.Equal(second.RotatedAt.Add(7*24*time.Hour)) {
		t.Errorf("the overlap ends at %s, %t", end, ok)
	}
	atOnce := rotate(t, store, application.WebhookSecret, 0)
	if diff := cmp.Diff([]string{secret(atOnce)}, atOnce.SigningSecrets(atOnce.RotatedAt)); diff != "" {
		t.Errorf("without overlap (-want +got):\n%s", diff)
	}
	if _, ok := atOnce.OverlapEnds(atOnce.RotatedAt); ok {
		t.Error("without overlap, there is one")
	}
}

func TestStore_RotateRefuses(t *testing.T) {
	t.Parallel()
	_, store := open(t)
	add(t, store)
	for _, overlap := range []time.Duration{-1, 7*24*time.Hour + 1} {
		if _, err := store.Rotate(t.Context(), "demo", application.Everything, overlap); !errors.Is(err, application.ErrInvalidOverlap) {
			t.Errorf("%s: got %v, want ErrInvalidOverlap", overlap, err)
		}
	}
	if _, err := store.Rotate(t.Context(), "demo", "password", 0); !errors.Is(err, application.ErrUnknownPart) {
		t.Errorf("got %v, want ErrUnknownPart", err)
	}
	if _, err := store.Rotate(t.Context(), "none", application.Token, 0); !errors.Is(err, application.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	for range 10 {
		rotate(t, store, application.WebhookSecret, time.Hour)
	}
	_, err := store.Rotate(t.Context(), "demo", application.WebhookSecret, time.Hour)
	if !errors.Is(err, application.ErrTooManyRotations) || !strings.Contains(err.Error(), "without overlap") {
		t.Errorf("got %v, want ErrTooManyRotations and the way out", err)
	}
	rotate(t, store, application.WebhookSecret, 0)
	rotate(t, store, application.WebhookSecret, time.Hour)
}

// TestStore_RotateAtOnce lets several rotate and change at the same time, as several processes may: nothing of it is lost.
func TestStore_RotateAtOnce(t *testing.T) {
	t.Parallel()
	bucket, store := open(t)
	add(t, store)
	other := application.NewStore(bucket, newKey(t, 1))
	var group sync.WaitGroup
	made := make(chan string, 8)
	for i := range 4 {
		group.Go(func() {
			a, err := []*application.Store{store, other}[i%2].Rotate(t.Context(), "demo", application.WebhookSecret, time.Hour)
			if err != nil {
				t.Error(err)
			}
			made <- a.Secrets.WebhookSecret.Reveal()
		})
		group.Go(func() {
			_, err := other.Change(t.Context(), "demo", func(s *application.Settings) error {
				rate := 1.0
				if s.PollRate != nil {
					rate += *s.PollRate
				}
				s.PollRate = &rate
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	close(made)
	got, err := store.Get(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	sign := strings.Join(got.SigningSecrets(got.RotatedAt), " ")
	for secret := range made {
		if !strings.Contains(sign, secret) {
			t.Error("a secret that somebody was given does not sign")
		}
	}
	if got.Settings.PollRate == nil || *got.Settings.PollRate != 4 {
		t.Errorf("poll rate is %v, want 4 changes", got.Settings.PollRate)
	}
}

func TestApplication_Asymmetric(t *testing.T) {
	t.Parallel()
	_, store := open(t)
	plain := add(t, store)
	if got := plain.SigningSecrets(time.Now()); len(got) != 1 {
		t.Errorf("%d secrets sign without asking for the key, want 1", len(got))
	}
	if _, err := store.Change(t.Context(), "demo", func(s *application.Settings) error { s.Asymmetric = true; return nil }); err != nil {
		t.Fatal(err)
	}
	a := rotate(t, store, application.SigningKey, time.Hour)
	want := []string{plain.Secrets.WebhookSecret.Reveal(), a.Secrets.SigningKey.Reveal(), plain.Secrets.SigningKey.Reveal()}
	if diff := cmp.Diff(want, a.SigningSecrets(a.RotatedAt)); diff != "" {
		t.Errorf("signing (-want +got):\n%s", diff)
	}
	header, err := events.SignPostback(a.SigningSecrets(a.RotatedAt), "1", a.RotatedAt, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if keys := a.PublicKeys(a.RotatedAt); len(keys) != 2 || keys[1] != plain.PublicKeys(time.Now())[0] {
		t.Errorf("public keys are %v", keys)
	}
	for _, key := range a.PublicKeys(a.RotatedAt) {
		if err := events.VerifyPostback([]string{key}, header, []byte("x"), a.RotatedAt); err != nil {
			t.Errorf("with %s: %v", key, err)
		}
	}
	if keys := a.PublicKeys(a.RotatedAt.Add(time.Hour)); len(keys) != 1 {
		t.Errorf("after the overlap: %v", keys)
	}
}

// TestStore_OldRecords reads an application as the first version stored it: with one previous secret that signs along for
// a day, and without a signing key.
func TestStore_OldRecords(t *testing.T) {
	t.Parallel()
	bucket, store := open(t)
	a := add(t, store)
	rotated := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	plain, err := json.Marshal(map[string]string{
		"token": "rb_1", "api_key": "1", "api_secret": "2", "webhook_secret": "whsec_AAAA", "previous_webhook_secret": "whsec_BBBB",
	})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := newKey(t, 1).Seal(plain, []byte("application:demo"))
	if err != nil {
		t.Fatal(err)
	}
	value, err := json.Marshal(map[string]any{"id": "demo", "created_at": a.CreatedAt, "rotated_at": rotated, "sealed": sealed})
	if err != nil {
		t.Fatal(err)
	}
	entry, err := bucket.Get(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bucket.Update(t.Context(), "demo", value, entry.Revision); err != nil {
		t.Fatal(err)
	}
	old, err := store.Get(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	for pause, want := range map[time.Duration][]string{
		24*time.Hour - 1: {"whsec_AAAA", "whsec_BBBB"}, 24 * time.Hour: {"whsec_AAAA"},
	} {
		if diff := cmp.Diff(want, old.SigningSecrets(rotated.Add(pause))); diff != "" {
			t.Errorf("%s after (-want +got):\n%s", pause, diff)
		}
	}
	if keys := old.PublicKeys(rotated); keys != nil {
		t.Errorf("it has public keys %v", keys)
	}
	// Several processes need the key at the same time: they all get the same.
	keys := make(chan config.Secret, 8)
	var group sync.WaitGroup
	for range cap(keys) {
		group.Go(func() {
			a, err := application.NewStore(bucket, newKey(t, 1)).Change(t.Context(), "demo", func(s *application.Settings) error {
				s.Asymmetric = true
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			keys <- a.Secrets.SigningKey
		})
	}
	group.Wait()
	changed, err := store.Get(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	for range cap(keys) {
		if key := <-keys; key != changed.Secrets.SigningKey {
			t.Error("somebody was given a key that is not the application's")
		}
	}
	if keys := changed.PublicKeys(rotated); len(keys) != 1 {
		t.Errorf("once it is to sign with a key it has %v", keys)
	}
	again, err := store.Change(t.Context(), "demo", func(*application.Settings) error { return nil })
	if err != nil || again.Secrets.SigningKey != changed.Secrets.SigningKey {
		t.Errorf("the next change makes another key (%v)", err)
	}
}

func TestStore_ChangeKeepsWhatCannotWorkOut(t *testing.T) {
	t.Parallel()
	bucket, store := open(t)
	add(t, store)
	entry, err := bucket.Get(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Change(t.Context(), "demo", func(s *application.Settings) error { rate := -1.0; s.PollRate = &rate; return nil })
	if !errors.Is(err, application.ErrInvalidSettings) {
		t.Errorf("got %v, want ErrInvalidSettings", err)
	}
	stop := errors.New("stop")
	if _, err = store.Change(t.Context(), "demo", func(*application.Settings) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want the error of the change", err)
	}
	if after, err := bucket.Get(t.Context(), "demo"); err != nil || after.Revision != entry.Revision {
		t.Errorf("something was written (%v)", err)
	}
	if _, err := store.Change(t.Context(), "none", nil); !errors.Is(err, application.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}
