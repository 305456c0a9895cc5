package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Announcement says what somebody else is going to put.
type Announcement struct {
	// Size is exactly how many bytes it has, from 1 on.
	Size        int64
	ContentType string
	// Valid is how long the address may be used, at most seven days.
	Valid time.Duration
}

// Presigned is a PUT that anybody may make as long as it is valid.
type Presigned struct {
	URL string
	// Header is what the request has to carry to the letter, beside its Content-Length.
	Header map[string]string
}

// signing is what is particular about a presigned PUT to a service.
type signing struct {
	// contentType is what the library is to sign, empty where prepare does.
	contentType string
	prepare     func(as func(any) bool) error
	header      map[string]string
}

// PresignPut makes an address of the bucket itself, at which what was announced can be put under key without any
// credentials, and again until it is not valid any more. S3 refuses another length and another type, Google another length
// and another type, Azure neither: look at what is there before it is used. It fails with a [*KeyError], [ErrContentType],
// [ErrNoPresign] in a folder, in memory and with credentials that can sign nothing, the error of ctx, or what the service
// says that signs. Whether the bucket lets the address be used shows when somebody does.
func (s *Store) PresignPut(ctx context.Context, key string, a Announcement) (Presigned, error) {
	if err := CheckKey(key); err != nil {
		return Presigned{}, err
	}
	if a.ContentType == "" || len(a.ContentType) > maxType {
		return Presigned{}, fmt.Errorf("presign blob %s: %w", key, ErrContentType)
	}
	presigned, err := s.place.presign(ctx, key, a)
	if err != nil {
		return Presigned{}, fmt.Errorf("presign blob %s: %w", key, err)
	}
	return presigned, nil
}

func (f *folder) presign(context.Context, string, Announcement) (Presigned, error) {
	return Presigned{}, ErrNoPresign
}

func (b *bucket) presign(ctx context.Context, key string, a Announcement) (Presigned, error) {
	if b.sign == nil {
		return Presigned{}, ErrNoPresign
	}
	ctx, cancel := context.WithTimeoutCause(ctx, b.patience, errPatience)
	defer cancel()
	how := b.sign(a)
	address, err := b.blobs.SignedURL(ctx, key, &blob.SignedURLOptions{
		Method: http.MethodPut, Expiry: a.Valid, ContentType: how.contentType, BeforeSign: how.prepare,
	})
	if gcerrors.Code(err) == gcerrors.Unimplemented || errors.Is(err, bloberror.MissingSharedKeyCredential) {
		return Presigned{}, ErrNoPresign
	}
	if err != nil {
		return Presigned{}, b.failure(ctx, err)
	}
	return Presigned{URL: address, Header: how.header}, nil
}
