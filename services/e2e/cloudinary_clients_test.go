//go:build clients

package e2e_test

import (
	"image"
	"os"
	"path/filepath"
	"testing"

	"github.com/ringback/ringback/services/internal/sample"
)

// TestCloudinaryClientFromNPM installs Cloudinary's own library as it is published, and lets it do what applications do.
func TestCloudinaryClientFromNPM(t *testing.T) {
	t.Parallel()
	c := openCloud(t)
	folder := t.TempDir()
	npm := newNPM(t, folder, "cloudinary@2.11.0")
	picture := filepath.Join(folder, "portrait.jpg")
	if err := os.WriteFile(picture, sample.Portrait, 0o600); err != nil {
		t.Fatal(err)
	}
	credentials := c.secrets()
	said := parse[struct {
		File, Chunks, Explicit, Rename, Resource uploadedByNode
		Verified                                 bool
		Tags                                     struct{ PublicIDs []string } `json:"tags"`
		Sprite                                   struct {
			ImageURL string `json:"image_url"`
		}
		Multi   struct{ URL string }
		List    struct{ Resources []uploadedByNode }
		URL     string
		Destroy struct{ Result string }
		Refused struct {
			Message string
			Code    int `json:"http_code"`
		}
	}](t, npm.run("cloudinary.js", "FILE="+picture, "BASE="+c.base, "HOOK="+c.hook("node"),
		"CLOUDINARY_URL=cloudinary://"+credentials.APIKey+":"+credentials.APISecret+"@demo?upload_prefix="+c.base))
	if f := said.File; f.PublicID != "node/one" || len(f.Eager) != 2 || f.Eager[0].Width != 150 || !said.Verified {
		t.Errorf("uploaded %+v, verified %t", f, said.Verified)
	}
	if said.Chunks.PublicID != "node/large" || said.Chunks.Bytes != len(sample.Portrait) {
		t.Errorf("in chunks %+v", said.Chunks)
	}
	if len(said.Explicit.Eager) != 1 || said.Explicit.Eager[0].Width != 40 {
		t.Errorf("explicit %+v", said.Explicit)
	}
	if said.Rename.PublicID != "node/two" || said.Resource.PublicID != "node/two" || len(said.List.Resources) != 2 {
		t.Errorf("renamed %+v, read %+v, listed %+v", said.Rename, said.Resource, said.List)
	}
	if got := c.size(said.Sprite.ImageURL); got != image.Pt(60, 40) {
		t.Errorf("the sheet is %s", got)
	}
	if got := c.size(said.Multi.URL); got.X != 30 {
		t.Errorf("the animation is %s", got)
	}
	if said.Destroy.Result != "ok" || said.Refused.Code != 400 || said.Refused.Message == "" {
		t.Errorf("destroyed %+v, refused %+v", said.Destroy, said.Refused)
	}
	c.told("node")
}

type uploadedByNode struct {
	PublicID string `json:"public_id"`
	Bytes    int
	Eager    []struct{ Width int }
}
