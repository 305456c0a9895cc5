package e2e_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/cloudinary/cloudinary-go/v2/api"
	"github.com/cloudinary/cloudinary-go/v2/api/uploader"
	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/sample"
)

// What Cloudinary published in 2013, host names shortened.
const (
	seedUpload = `{"public_id":"djhoeaqcynvogt9xzbn9","version":1368881626,"width":864,"height":576,"format":"jpg","resource_type":"image","created_at":"2013-05-18T12:53:46Z","bytes":120253,"type":"upload","url":"https://r/a.jpg","secure_url":"https://r/a.jpg"}`
	seedEager  = `{"batch_id":"c0ed79e610f0636d15a1353a0a866933","notification_type":"eager","eager":[{"width":150,"height":100,"url":"https://r/a.jpg","secure_url":"https://r/a.jpg"},{"width":432,"height":288,"url":"https://r/a.jpg","secure_url":"https://r/a.jpg"}]}`
	seedSprite = `{"batch_id":"f97c6bf03074d9641f1a9c9b6bcebef7","css_url":"https://r/a.css","image_url":"https://r/a.png","secure_css_url":"https://r/a.css","json_url":"https://r/a.json","version":1368882583,"image_infos":{"face_center":{"width":150,"height":100,"x":0,"y":0},"face_left":{"width":150,"height":100,"x":152,"y":0}},"notification_type":"sprite"}`
	seedReply  = `{"status":"processing","batch_id":"163a919cde8f9317d6ee0fbfe6375dc4"}`
)

// shape is a JSON value with the kinds of values in the place of the values.
func shape(value any) any {
	switch v := value.(type) {
	case map[string]any:
		shapes := map[string]any{}
		for name, inner := range v {
			shapes[name] = shape(inner)
		}
		return shapes
	case []any:
		shapes := make([]any, len(v))
		for i, inner := range v {
			shapes[i] = shape(inner)
		}
		return shapes
	default:
		return fmt.Sprintf("%T", v)
	}
}

func shapeOf(tb testing.TB, text []byte) any {
	tb.Helper()
	return shape(parse[any](tb, text))
}

// TestCloudinary_Seed makes the calls of the published examples. With the setting classic the notifications have their
// fields and no others, without it these and more.
func TestCloudinary_Seed(t *testing.T) {
	t.Parallel()
	c := openCloud(t)
	for _, classic := range []bool{true, false} {
		c.settings(fmt.Sprintf(`{"cloudinary":{"classic":%t}}`, classic))
		prefix := fmt.Sprintf("classic-%t-", classic)
		c.upload(bytes.NewReader(sample.Portrait), uploader.UploadParams{
			NotificationURL: c.hook(prefix + "upload"), Eager: "c_fill,h_100,w_150|c_scale,e_sepia,w_0.5", EagerAsync: new(true),
			EagerNotificationURL: c.hook(prefix + "eager"),
		})
		for _, id := range []string{"face_center", "face_left"} {
			c.upload(bytes.NewReader(sample.Portrait), uploader.UploadParams{PublicID: id, Tags: api.CldAPIArray{"faces"}})
		}
		sprite, err := c.sdk.Upload.GenerateSprite(t.Context(), uploader.GenerateSpriteParams{
			Tag: "faces", Transformation: "c_fill,h_100,w_150", Async: new(true), NotificationURL: c.hook(prefix + "sprite"),
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(shapeOf(t, []byte(seedReply)), shape(rawOf(t, sprite.Response))); diff != "" {
			t.Errorf("reply (-want +got):\n%s", diff)
		}
		for name, want := range map[string]string{"upload": seedUpload, "eager": seedEager, "sprite": seedSprite} {
			c.told(prefix + name)
			got := c.wait(t, prefix+name, 1)[0]
			sum := sha1.Sum([]byte(got.body + got.header.Get("X-Cld-Timestamp") + c.secrets().APISecret))
			if hex.EncodeToString(sum[:]) != got.header.Get("X-Cld-Signature") {
				t.Errorf("%s: the published rule gives another signature", name)
			}
			gotShape, wantShape := shapeOf(t, []byte(got.body)).(map[string]any), shapeOf(t, []byte(want)).(map[string]any)
			if !classic {
				gotShape = only(gotShape, wantShape)
			}
			if diff := cmp.Diff(wantShape, gotShape); diff != "" {
				t.Errorf("classic %t, %s (-want +got):\n%s\n%s", classic, name, diff, got.body)
			}
			var compact bytes.Buffer
			if err := json.Compact(&compact, []byte(got.body)); err != nil || compact.String() != got.body {
				t.Errorf("%s is not compact: %v", name, err)
			}
		}
	}
}

// only keeps of a shape what another one has, in lists and objects within it, too.
func only(shape, like map[string]any) map[string]any {
	kept := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(like)) {
		value, there := shape[name]
		if !there {
			continue
		}
		if list, ok := value.([]any); ok {
			wanted, _ := like[name].([]any)
			for i := range list {
				if inner, ok := list[i].(map[string]any); ok && i < len(wanted) {
					list[i] = only(inner, wanted[i].(map[string]any))
				}
			}
		}
		kept[name] = value
	}
	return kept
}

// settings changes the application's settings, and waits until they are known.
func (c *cloud) settings(patch string) {
	c.tb.Helper()
	status, raw, err := c.do(http.MethodPatch, "/v1/application/settings", "application/merge-patch+json", c.installation.secrets().Token, []byte(patch))
	if err != nil || status != http.StatusOK {
		c.tb.Fatalf("settings: %d %s %v", status, raw, err)
	}
}
