package blob

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"gocloud.dev/blob"
	"gocloud.dev/blob/azureblob"
	"gocloud.dev/blob/gcsblob"
	"gocloud.dev/gcp"
)

var announced = Announcement{Size: 12, ContentType: "image/jpeg", Valid: time.Hour}

// sign presigns without asking a service, which Google and Azure need for no key of an account.
func sign(t *testing.T, blobs *blob.Bucket, err error, how func(Announcement) signing) (Presigned, url.Values, error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	b := &bucket{provider: provider{blobs: blobs, sign: how}, patience: time.Minute}
	p, failed := b.presign(t.Context(), "uploads/demo/a", announced)
	address, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	return p, address.Query(), failed
}

func TestPresign_GCS(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	client := &gcp.HTTPClient{Client: http.Client{Transport: http.DefaultTransport}}
	blobs, err := gcsblob.OpenBucket(t.Context(), client, "pictures", &gcsblob.Options{GoogleAccessID: "me@example.com", PrivateKey: private})
	p, query, failed := sign(t, blobs, err, signGCS)
	if failed != nil || query.Get("X-Goog-SignedHeaders") != "content-type;host;x-goog-content-length-range" || query.Get("X-Goog-Expires") == "" {
		t.Errorf("%+v, %v", p, failed)
	}
	if p.Header["X-Goog-Content-Length-Range"] != "12,12" || p.Header["Content-Type"] != "image/jpeg" {
		t.Errorf("headers %v", p.Header)
	}
	blobs, err = gcsblob.OpenBucket(t.Context(), client, "pictures", nil)
	if _, _, failed = sign(t, blobs, err, signGCS); !errors.Is(failed, ErrNoPresign) {
		t.Errorf("without the key of an account: %v", failed)
	}
}

func TestPresign_Azure(t *testing.T) {
	t.Parallel()
	const address = "https://account.blob.core.windows.net/pictures"
	shared, err := azblob.NewSharedKeyCredential("account", base64.StdEncoding.EncodeToString([]byte("a secret of the account")))
	if err != nil {
		t.Fatal(err)
	}
	client, err := container.NewClientWithSharedKeyCredential(address, shared, nil)
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := azureblob.OpenBucket(t.Context(), client, nil)
	p, query, failed := sign(t, blobs, err, signAzure)
	if failed != nil || query.Get("sig") == "" || query.Get("sp") != "cw" || query.Get("sr") != "b" || p.Header["X-Ms-Blob-Type"] != "BlockBlob" {
		t.Errorf("%+v, %v", p, failed)
	}
	if client, err = container.NewClientWithNoCredential(address, nil); err != nil {
		t.Fatal(err)
	}
	blobs, err = azureblob.OpenBucket(t.Context(), client, nil)
	if _, _, failed = sign(t, blobs, err, signAzure); !errors.Is(failed, ErrNoPresign) {
		t.Errorf("without the key of the account: %v", failed)
	}
}
