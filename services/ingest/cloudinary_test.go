package ingest_test

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/ingest"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/job"
)

// sign signs a call as the clients of the format do.
func (h *house) sign(form url.Values) url.Values {
	signed := url.Values{}
	var pairs []string
	for name, values := range form {
		signed[name] = values
		if name != "file" {
			pairs = append(pairs, strings.TrimSuffix(name, "[]")+"="+strings.ReplaceAll(strings.Join(values, ","), "&", "%26"))
		}
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	pairs = append(pairs, "timestamp="+stamp)
	slices.Sort(pairs)
	sum := sha1.Sum([]byte(strings.Join(pairs, "&") + h.app.Secrets.APISecret.Reveal()))
	signed.Set("timestamp", stamp)
	signed.Set("api_key", h.app.Secrets.APIKey.Reveal())
	signed.Set("signature", hex.EncodeToString(sum[:]))
	return signed
}

// call posts a form to an action as some clients do: without a Content-Type.
func (h *house) call(path string, form url.Values) reply {
	h.Helper()
	return h.send(http.MethodPost, path, strings.NewReader(form.Encode()), "Authorization", "")
}

// wantRefused fails unless a call was refused in the format's shape.
func (h *house) wantRefused(r reply, status int, message string) {
	h.Helper()
	var body struct{ Error struct{ Message string } }
	if err := json.Unmarshal([]byte(r.body), &body); err != nil || r.StatusCode != status || !strings.Contains(body.Error.Message, message) {
		h.Errorf("got %d %s, want %d and a message with %q", r.StatusCode, r.body, status, message)
	}
	if r.Header.Get("X-Cld-Error") == "" {
		h.Error("no X-Cld-Error")
	}
}

func TestCloudinary_Refuses(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *ingest.Config) { c.MaxBody = 2 * config.MB })
	const upload = "/v1_1/demo/image/upload"
	picture := url.Values{"file": {"http://127.0.0.1:1/a.jpg"}}
	with := func(pairs ...string) url.Values {
		form := url.Values{"file": picture["file"]}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		return form
	}
	signed := h.sign(picture)
	changed := func(name, value string) url.Values {
		form := url.Values{}
		maps.Copy(form, signed)
		form.Set(name, value)
		return form
	}
	tests := map[string]struct {
		path    string
		form    url.Values
		status  int
		message string
	}{
		"Cloud":          {"/v1_1/nobody/image/upload", signed, 401, "Invalid cloud_name nobody"},
		"OtherCloud":     {"/v1_1/other/image/upload", signed, 401, "Unknown API key"},
		"Key":            {upload, changed("api_key", "123"), 401, "Unknown API key 123"},
		"NoKey":          {upload, picture, 400, "Missing required parameter - api_key"},
		"Signature":      {upload, changed("public_id", "x"), 401, "Invalid Signature"},
		"Stale":          {upload, changed("timestamp", "5"), 400, "Stale request"},
		"Preset":         {upload, with("upload_preset", "none"), 400, "Upload preset not found"},
		"Action":         {"/v1_1/demo/image/fly", signed, 404, "nothing at"},
		"ResourceType":   {"/v1_1/demo/video/upload", signed, 400, "Invalid resource_type video"},
		"NoFile":         {upload, h.sign(url.Values{"public_id": {"a"}}), 400, "Missing required parameter - file"},
		"PublicID":       {upload, h.sign(with("public_id", "a?b")), 400, "is invalid"},
		"Type":           {upload, h.sign(with("type", "odd")), 400, "Invalid type odd"},
		"Transformation": {upload, h.sign(with("transformation", "w_abc")), 400, "Invalid width"},
		"Eager":          {upload, h.sign(with("eager", "c_fill,w_9|x_")), 400, "Invalid"},
		"EagerName":      {upload, h.sign(with("eager", "t_nobody")), 400, "nobody"},
		"Faces":          {upload, h.sign(with("face_coordinates", "1,2,3")), 400, "face_coordinates"},
		"NotifyInside":   {upload, h.sign(with("notification_url", "http://10.0.0.1/hook")), 400, "notification_url"},
		"SourceInside":   {upload, h.sign(url.Values{"file": {"http://169.254.169.254/latest"}}), 400, "Error in loading"},
		"Scheme":         {upload, h.sign(url.Values{"file": {"ftp://127.0.0.1/a.jpg"}}), 400, "Unsupported source URL"},
		"DataURI":        {upload, h.sign(url.Values{"file": {"data:image/png;base64,%%%"}}), 400, "data URI"},
		"Destroy":        {"/v1_1/demo/image/destroy", h.sign(url.Values{}), 400, "public_id"},
		"Rename":         {"/v1_1/demo/image/rename", h.sign(url.Values{"from_public_id": {"a"}, "to_public_id": {"b"}}), 404, "Resource not found - a"},
		"Explicit":       {"/v1_1/demo/image/explicit", h.sign(url.Values{"public_id": {"a"}, "type": {"upload"}}), 404, "Resource not found - a"},
		"Explode":        {"/v1_1/demo/image/explode", h.sign(url.Values{"public_id": {"a"}, "transformation": {"w_9"}}), 400, "pg_all"},
		"Sprite":         {"/v1_1/demo/image/sprite", h.sign(url.Values{}), 400, "tag"},
		"SpriteOfNone":   {"/v1_1/demo/image/sprite", h.sign(url.Values{"tag": {"none"}}), 404, "No images"},
		"Command":        {"/v1_1/demo/image/tags", h.sign(url.Values{"command": {"fly"}, "public_ids[]": {"a"}}), 400, "Invalid command fly"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := h.in(t)
			in.wantRefused(in.call(test.path, test.form), test.status, test.message)
		})
	}
	t.Run("Admin", func(t *testing.T) {
		t.Parallel()
		in := h.in(t)
		in.wantRefused(in.send(http.MethodGet, "/v1_1/demo/resources/image", nil, "Authorization", ""), 401, "Authorization")
		in.wantRefused(in.send(http.MethodGet, "/v1_1/demo/ping", nil, "Authorization", "Basic bm86bm8="), 401, "Invalid credentials")
	})
	t.Run("Chunk", func(t *testing.T) {
		t.Parallel()
		in := h.in(t)
		for _, asked := range []string{"bytes 0-4/3", "bytes 5-4/9", "octets 0-1/2", "bytes 0-99999999/100000000"} {
			r := in.send(http.MethodPost, upload, strings.NewReader("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nabc\r\n--b--"),
				"Authorization", "Bearer "+in.app.Secrets.Token.Reveal(), "Content-Type", "multipart/form-data; boundary=b",
				"X-Unique-Upload-Id", "u", "Content-Range", asked)
			in.wantRefused(r, 400, "")
		}
	})
}

