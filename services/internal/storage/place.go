package storage

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/job"
)

// ErrInvalidKey is returned for a key that no object of a place can have.
var ErrInvalidKey = errors.New("invalid key")

// maxKey bounds a key with its prefix, as S3 does, in bytes.
const maxKey = 1024

// From is an object of one of an application's sources. It fails with [ErrInvalidKey].
func From(source application.Source, key string) (job.Source, error) {
	key, err := placed(source.Prefix, key)
	if err != nil {
		return job.Source{}, err
	}
	if source.URL != "" {
		return job.Source{URL: strings.TrimSuffix(source.URL, "/") + escape("/"+key), Place: source.Name}, nil
	}
	return job.Source{Object: &job.Object{Bucket: source.Bucket, Key: key, Account: source.Account}, Place: source.Name}, nil
}

// To is a place for an object at one of an application's destinations. It fails with [ErrInvalidKey].
func To(d application.Destination, key string) (job.Destination, error) {
	key, err := placed(d.Prefix, key)
	if err != nil {
		return job.Destination{}, err
	}
	return job.Destination{
		Kind: job.DestinationS3, Name: d.Name, Account: d.Account, Bucket: d.Bucket, Key: key, Headers: d.Headers, Base: d.PublicURL,
	}, nil
}

// placed is a key behind a prefix. Nothing leads out of the prefix: what a key says is not always taken by the letter by
// those who serve it.
func placed(prefix, key string) (string, error) {
	key = strings.TrimPrefix(key, "/")
	if key == "" || !utf8.ValidString(key) || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fmt.Errorf("%w: want a path in UTF-8 without control characters", ErrInvalidKey)
	}
	if segments := strings.Split(key, "/"); slices.Contains(segments, "..") || slices.Contains(segments, ".") {
		return "", fmt.Errorf("%w: . and .. cannot be parts of it", ErrInvalidKey)
	}
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		key = prefix + "/" + key
	}
	if len(key) > maxKey {
		return "", fmt.Errorf("%w: with its prefix it has %d bytes, the most is %d", ErrInvalidKey, len(key), maxKey)
	}
	return key, nil
}
