package blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"

	"cloud.google.com/go/storage"
	"gocloud.dev/blob/gcsblob"
	"gocloud.dev/gcp"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/option"
)

// emulatorVariable is what Google's library looks at to speak to an emulator, which has no credentials.
const emulatorVariable = "STORAGE_EMULATOR_HOST"

// openGCS opens a bucket of Google Cloud Storage, with the credentials that Google's own tools use.
func openGCS(ctx context.Context, c Config) (provider, error) {
	connections := transport(c.Timeout)
	limited := lastTry{connections}
	client := &http.Client{Transport: limited}
	clientOptions := []option.ClientOption{}
	signer := gcsblob.Options{}
	if !c.URL.is("anonymous") && os.Getenv(emulatorVariable) == "" {
		universe := c.URL.options.Get("universe_domain")
		credentials, err := gcp.DefaultCredentialsWithParams(ctx, google.CredentialsParams{UniverseDomain: universe})
		if err != nil {
			return provider{}, err
		}
		if account, none := google.JWTConfigFromJSON(credentials.JSON); none == nil {
			signer.GoogleAccessID, signer.PrivateKey = account.Email, account.PrivateKey
		}
		signed, err := gcp.NewHTTPClient(limited, credentials.TokenSource)
		if err != nil {
			return provider{}, err
		}
		client = &signed.Client
		if universe != "" {
			clientOptions = append(clientOptions, option.WithUniverseDomain(universe))
		}
	}
	// The last of two HTTP clients counts: with an emulator the driver would take the default one of the process.
	clientOptions = append(clientOptions, option.WithHTTPClient(client))
	signer.ClientOptions = clientOptions
	blobs, err := gcsblob.OpenBucket(ctx, &gcp.HTTPClient{Client: *client}, c.URL.bucket, &signer)
	if err != nil {
		return provider{}, err
	}
	var service *storage.Client
	if !blobs.As(&service) {
		return provider{}, errors.Join(errors.New("the driver for gs:// gives no client away"), blobs.Close())
	}
	retryGCS(service)
	key := c.URL.options.Get("kmskeyid")
	return provider{
		blobs: blobs, sign: signGCS, etag: gcsETag, absence: gcsAbsence, close: connections.CloseIdleConnections,
		prepare: func(as func(any) bool) error {
			var w *storage.Writer
			if !as(&w) {
				return errors.New("the driver for gs:// gives no writer away")
			}
			w.KMSKeyName = key
			return nil
		},
	}, nil
}

// signGCS signs length and type. Only the fourth scheme has a header for the length. A KMS key is the bucket's affair.
func signGCS(a Announcement) signing {
	length := fmt.Sprintf("%d,%d", a.Size, a.Size)
	return signing{
		contentType: a.ContentType,
		header:      map[string]string{"Content-Type": a.ContentType, "X-Goog-Content-Length-Range": length},
		prepare: func(as func(any) bool) error {
			var o *storage.SignedURLOptions
			if !as(&o) {
				return errors.New("the driver for gs:// gives no options away")
			}
			o.Scheme, o.Headers = storage.SigningSchemeV4, []string{"x-goog-content-length-range:" + length}
			return nil
		},
	}
}

// gcsETag is the generation, which reading and asking both tell.
func gcsETag(as func(any) bool) string {
	var read *storage.Reader
	if as(&read) {
		return quoted(strconv.FormatInt(read.Attrs.Generation, 10))
	}
	var attrs storage.ObjectAttrs
	as(&attrs)
	return quoted(strconv.FormatInt(attrs.Generation, 10))
}

// gcsAbsence does not take a forbidden blob for a missing one, as the driver does.
func gcsAbsence(err error) absence {
	switch {
	case errors.Is(err, storage.ErrBucketNotExist):
		return absentBucket
	case errors.Is(err, storage.ErrObjectNotExist):
		return absentSomething
	default:
		return absentNot
	}
}

func quoted(text string) string { return fmt.Sprintf("%q", text) }
