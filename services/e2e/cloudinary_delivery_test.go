package e2e_test

import (
	"bytes"
	"image"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cloudinary/cloudinary-go/v2/api"
	"github.com/cloudinary/cloudinary-go/v2/api/uploader"

	"github.com/ringback/ringback/services/internal/sample"
)

// signed is an address that the SDK makes and signs, of a transformation of an asset.
func (c *cloud) signed(kind, transformation, publicID string) string {
	c.tb.Helper()
	i, err := c.sdk.Image(publicID)
	if err != nil {
		c.tb.Fatal(err)
	}
	i.Config.URL.Secure, i.Config.URL.CName, i.Config.URL.SignURL = false, strings.TrimPrefix(c.base, "http://"), true
	i.Config.URL.Analytics = false
	i.DeliveryType, i.Transformation = api.DeliveryType(kind), transformation
	address, err := i.String()
	if err != nil {
		c.tb.Fatal(err)
	}
	return address
}

// TestCloudinary_Guarded looks at pictures that need a signature, made by the SDK.
func TestCloudinary_Guarded(t *testing.T) {
	t.Parallel()
	c := openCloud(t)
	c.upload(bytes.NewReader(sample.Portrait), uploader.UploadParams{PublicID: "open"})
	c.upload(bytes.NewReader(sample.Portrait), uploader.UploadParams{PublicID: "secret/a", Type: "authenticated"})
	c.get(c.base+"/demo/image/authenticated/v1/secret/a.jpg", http.StatusUnauthorized)
	if got := c.size(c.signed("authenticated", "c_fill,h_30,w_40", "secret/a.jpg")); got != image.Pt(40, 30) {
		t.Errorf("got %s", got)
	}
	forged := strings.Replace(c.signed("authenticated", "c_fill,h_30,w_40", "secret/a.jpg"), "w_40", "w_41", 1)
	c.get(forged, http.StatusUnauthorized)

	c.settings(`{"cloudinary":{"strict":true,"transformations":{"small":"c_scale,w_25"}}}`)
	open := c.base + "/demo/image/upload/"
	c.get(open+"w_26/open.jpg", http.StatusUnauthorized)
	c.get(open+"open.jpg", http.StatusOK)
	if got := c.size(open + "t_small/open.jpg"); got.X != 25 {
		t.Errorf("the named transformation made %s", got)
	}
	if got := c.size(c.signed("upload", "c_scale,w_26", "open.jpg")); got.X != 26 {
		t.Errorf("got %s", got)
	}
}

// TestCloudinary_MadeAgain purges a derived picture and looks at it again; and reads without the cloud's name, as SDKs do that
// were given a host of their own.
func TestCloudinary_MadeAgain(t *testing.T) {
	t.Parallel()
	c := openCloud(t)
	c.upload(bytes.NewReader(sample.Portrait), uploader.UploadParams{PublicID: "again"})
	address := c.base + "/image/upload/c_scale,w_31/again.png"
	for range 3 {
		if got := c.size(address); got.X != 31 {
			t.Errorf("got %s", got)
		}
		purged, err := filepath.Glob(filepath.Join(c.data, "blobs", "derived", "demo", "*", "*", "*.png"))
		if err != nil || len(purged) != 1 {
			t.Fatalf("derived pictures: %q %v", purged, err)
		}
		if err := os.Remove(purged[0]); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCloudinary_Everywhere uploads and looks in both topologies.
func TestCloudinary_Everywhere(t *testing.T) {
	t.Parallel()
	everyTopology(t, func(t *testing.T, in *installation) {
		t.Helper()
		c := cloudOn(t, in)
		r := c.upload(bytes.NewReader(sample.Portrait), uploader.UploadParams{
			PublicID: "here", Eager: "c_fill,h_20,w_10", NotificationURL: c.hook("upload"),
		})
		if len(r.Eager) != 1 || r.Eager[0].Width != 10 {
			t.Errorf("eager %+v", r.Eager)
		}
		if got := c.size(strings.Replace(r.URL, "/upload/", "/upload/w_12/", 1)); got.X != 12 {
			t.Errorf("got %s", got)
		}
		c.told("upload")
		gone, err := c.sdk.Upload.Destroy(t.Context(), uploader.DestroyParams{PublicID: "here"})
		if err != nil || gone.Result != "ok" {
			t.Errorf("%+v %v", gone, err)
		}
	})
}
