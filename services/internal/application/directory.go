package application

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/seal"
)

// Directory answers who somebody is from memory. It follows the applications bucket: a new application is known, and a
// rotated token refused, within milliseconds everywhere.
type Directory struct {
	bucket *bus.Bucket
	key    seal.Key
	log    *slog.Logger
	loaded chan struct{}

	mu      sync.RWMutex
	noted   chan struct{} // closed, and made anew, whenever something was noted
	byID    map[string]Application
	byToken map[[sha256.Size]byte]string
	// byHost and bySource find sources by their hosts and their ids.
	byHost, bySource map[string]sourceRef
}

// sourceRef names a source of an application.
type sourceRef struct{ application, source string }

// NewDirectory makes a directory on the applications bucket; [Directory.Run] fills it.
func NewDirectory(bucket *bus.Bucket, key seal.Key, log *slog.Logger) *Directory {
	return &Directory{
		bucket: bucket, key: key, log: log, loaded: make(chan struct{}), noted: make(chan struct{}),
		byID: map[string]Application{}, byToken: map[[sha256.Size]byte]string{},
		byHost: map[string]sourceRef{}, bySource: map[string]sourceRef{},
	}
}

// Format writes the name of the type for every verb: package fmt calls no methods on what is in unexported fields, and
// would show the secrets there.
func (d *Directory) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, "application.Directory") // a state that cannot be written to has nowhere to report to
}

// Run follows the bucket until ctx ends.
func (d *Directory) Run(ctx context.Context) error {
	var once sync.Once
	return d.bucket.Watch(ctx, d.note, func() { once.Do(func() { close(d.loaded) }) })
}

// Loaded is closed once everything that was stored at the start is known.
func (d *Directory) Loaded() <-chan struct{} { return d.loaded }

// ByToken finds the application that a bearer token belongs to. Tokens are compared by their hashes, so the time it
// takes tells nothing about them.
func (d *Directory) ByToken(token string) (Application, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	a, ok := d.byID[d.byToken[sha256.Sum256([]byte(token))]]
	return a, ok
}

// ByAPIKey finds the application that an API key belongs to. The key is public; what is signed with its secret is not.
func (d *Directory) ByAPIKey(key string) (Application, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, a := range d.byID {
		if key != "" && a.Secrets.APIKey.Reveal() == key {
			return a, true
		}
	}
	return Application{}, false
}

// ByID finds an application.
func (d *Directory) ByID(id string) (Application, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	a, ok := d.byID[id]
	return a, ok
}

// SourceByHost finds the source whose pictures are seen at a host, and whose it is.
func (d *Directory) SourceByHost(host string) (Application, Source, bool) {
	return d.source(d.byHost, host)
}

// SourceByID finds a source by its 24 hexadecimal digits, and whose it is.
func (d *Directory) SourceByID(id string) (Application, Source, bool) {
	return d.source(d.bySource, id)
}

func (d *Directory) source(index map[string]sourceRef, key string) (Application, Source, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	ref, ok := index[key]
	if !ok {
		return Application{}, Source{}, false
	}
	a := d.byID[ref.application]
	s, ok := a.Source(ref.source)
	return a, s, ok
}

// Only finds the one application that there is; false when there are several, or none.
func (d *Directory) Only() (Application, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if len(d.byID) == 1 {
		for _, a := range d.byID {
			return a, true
		}
	}
	return Application{}, false
}

// Await waits until the directory knows of a change, so that who made it finds it in what comes next. It fails when ctx
// ends before.
func (d *Directory) Await(ctx context.Context, changed Application) error {
	for {
		d.mu.RLock()
		known, noted := d.byID[changed.ID].Revision >= changed.Revision, d.noted
		d.mu.RUnlock()
		if known {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-noted:
		}
	}
}

// ByTag finds the applications that may have minted an id; nearly always there is one.
func (d *Directory) ByTag(tag uint16) []Application {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var found []Application
	for id, a := range d.byID {
		if events.Tag(id) == tag {
			found = append(found, a)
		}
	}
	return found
}

func (d *Directory) note(entry bus.Entry) {
	id, err := events.ParseToken(entry.Key)
	if err != nil {
		d.log.Error("application has an impossible key", "key", entry.Key, "err", err)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	defer func() { close(d.noted); d.noted = make(chan struct{}) }()
	if old, ok := d.byID[id]; ok {
		delete(d.byToken, sha256.Sum256([]byte(old.Secrets.Token.Reveal())))
		delete(d.byID, id)
		for _, s := range old.Secrets.Sources {
			forget(d.byHost, s.Host, id)
			forget(d.bySource, s.ID, id)
		}
	}
	if entry.Deleted {
		return
	}
	a, err := decode(entry.Value, d.key)
	if err != nil {
		d.log.Error("application cannot be used", "application", id, "err", err)
		return
	}
	a.Revision = entry.Revision
	d.byID[id] = a
	d.byToken[sha256.Sum256([]byte(a.Secrets.Token.Reveal()))] = id
	for _, s := range a.Secrets.Sources {
		remember(d.byHost, s.Host, sourceRef{id, s.ID})
		remember(d.bySource, s.ID, sourceRef{id, s.ID})
	}
}

// remember lets the first that has a host keep it: two processes may have given it away at the same time.
func remember(index map[string]sourceRef, key string, ref sourceRef) {
	if _, taken := index[key]; key != "" && !taken {
		index[key] = ref
	}
}

func forget(index map[string]sourceRef, key, application string) {
	if index[key].application == application {
		delete(index, key)
	}
}
