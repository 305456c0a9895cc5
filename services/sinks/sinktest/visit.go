package sinktest

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"testing"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/seal"
)

// Adopt adds the suite's application where it is missing, and waits until it is known.
func (h *House) Adopt() {
	h.tb.Helper()
	if _, err := h.store().Add(h.tb.Context(), Application); err != nil && !errors.Is(err, application.ErrExists) {
		h.tb.Fatalf("add the application: %v", err)
	}
	h.Await("the application is known", func() bool { _, ok := h.Directory.ByID(Application); return ok })
}

// Visit connects to a house that another process put up on a folder.
func Visit(tb testing.TB, dir string) *House {
	tb.Helper()
	key, err := seal.LoadOrCreateKey(dir + "/seal.key")
	if err != nil {
		tb.Fatalf("read the key: %v", err)
	}
	h := &House{tb: tb, dir: dir, Key: key, log: logBook{to: tb.Output()}}
	h.connect()
	tb.Cleanup(h.Crash)
	return h
}

// Revisit connects again after the other process was killed and started anew.
func (h *House) Revisit() {
	h.tb.Helper()
	h.Crash()
	h.connect()
}

func (h *House) connect() {
	h.tb.Helper()
	logins, err := bus.ReadLogins(h.dir)
	if err != nil {
		h.tb.Fatal(err)
	}
	u, err := url.Parse(logins.URL)
	if err != nil {
		h.tb.Fatal(err)
	}
	u.User = url.UserPassword(logins.Services.User, logins.Services.Password)
	b, err := bus.Dial(u.String(), h.Logger())
	if err != nil {
		h.tb.Fatal(err)
	}
	h.Bus = b
	h.follow()
	h.Await("the application is known", func() bool { _, ok := h.Directory.ByID(Application); return ok })
}

// follow reads the applications until the house goes down.
func (h *House) follow() {
	h.tb.Helper()
	b := h.Bus
	bucket, err := b.Bucket(h.tb.Context(), bus.ApplicationBucket)
	if err != nil {
		h.tb.Fatalf("open the applications: %v", err)
	}
	h.Directory = application.NewDirectory(bucket, h.Key, h.Logger())
	ctx, cancel := context.WithCancel(context.Background())
	var following sync.WaitGroup
	directory := h.Directory
	following.Go(func() { _ = directory.Run(ctx) })
	h.down = func() {
		cancel()
		following.Wait()
		if err := b.Close(); err != nil {
			h.tb.Errorf("close the bus: %v", err)
		}
	}
}
