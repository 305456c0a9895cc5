package application

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/config"
)

// maxStorage bounds how many storage accounts an application may have.
const maxStorage = 50

var (
	// ErrInvalidStorage is returned for a storage account that cannot work.
	ErrInvalidStorage = errors.New("invalid storage account")
	// ErrNoStorage is returned when an application has no storage account of a name.
	ErrNoStorage = errors.New("no such storage account")
)

// StorageAccount is access to a storage service that speaks S3, for the sources and the outputs of one application.
type StorageAccount struct {
	// Name tells it from the application's others.
	Name string `json:"name"`
	// Endpoint is the address of the service, http or https without a path; empty for AWS.
	Endpoint string `json:"endpoint,omitempty"`
	// Region is the region that requests are signed for where the job names none; us-east-1 when empty.
	Region string `json:"region,omitempty"`
	// Buckets are those that the account is for; all of them when there are none.
	Buckets     []string `json:"buckets,omitempty"`
	AccessKeyID string   `json:"access_key_id"`
	// SecretAccessKey and SessionToken are never shown.
	SecretAccessKey config.Secret `json:"-"`
	SessionToken    config.Secret `json:"-"`
}

var storageName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// Validate names the first field that cannot work, as an [ErrInvalidStorage].
func (s StorageAccount) Validate() error {
	wrong := func(field, value, want string) error {
		return fmt.Errorf("%w: %s is %q, want %s", ErrInvalidStorage, field, value, want)
	}
	if !storageName.MatchString(s.Name) {
		return wrong("name", s.Name, "lower-case letters, digits, - and _")
	}
	if s.Endpoint != "" {
		u, err := url.Parse(s.Endpoint)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.User != nil || u.RawQuery != "" {
			return wrong("endpoint", s.Endpoint, "http:// or https://, a host and nothing behind it")
		}
	}
	if s.AccessKeyID == "" {
		return wrong("access_key_id", "", "the id of the access key")
	}
	if s.SecretAccessKey == "" {
		return fmt.Errorf("%w: the secret access key is missing", ErrInvalidStorage)
	}
	return nil
}

// Storage finds the account for a bucket: one that names it, else one that is for all; false when there is none.
func (a Application) Storage(bucket string) (StorageAccount, bool) {
	for _, account := range a.Secrets.Storage {
		if slices.Contains(account.Buckets, bucket) {
			return account, true
		}
	}
	for _, account := range a.Secrets.Storage {
		if len(account.Buckets) == 0 {
			return account, true
		}
	}
	return StorageAccount{}, false
}

// SetStorage gives an application a storage account, in place of the one of the same name. It fails with [ErrNotFound]
// and [ErrInvalidStorage].
func (s *Store) SetStorage(ctx context.Context, id string, account StorageAccount) (Application, error) {
	if err := account.Validate(); err != nil {
		return Application{}, err
	}
	return s.edit(ctx, id, func(a *Application) error {
		accounts := map[string]StorageAccount{account.Name: account}
		for _, other := range a.Secrets.Storage {
			if other.Name != account.Name {
				accounts[other.Name] = other
			}
		}
		if len(accounts) > maxStorage {
			return fmt.Errorf("%w: an application may have %d", ErrInvalidStorage, maxStorage)
		}
		a.Secrets.Storage = nil
		for _, name := range slices.Sorted(maps.Keys(accounts)) {
			a.Secrets.Storage = append(a.Secrets.Storage, accounts[name])
		}
		return nil
	})
}

// RemoveStorage takes a storage account away. It fails with [ErrNotFound] and [ErrNoStorage].
func (s *Store) RemoveStorage(ctx context.Context, id, name string) (Application, error) {
	return s.edit(ctx, id, func(a *Application) error {
		kept := slices.DeleteFunc(slices.Clone(a.Secrets.Storage), func(account StorageAccount) bool { return account.Name == name })
		if len(kept) == len(a.Secrets.Storage) {
			return fmt.Errorf("%q: %w", name, ErrNoStorage)
		}
		a.Secrets.Storage = kept
		return nil
	})
}

// openStorage is a storage account as it is sealed.
type openStorage struct {
	StorageAccount

	SecretAccessKey string `json:"secret_access_key"`
	SessionToken    string `json:"session_token,omitempty"`
}

func openAccounts(accounts []StorageAccount) (open []openStorage) {
	for _, a := range accounts {
		open = append(open, openStorage{a, a.SecretAccessKey.Reveal(), a.SessionToken.Reveal()})
	}
	return open
}

func closeAccounts(open []openStorage) (accounts []StorageAccount) {
	for _, o := range open {
		a := o.StorageAccount
		a.SecretAccessKey, a.SessionToken = config.Secret(o.SecretAccessKey), config.Secret(o.SessionToken)
		accounts = append(accounts, a)
	}
	return accounts
}
