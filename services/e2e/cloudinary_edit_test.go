package e2e_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/cloudinary/cloudinary-go/v2/api"
	"github.com/cloudinary/cloudinary-go/v2/api/uploader"
	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/sample"
)

// TestCloudinary_Edit changes an asset in every way that there is. The application has one address for all notifications,
// and each change is announced there.
func TestCloudinary_Edit(t *testing.T) {
	t.Parallel()
	c := openCloud(t)
	c.settings(fmt.Sprintf(`{"cloudinary":{"notification_urls":[%q]}}`, c.hook("all")))
	c.upload(bytes.NewReader(sample.Portrait), uploader.UploadParams{PublicID: "edit/a"})
	both := []string{"edit/a", "edit/none"}

	tagged, err := c.sdk.Upload.AddTag(t.Context(), uploader.AddTagParams{Tag: "x", PublicIDs: both})
	if err != nil || !slices.Equal(tagged.PublicIDs, both[:1]) {
		t.Errorf("%+v %v", tagged, err)
	}
	noted, err := c.sdk.Upload.AddContext(t.Context(), uploader.AddContextParams{Context: api.CldAPIMap{"alt": "a face"}, PublicIDs: both})
	if err != nil || !slices.Equal(noted.PublicIDs, both[:1]) {
		t.Errorf("%+v %v", noted, err)
	}
	for _, place := range []string{"hall", ""} {
		filed, err := c.sdk.Upload.UpdateMetadata(t.Context(), uploader.UpdateMetadataParams{
			Metadata: api.CldAPIMap{"place": place, "year": "2013"}, PublicIDs: both,
		})
		if err != nil || !slices.Equal(filed.PublicIDs, both[:1]) {
			t.Errorf("%+v %v", filed, err)
		}
	}
	explicit, err := c.sdk.Upload.Explicit(t.Context(), uploader.ExplicitParams{PublicID: "edit/a", Type: "upload", Eager: "w_20"})
	if err != nil || len(explicit.Eager) != 1 || explicit.Eager[0].Width != 20 {
		t.Errorf("%+v %v", explicit, err)
	}
	if !maps.Equal(explicit.Metadata, api.Metadata{"year": "2013"}) || !slices.Equal(explicit.Tags, []string{"x"}) {
		t.Errorf("metadata %v, tags %v", explicit.Metadata, explicit.Tags)
	}
	renamed, err := c.sdk.Upload.Rename(t.Context(), uploader.RenameParams{FromPublicID: "edit/a", ToPublicID: "edit/b"})
	if err != nil || renamed.Error != nil || renamed.PublicID != "edit/b" {
		t.Errorf("%+v %v", renamed, err)
	}
	for _, want := range []string{"ok", "not found"} {
		gone, err := c.sdk.Upload.Destroy(t.Context(), uploader.DestroyParams{PublicID: "edit/b"})
		if err != nil || gone.Result != want {
			t.Errorf("%+v %v, want %s", gone, err, want)
		}
	}

	for _, folder := range []string{"assets", "derived"} {
		err := filepath.WalkDir(filepath.Join(c.data, "blobs", folder), func(path string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				t.Errorf("of what was destroyed there is still %s", path)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}

	want := map[string]int{
		"upload": 2, "resource_tags_changed": 1, "resource_context_changed": 1, "resource_metadata_changed": 2, "rename": 1, "delete": 1,
	}
	got := map[string]int{}
	for _, one := range c.wait(t, "all", 8) {
		got[fmt.Sprint(c.verified(one)["notification_type"])]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("notifications (-want +got):\n%s", diff)
	}
}
