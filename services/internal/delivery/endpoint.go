package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
)

// Mode is whether an endpoint gets what is for it.
type Mode string

// The modes. What is for a paused or disabled endpoint is held until the mode is active again.
const (
	Active Mode = ""
	// Paused is by somebody's word.
	Paused Mode = "paused"
	// Disabled is by the endpoint's own word: it answered 410.
	Disabled Mode = "disabled"
)

// Standing is what all processes know of an endpoint. It is stored in the endpoints bucket; what only the owner of the
// endpoint's lane needs, such as its breaker, is not in here.
type Standing struct {
	Application string `json:"application"`
	Endpoint    string `json:"endpoint"`
	// URL is the scheme, host and port.
	URL  string `json:"url"`
	Mode Mode   `json:"mode,omitempty"`
	// Failing tells that the endpoint is only probed.
	Failing bool `json:"failing,omitempty"`
	// Reason says for people why the endpoint is not active or is failing.
	Reason string `json:"reason,omitempty"`
	// Since is when mode or failing changed last.
	Since time.Time `json:"since,omitzero"`
	// Rate is how many attempts a second may begin; 0 as the installation has it.
	Rate float64 `json:"rate,omitempty"`
	// InFlight is how many attempts may be in progress; 0 as the installation has it.
	InFlight int `json:"in_flight,omitempty"`
	// Consent is what the endpoint answered to the question whether it wants CloudEvents; nil when it was not asked.
	Consent *Consent `json:"consent,omitempty"`
}

// Consent is an endpoint's answer to the handshake of CloudEvents over HTTP (Web Hooks 1.0 §4).
type Consent struct {
	Granted bool `json:"granted"`
	// PerMinute is how many requests a minute are allowed; 0 without a limit.
	PerMinute int       `json:"per_minute,omitempty"`
	At        time.Time `json:"at"`
}

// Origin is the part of an address that makes an endpoint: scheme, host and port.
func Origin(rawURL string) string {
	shown := Shown(rawURL)
	if i := strings.Index(shown, "://"); i >= 0 {
		if j := strings.IndexByte(shown[i+3:], '/'); j >= 0 {
			return strings.ToLower(shown[:i+3+j])
		}
	}
	return strings.ToLower(shown)
}

// Endpoints keeps the standings, and follows what others write. It is safe for concurrent use.
type Endpoints struct {
	bucket *bus.Bucket
	log    *slog.Logger
	loaded chan struct{}

	mu    sync.RWMutex
	byID  map[string]revised
	watch func(Standing)
}

// revised is a standing and the revision of the bucket that it was read in.
type revised struct {
	Standing
	revision uint64
}

// NewEndpoints makes a store on the endpoints bucket; [Endpoints.Run] keeps its memory current.
func NewEndpoints(bucket *bus.Bucket, log *slog.Logger) *Endpoints {
	return &Endpoints{bucket: bucket, log: log, loaded: make(chan struct{}), byID: map[string]revised{}}
}

// OnChange sets what is called with every standing that is read or changes. It must be called before Run.
func (e *Endpoints) OnChange(watch func(Standing)) { e.watch = watch }

// Run follows the bucket until ctx ends, through whatever becomes of the broker.
func (e *Endpoints) Run(ctx context.Context) {
	var once sync.Once
	for ctx.Err() == nil {
		err := e.bucket.Watch(ctx, e.note, func() { once.Do(func() { close(e.loaded) }) })
		if ctx.Err() != nil {
			return
		}
		e.log.Warn("endpoints not followed, starting over", "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(brokerPause):
		}
	}
}

// Loaded is closed once everything that was stored at the start is known.
func (e *Endpoints) Loaded() <-chan struct{} { return e.loaded }

// ByID is what is known of an endpoint.
func (e *Endpoints) ByID(endpoint string) (Standing, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	s, ok := e.byID[endpoint]
	return s.Standing, ok
}

// List reads all standings of an application from the bucket, or of all when application is empty.
func (e *Endpoints) List(ctx context.Context, application string) ([]Standing, error) {
	prefix := ""
	if application != "" {
		prefix = events.Token(application) + "."
	}
	entries, err := e.bucket.List(ctx, prefix)
	if err != nil {
		return nil, err
	}
	var list []Standing
	for _, entry := range entries {
		s, err := decodeStanding(entry)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// Get reads one standing from the bucket; it fails with [bus.ErrNotFound].
func (e *Endpoints) Get(ctx context.Context, application, endpoint string) (Standing, error) {
	entry, err := e.bucket.Get(ctx, bus.EndpointKey(application, endpoint))
	if err != nil {
		return Standing{}, err
	}
	return decodeStanding(entry)
}

// changeTries bounds how often a change is tried that others get in the way of.
const changeTries = 10

// Change reads a standing, lets change alter it, and writes it back; it is made when there is none. Of two that change at
// once both are heard. It reports what was written.
func (e *Endpoints) Change(ctx context.Context, application, endpoint string, change func(*Standing)) (Standing, error) {
	key := bus.EndpointKey(application, endpoint)
	s, revision := e.remembered(application, endpoint)
	for range changeTries {
		change(&s)
		value, err := json.Marshal(s)
		if err != nil {
			return s, fmt.Errorf("encode endpoint %s: %w", endpoint, err)
		}
		next, err := e.bucket.Update(ctx, key, value, revision)
		if err == nil {
			e.set(s, next)
		}
		if !errors.Is(err, bus.ErrExists) {
			return s, err
		}
		if s, revision, err = e.read(ctx, application, endpoint); err != nil {
			return s, err
		}
	}
	return Standing{}, fmt.Errorf("change endpoint %s: %w", endpoint, bus.ErrExists)
}

// remembered is a standing as it was seen last; a change that is based on an older one is refused by the bucket.
func (e *Endpoints) remembered(application, endpoint string) (Standing, uint64) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if s, ok := e.byID[endpoint]; ok {
		return s.Standing, s.revision
	}
	return Standing{Application: application, Endpoint: endpoint}, 0
}

func (e *Endpoints) read(ctx context.Context, application, endpoint string) (Standing, uint64, error) {
	entry, err := e.bucket.Get(ctx, bus.EndpointKey(application, endpoint))
	if errors.Is(err, bus.ErrNotFound) {
		return Standing{Application: application, Endpoint: endpoint}, 0, nil
	}
	if err != nil {
		return Standing{}, 0, err
	}
	s, err := decodeStanding(entry)
	return s, entry.Revision, err
}

func (e *Endpoints) note(entry bus.Entry) {
	if entry.Deleted {
		if _, endpoint, ok := strings.Cut(entry.Key, "."); ok {
			e.mu.Lock()
			delete(e.byID, endpoint)
			e.mu.Unlock()
		}
		return
	}
	s, err := decodeStanding(entry)
	if err != nil {
		e.log.Error("endpoint cannot be read", "key", entry.Key, "err", err)
		return
	}
	e.set(s, entry.Revision)
}

// set remembers a standing unless a newer one is known.
func (e *Endpoints) set(s Standing, revision uint64) {
	e.mu.Lock()
	newer := revision > e.byID[s.Endpoint].revision
	if newer {
		e.byID[s.Endpoint] = revised{s, revision}
	}
	e.mu.Unlock()
	if !newer {
		return
	}
	if e.watch != nil {
		e.watch(s)
	}
}

func decodeStanding(entry bus.Entry) (Standing, error) {
	var s Standing
	if err := json.Unmarshal(entry.Value, &s); err != nil {
		return s, fmt.Errorf("read endpoint %s: %w", entry.Key, err)
	}
	return s, nil
}
