package application

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/config"
)

// maxPlaces bounds how many sources, and how many destinations, an application may have.
const maxPlaces = 100

var (
	// ErrInvalidPlace is returned for a source or a destination that cannot work.
	ErrInvalidPlace = errors.New("invalid")
	// ErrNoPlace is returned when an application has no source, or no destination, of a name.
	ErrNoPlace = errors.New("no such")
	// ErrHostTaken is returned when a source is to have the id or the host of another one.
	ErrHostTaken = errors.New("taken by another source")
)

// Source is where pictures come from: a bucket, or a folder of the web. Clients name it by its id or its name, and see
// its pictures at its host.
type Source struct {
	// ID is 24 hexadecimal digits, one of its own in the whole installation. It is made when the source is, or is the one
	// that clients know already.
	ID string `json:"id"`
	// Name tells it from the application's others.
	Name string `json:"name"`
	// Bucket is the bucket, and Account the storage account that it is read with: the one for the bucket when it is empty.
	Bucket  string `json:"bucket,omitempty"`
	Account string `json:"account,omitempty"`
	// URL is the http or https address that keys are put behind, in the place of a bucket.
	URL string `json:"url,omitempty"`
	// Prefix is put before every key.
	Prefix string `json:"prefix,omitempty"`
	// Host is where its pictures are seen, without a port; empty for the path with its id alone.
	Host string `json:"host,omitempty"`
	// SecureKey signs the addresses of its pictures; without one they need no signature. It is never shown.
	SecureKey config.Secret `json:"-"`
	// Secured tells whether there is a SecureKey.
	Secured   bool      `json:"secured,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}

// Destination is where pictures go: a bucket.
type Destination struct {
	// Name tells it from the application's others.
	Name string `json:"name"`
	// Bucket is the bucket, and Account the storage account that it is written with: the one for the bucket when it is
	// empty.
	Bucket  string `json:"bucket"`
	Account string `json:"account,omitempty"`
	// Prefix is put before every key.
	Prefix string `json:"prefix,omitempty"`
	// Headers are sent with every object, such as Cache-Control and x-amz-acl.
	Headers map[string]string `json:"headers,omitempty"`
	// PublicURL is the http or https address that keys, prefix and all, are put behind in results; the service's own when
	// it is empty.
	PublicURL string `json:"public_url,omitempty"`
	// Manual leaves it out of processes that go to all of an application's destinations: only a job that names it goes
	// there.
	Manual bool `json:"manual,omitempty"`
}

var (
	sourceID   = regexp.MustCompile(`^[0-9a-f]{24}$`)
	bucketName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,255}$`)
	hostName   = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)
	headerName = regexp.MustCompile(`^[A-Za-z0-9-]{1,100}$`)
)

// maxPrefix and maxHeaders bound what a place may say.
const (
	maxPrefix  = 512
	maxHeaders = 20
	maxHeader  = 1024
)

// invalid is an [ErrInvalidPlace] that names the field.
func invalid(field string, value any, want string) error {
	return fmt.Errorf("%w %s: it is %q, want %s", ErrInvalidPlace, field, value, want)
}

// Validate names the first field that cannot work, as an [ErrInvalidPlace].
func (s Source) Validate() error {
	switch {
	case !sourceID.MatchString(s.ID):
		return invalid("id", s.ID, "24 hexadecimal digits")
	case (s.Bucket == "") == (s.URL == ""):
		return invalid("bucket", s.Bucket, "either a bucket or a url")
	case s.URL != "" && !isBase(s.URL):
		return invalid("url", s.URL, "an http or https address without a query")
	case s.Account != "" && s.URL != "":
		return invalid("account", s.Account, "an account only with a bucket")
	case s.Host != "" && (!hostName.MatchString(s.Host) || len(s.Host) > 253 || net.ParseIP(s.Host) != nil || s.Host == "localhost"):
		return invalid("host", s.Host, "a host name of its own in lower case, without a port")
	}
	return checkPlace(s.Name, s.Bucket, s.Account, s.Prefix)
}

// Validate names the first field that cannot work, as an [ErrInvalidPlace].
func (d Destination) Validate() error {
	if d.Bucket == "" {
		return invalid("bucket", d.Bucket, "the name of a bucket")
	}
	if d.PublicURL != "" && !isBase(d.PublicURL) {
		return invalid("public_url", d.PublicURL, "an http or https address without a query")
	}
	if len(d.Headers) > maxHeaders {
		return invalid("headers", fmt.Sprint(len(d.Headers)), fmt.Sprintf("at most %d", maxHeaders))
	}
	for name, value := range d.Headers {
		if !headerName.MatchString(name) || len(value) > maxHeader || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
			return invalid("headers", name, "names of headers, and values in printable ASCII")
		}
	}
	return checkPlace(d.Name, d.Bucket, d.Account, d.Prefix)
}

func checkPlace(name, bucket, account, prefix string) error {
	switch {
	case !storageName.MatchString(name):
		return invalid("name", name, "lower-case letters, digits, - and _")
	case bucket != "" && !bucketName.MatchString(bucket):
		return invalid("bucket", bucket, "the name of a bucket")
	case account != "" && !storageName.MatchString(account):
		return invalid("account", account, "the name of a storage account")
	case len(prefix) > maxPrefix || strings.ContainsFunc(prefix, func(r rune) bool { return r < ' ' }):
		return invalid("prefix", prefix, fmt.Sprintf("at most %d bytes without control characters", maxPrefix))
	}
	return nil
}