// TestCloudinary_Unsigned uploads from a browser, as a preset allows.
func TestCloudinary_Unsigned(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	patch := `{"cloudinary":{"presets":{"open":{"unsigned":"true","tags":"from_web,b","folder":"web","async":"true"},"closed":{"tags":"c"}}}}`
	if r := h.send(http.MethodPatch, "/v1/application/settings", strings.NewReader(patch), "Content-Type", "application/merge-patch+json"); r.StatusCode != 200 {
		t.Fatalf("%d %s", r.StatusCode, r.body)
	}
	form := url.Values{"file": {"http://127.0.0.1:1/a.jpg"}, "upload_preset": {"open"}, "public_id": {"x"}, "tags": {"mine"}}
	deadline := time.Now().Add(time.Minute)
	for {
		r := h.call("/v1_1/demo/image/upload", form)
		if r.StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d %s", r.StatusCode, r.body)
		}
	}
	j, record, _ := h.newest(job.Standard, "demo")
	if j.Keep == nil || j.Keep.Asset.PublicID != "web/x" || !slices.Equal(j.Keep.Asset.Tags, []string{"from_web", "b"}) || record.Dialect != "cloudinary" {
		t.Errorf("the job keeps %+v", j.Keep)
	}
	form.Set("eager", "w_9")
	h.wantRefused(h.call("/v1_1/demo/image/upload", form), 400, "eager parameter is not allowed")
	form.Del("eager")
	form.Set("upload_preset", "closed")
	h.wantRefused(h.call("/v1_1/demo/image/upload", form), 400, "whitelisted")
}