func isBase(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// Source finds a source by its id or its name.
func (a Application) Source(named string) (Source, bool) {
	for _, s := range a.Secrets.Sources {
		if named != "" && (s.ID == strings.ToLower(named) || s.Name == named) {
			return s, true
		}
	}
	return Source{}, false
}

// Destination finds a destination by its name.
func (a Application) Destination(name string) (Destination, bool) {
	i := slices.IndexFunc(a.Secrets.Destinations, func(d Destination) bool { return d.Name == name })
	if i < 0 {
		return Destination{}, false
	}
	return a.Secrets.Destinations[i], true
}

// StorageNamed finds an account by its name, or the one for a bucket when there is no name.
func (a Application) StorageNamed(name, bucket string) (StorageAccount, bool) {
	if name == "" {
		return a.Storage(bucket)
	}
	i := slices.IndexFunc(a.Secrets.Storage, func(s StorageAccount) bool { return s.Name == name })
	if i < 0 {
		return StorageAccount{}, false
	}
	return a.Secrets.Storage[i], true
}

// ChangeSource changes a source, or makes one of the name. change is called again when somebody else was faster; the name
// and the time are not its to change, and an id that it leaves empty is made. It fails with [ErrNotFound],
// [ErrInvalidPlace], [ErrHostTaken] and what change returns.
func (s *Store) ChangeSource(ctx context.Context, id, name string, change func(*Source) error) (Application, error) {
	others, err := s.List(ctx)
	if err != nil {
		return Application{}, err
	}
	return s.edit(ctx, id, func(a *Application) error {
		i := slices.IndexFunc(a.Secrets.Sources, func(s Source) bool { return s.Name == name })
		before := Source{ID: newSourceID(), CreatedAt: time.Now().UTC().Truncate(time.Millisecond)}
		made := Source{}
		if i >= 0 {
			before = a.Secrets.Sources[i]
			made = before
		}
		if err := change(&made); err != nil {
			return err
		}
		made.Name, made.CreatedAt, made.ID, made.Secured = name, before.CreatedAt, cmp.Or(made.ID, before.ID), made.SecureKey != ""
		if err := errors.Join(made.Validate(), made.alone(others, id)); err != nil {
			return err
		}
		return put(&a.Secrets.Sources, i, made, func(s Source) string { return s.Name })
	})
}

// alone refuses a source that has the id or the host of another one of the installation.
func (s Source) alone(others []Application, id string) error {
	for _, a := range others {
		for _, other := range a.Secrets.Sources {
			switch {
			case a.ID == id && other.Name == s.Name:
			case other.ID == s.ID:
				return fmt.Errorf("id %s: %w", s.ID, ErrHostTaken)
			case s.Host != "" && other.Host == s.Host:
				return fmt.Errorf("host %s: %w", s.Host, ErrHostTaken)
			}
		}
	}
	return nil
}

// put replaces what is at i, or adds it where i is negative, and keeps the list in the order of the names.
func put[T any](list *[]T, i int, one T, name func(T) string) error {
	all := slices.Clone(*list)
	if i >= 0 {
		all[i] = one
	} else {
		all = append(all, one)
	}
	if len(all) > maxPlaces {
		return fmt.Errorf("%w number: an application may have %d", ErrInvalidPlace, maxPlaces)
	}
	slices.SortFunc(all, func(a, b T) int { return cmp.Compare(name(a), name(b)) })
	*list = all
	return nil
}

// RemoveSource takes a source away, by its name or its id. It fails with [ErrNotFound] and [ErrNoPlace].
func (s *Store) RemoveSource(ctx context.Context, id, named string) (Application, error) {
	return s.edit(ctx, id, func(a *Application) error {
		found, ok := a.Source(named)
		if !ok {
			return fmt.Errorf("%w source: %q", ErrNoPlace, named)
		}
		a.Secrets.Sources = slices.DeleteFunc(slices.Clone(a.Secrets.Sources), func(s Source) bool { return s.ID == found.ID })
		return nil
	})
}

// ChangeDestination changes a destination, or makes one of the name. change is called again when somebody else was faster.
// It fails with [ErrNotFound], [ErrInvalidPlace] and what change returns.
func (s *Store) ChangeDestination(ctx context.Context, id, name string, change func(*Destination) error) (Application, error) {
	return s.edit(ctx, id, func(a *Application) error {
		i := slices.IndexFunc(a.Secrets.Destinations, func(d Destination) bool { return d.Name == name })
		made := Destination{Name: name}
		if i >= 0 {
			made = a.Secrets.Destinations[i]
		}
		if err := change(&made); err != nil {
			return err
		}
		if err := made.Validate(); err != nil {
			return err
		}
		return put(&a.Secrets.Destinations, i, made, func(d Destination) string { return d.Name })
	})
}

// RemoveDestination takes a destination away. It fails with [ErrNotFound] and [ErrNoPlace].
func (s *Store) RemoveDestination(ctx context.Context, id, name string) (Application, error) {
	return s.edit(ctx, id, func(a *Application) error {
		if _, ok := a.Destination(name); !ok {
			return fmt.Errorf("%w destination: %q", ErrNoPlace, name)
		}
		a.Secrets.Destinations = slices.DeleteFunc(slices.Clone(a.Secrets.Destinations), func(d Destination) bool { return d.Name == name })
		return nil
	})
}
