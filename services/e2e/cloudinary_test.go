package e2e_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/gif"
	_ "image/png" // eager pictures
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cloudinary/cloudinary-go/v2"
	"github.com/cloudinary/cloudinary-go/v2/api"
	"github.com/cloudinary/cloudinary-go/v2/api/uploader"

	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
	"github.com/ringback/ringback/services/internal/sample"
)

// cloud is an installation that Cloudinary's SDK has been pointed at, and told nothing else.
type cloud struct {
	*installation
	*receiver
	sdk     *cloudinary.Cloudinary
	context context.Context //nolint:containedctx // of the test
}

func openCloud(t *testing.T) *cloud {
	t.Helper()
	return cloudOn(t, oneProcess(t, "RINGBACK_HTTP_MAX_BODY=64MiB"))
}

func cloudOn(t *testing.T, in *installation) *cloud {
	t.Helper()
	c := &cloud{installation: in, receiver: receive(t, nil), context: t.Context()}
	credentials := c.secrets()
	sdk, err := cloudinary.NewFromURL("cloudinary://" + credentials.APIKey + ":" + credentials.APISecret + "@demo?upload_prefix=" + c.base)
	if err != nil {
		t.Fatal(err)
	}
	c.sdk = sdk
	return c
}

// hook is the address of a receiver of notifications.
func (c *cloud) hook(name string) string { return c.url + "/" + name }

// told waits for a notification, checks its signature with the SDK's own code, and returns it.
func (c *cloud) told(name string) map[string]any {
	c.tb.Helper()
	return c.verified(c.wait(c.tb, name, 1)[0])
}

// verified checks the signature of a notification with the SDK's own code, and returns it.
func (c *cloud) verified(got arrival) map[string]any {
	c.tb.Helper()
	at, err := strconv.ParseInt(got.header.Get("X-Cld-Timestamp"), 10, 64)
	if err != nil {
		c.tb.Fatalf("X-Cld-Timestamp: %v", err)
	}
	if !c.sdk.Upload.VerifyNotificationSignature(got.body, at, got.header.Get("X-Cld-Signature"), 0) {
		c.tb.Errorf("the SDK refuses the signature of %s", got.body)
	}
	var body map[string]any
	if err := json.Unmarshal([]byte(got.body), &body); err != nil {
		c.tb.Fatal(err)
	}
	return body
}

// upload uploads with the SDK, which must succeed and verify the reply.
func (c *cloud) upload(file any, params uploader.UploadParams) *uploader.UploadResult {
	c.tb.Helper()
	result, err := c.sdk.Upload.Upload(c.context, file, params)
	if err != nil || result.Error.Message != "" {
		c.tb.Fatalf("upload: %v %s", err, result.Error.Message)
	}
	if !c.sdk.Upload.VerifyApiResponseSignature(result.PublicID, strconv.Itoa(result.Version), result.Signature) {
		c.tb.Errorf("the SDK refuses the signature of the reply %+v", result)
	}
	return result
}

// get reads an address, which must answer with the status.
func (c *cloud) get(address string, status int, header ...string) (*http.Response, []byte) {
	c.tb.Helper()
	request, err := http.NewRequestWithContext(c.context, http.MethodGet, address, nil)
	if err != nil {
		c.tb.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.tb.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		c.tb.Fatalf("GET %s: %d %s %v, want %d", address, response.StatusCode, response.Header.Get("X-Cld-Error"), err, status)
	}
	return response, body
}

// size is that of the picture at an address.
func (c *cloud) size(address string) image.Point {
	c.tb.Helper()
	_, body := c.get(address, http.StatusOK)
	config, _, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil {
		c.tb.Fatalf("%s: %v", address, err)
	}
	return image.Pt(config.Width, config.Height)
}

// TestCloudinary is what programs do that were written for Cloudinary, with its Go SDK as it is.
func TestCloudinary(t *testing.T) {
	t.Parallel()
	c := openCloud(t)
	photo := sample.Portrait
	config, _, err := image.DecodeConfig(bytes.NewReader(photo))
	if err != nil {
		t.Fatal(err)
	}
	size := image.Pt(config.Width, config.Height)
	stories := map[string]func(*testing.T, *cloud){
		"File": func(t *testing.T, c *cloud) {
			path := filepath.Join(t.TempDir(), "portrait.jpg")
			if err := os.WriteFile(path, photo, 0o600); err != nil {
				t.Fatal(err)
			}
			r := c.upload(path, uploader.UploadParams{
				PublicID: "people/one", Tags: api.CldAPIArray{"faces", "b"}, NotificationURL: c.hook("file"),
				Eager: "c_fill,h_100,w_150|c_scale,e_sepia,w_0.5/png",
			})
			if r.Width != size.X || r.Height != size.Y || r.Format != "jpg" || r.Bytes != len(photo) || r.ResourceType != "image" || r.OriginalFilename != "portrait" {
				t.Errorf("uploaded %+v", r)
			}
			if len(r.Eager) != 2 || r.Eager[0].Width != 150 || r.Eager[0].Height != 100 || r.Eager[1].Format != "png" || r.Eager[1].Width != (size.X+1)/2 {
				t.Errorf("eager %+v", r.Eager)
			}
			if got := c.size(r.Eager[0].URL); got != image.Pt(150, 100) {
				t.Errorf("the eager picture is %s", got)
			}
			if _, body := c.get(r.URL, http.StatusOK); !bytes.Equal(body, photo) {
				t.Errorf("the original has %d bytes, want %d", len(body), len(photo))
			}
			if n := c.told("file"); n["notification_type"] != "upload" || n["public_id"] != "people/one" || n["width"] != float64(size.X) {
				t.Errorf("notification %v", n)
			}
		},
		"URL": func(t *testing.T, c *cloud) {
			r := c.upload(pictureServer(t)+"/portrait.jpg", uploader.UploadParams{Transformation: "c_limit,w_80", UseFilename: new(true), UniqueFilename: new(false)})
			if r.PublicID != "portrait" || r.Width != 80 {
				t.Errorf("uploaded %+v", r)
			}
		},
		"DataURI": func(t *testing.T, c *cloud) {
			r := c.upload("data:image/jpeg;base64,"+base64.StdEncoding.EncodeToString(photo), uploader.UploadParams{})
			if r.Width != size.X || len(r.PublicID) != 20 {
				t.Errorf("uploaded %+v", r)
			}
		},
		"Chunks": func(t *testing.T, c *cloud) {
			large := append(bytes.Clone(photo), make([]byte, 30<<20)...) // what follows a JPEG's end is ignored by all readers
			sdk := *c.sdk
			sdk.Upload.Config.API.ChunkSize = 8_000_000
			path := filepath.Join(t.TempDir(), "large.jpg")
			if err := os.WriteFile(path, large, 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := sdk.Upload.Upload(t.Context(), path, uploader.UploadParams{PublicID: "large"})
			if err != nil || r.Error.Message != "" || r.Bytes != len(large) || r.Width != size.X {
				t.Fatalf("uploaded %+v, %v", r, err)
			}
			if _, body := c.get(r.URL, http.StatusOK); !bytes.Equal(body, large) {
				t.Error("the chunks were not put together as they came")
			}
		},
		"EagerAsync": func(t *testing.T, c *cloud) {
			r := c.upload(bytes.NewReader(photo), uploader.UploadParams{
				Eager: "c_thumb,g_face,h_90,w_90|w_30", EagerAsync: new(true), EagerNotificationURL: c.hook("eager"), NotificationURL: c.hook("eager-upload"),
			})
			if len(r.Eager) != 2 || r.Eager[0].URL == "" || r.Eager[0].Width != 0 {
				t.Errorf("eager %+v", r.Eager)
			}
			n := c.told("eager")
			made, _ := n["eager"].([]any)
			if n["notification_type"] != "eager" || n["public_id"] != r.PublicID || len(made) != 2 || made[0].(map[string]any)["width"] != float64(90) {
				t.Errorf("notification %v", n)
			}
			c.told("eager-upload")
			if got := c.size(r.Eager[1].URL); got.X != 30 {
				t.Errorf("the second is %s", got)
			}
		},
		"Async": func(t *testing.T, c *cloud) {
			r, err := c.sdk.Upload.Upload(t.Context(), bytes.NewReader(photo), uploader.UploadParams{PublicID: "later", Async: new(true), NotificationURL: c.hook("async")})
			raw := rawOf(t, r.Response)
			if err != nil || raw["status"] != "pending" || raw["batch_id"] == "" {
				t.Fatalf("%v %v", raw, err)
			}
			if n := c.told("async"); n["public_id"] != "later" || n["width"] != float64(size.X) {
				t.Errorf("notification %v", n)
			}
		},
		"Broken": func(t *testing.T, c *cloud) {
			r, err := c.sdk.Upload.Upload(t.Context(), strings.NewReader("no picture"), uploader.UploadParams{PublicID: "notes", ResourceType: "image"})
			if err != nil || r.Error.Message == "" {
				t.Errorf("a broken picture: %+v %v", r, err)
			}
			raw := c.upload(strings.NewReader("no picture"), uploader.UploadParams{PublicID: "notes.txt"})
			if raw.ResourceType != "raw" || raw.Bytes != 10 {
				t.Errorf("uploaded %+v", raw)
			}
			if _, body := c.get(raw.URL, http.StatusOK); string(body) != "no picture" {
				t.Errorf("the file is %q", body)
			}
		},
		"Sprite": func(t *testing.T, c *cloud) {
			for _, id := range []string{"face_top", "face_left", "face_center", "front_face"} {
				c.upload(bytes.NewReader(photo), uploader.UploadParams{PublicID: id, Tags: api.CldAPIArray{"sheet"}})
			}
			r, err := c.sdk.Upload.GenerateSprite(t.Context(), uploader.GenerateSpriteParams{Tag: "sheet", Transformation: "c_fill,h_100,w_150", NotificationURL: c.hook("sprite")})
			if err != nil || r.Error.Message != "" || r.PublicID != "sheet" || len(r.ImageInfos) != 4 {
				t.Fatalf("%+v %v", r, err)
			}
			for id, at := range r.ImageInfos {
				if at.Width != 150 || at.Height != 100 {
					t.Errorf("%s is at %+v", id, at)
				}
			}
			c.size(r.ImageURL)
			if _, css := c.get(r.CSSURL, http.StatusOK); !bytes.Contains(css, []byte(".face_top")) {
				t.Errorf("css %s", css)
			}
			if _, body := c.get(r.JSONURL, http.StatusOK); !json.Valid(body) || !bytes.Contains(body, []byte("front_face")) {
				t.Errorf("json %s", body)
			}
			if n := c.told("sprite"); n["notification_type"] != "sprite" || len(n["image_infos"].(map[string]any)) != 4 {
				t.Errorf("notification %v", n)
			}
			later, err := c.sdk.Upload.GenerateSprite(t.Context(), uploader.GenerateSpriteParams{Tag: "sheet", Async: new(true), NotificationURL: c.hook("sprite-async")})
			raw := rawOf(t, later.Response)
			if err != nil || raw["status"] != "processing" {
				t.Fatalf("%v %v", raw, err)
			}
			if n := c.told("sprite-async"); n["batch_id"] != raw["batch_id"] {
				t.Errorf("notification %v, reply %v", n, raw)
			}
		},
		"Multi": func(t *testing.T, c *cloud) {
			for _, id := range []string{"frame1", "frame2", "frame3"} {
				c.upload(bytes.NewReader(photo), uploader.UploadParams{PublicID: id, Tags: api.CldAPIArray{"frames"}})
			}
			gif, err := c.sdk.Upload.Multi(t.Context(), uploader.MultiParams{Tag: "frames", Transformation: "c_scale,w_60,dl_200", NotificationURL: c.hook("multi")})
			if err != nil || gif.Error.Message != "" || gif.PublicID != "frames" {
				t.Fatalf("%+v %v", gif, err)
			}
			if _, body := c.get(gif.URL, http.StatusOK); !bytes.HasPrefix(body, []byte("GIF8")) || framesOf(t, body) != 3 {
				t.Errorf("the animation has %d bytes", len(body))
			}
			if n := c.told("multi"); n["notification_type"] != "multi" || n["public_id"] != "frames" {
				t.Errorf("notification %v", n)
			}
			pdf, err := c.sdk.Upload.Multi(t.Context(), uploader.MultiParams{Tag: "frames", Format: "pdf"})
			if err != nil || pdf.Error.Message != "" {
				t.Fatalf("%+v %v", pdf, err)
			}
			if _, body := c.get(pdf.URL, http.StatusOK); !bytes.HasPrefix(body, []byte("%PDF")) {
				t.Errorf("the document begins with %.20q", body)
			}
			source := pictureServer(t) + "/portrait.jpg"
			webp := c.base + "/v1_1/demo/image/multi?urls[]=" + source + "&urls[]=" + source + "&transformation=c_scale,w_50,f_webp&mode=download"
			if _, body := c.get(webp, http.StatusOK, "Authorization", "Bearer "+c.secrets().Token); !bytes.HasPrefix(body, []byte("RIFF")) {
				t.Errorf("the animation begins with %.20q", body)
			}
			download := c.base + "/v1_1/demo/image/multi?tag=frames&transformation=c_scale,w_40&mode=download"
			if response, body := c.get(download, http.StatusOK, "Authorization", "Bearer "+c.secrets().Token); framesOf(t, body) != 3 ||
				!strings.HasPrefix(response.Header.Get("Content-Disposition"), "attachment") {
				t.Errorf("downloaded %d bytes, %s", len(body), response.Header.Get("Content-Disposition"))
			}
		},
		"Explode": func(t *testing.T, c *cloud) {
			r := c.upload(bytes.NewReader(imagingtest.PDF(10, "0 0 200 100")), uploader.UploadParams{PublicID: "ten"})
			if r.Pages != 10 || r.Format != "pdf" {
				t.Errorf("uploaded %+v", r)
			}
			e, err := c.sdk.Upload.Explode(t.Context(), uploader.ExplodeParams{PublicID: "ten", Format: "png", NotificationURL: c.hook("explode")})
			if err != nil || e.Status != "processing" || e.BatchID == "" {
				t.Fatalf("%+v %v", e, err)
			}
			n := c.told("explode")
			pages, _ := n["image_infos"].([]any)
			if n["batch_id"] != e.BatchID || n["pages"] != float64(10) || len(pages) != 10 {
				t.Fatalf("notification %v", n)
			}
			for _, page := range pages {
				if got := c.size(page.(map[string]any)["url"].(string)); got != image.Pt(200, 100) {
					t.Errorf("a page is %s", got)
				}
			}
		},
		"Delivery": func(t *testing.T, c *cloud) {
			r := c.upload(bytes.NewReader(photo), uploader.UploadParams{PublicID: "look"})
			base := strings.TrimSuffix(r.URL, "v"+strconv.Itoa(r.Version)+"/look.jpg")
			if got := c.size(base + "c_crop,w_40,h_30/look.png"); got != image.Pt(40, 30) {
				t.Errorf("made on demand: %s", got)
			}
			response, _ := c.get(base+"w_50/look.jpg", http.StatusOK)
			etag := response.Header.Get("ETag")
			c.get(base+"w_50/look.jpg", http.StatusNotModified, "If-None-Match", etag)
			if ranged, body := c.get(r.URL, http.StatusPartialContent, "Range", "bytes=0-9"); len(body) != 10 || !strings.HasPrefix(ranged.Header.Get("Content-Range"), "bytes 0-9/") {
				t.Errorf("a range has %d bytes, %s", len(body), ranged.Header.Get("Content-Range"))
			}
			auto, body := c.get(base+"f_auto,w_50/look", http.StatusOK, "Accept", "image/webp,*/*")
			if auto.Header.Get("Content-Type") != "image/webp" || auto.Header.Get("Vary") != "Accept" || !bytes.HasPrefix(body, []byte("RIFF")) {
				t.Errorf("f_auto: %s", auto.Header.Get("Content-Type"))
			}
			bad, _ := c.get(base+"w_abc/look.jpg", http.StatusBadRequest)
			if !strings.Contains(bad.Header.Get("X-Cld-Error"), "width") {
				t.Errorf("X-Cld-Error is %q", bad.Header.Get("X-Cld-Error"))
			}
			c.get(base+"nobody.jpg", http.StatusNotFound)
			if got := c.size(base + "c_scale,d_look.jpg,w_45/nobody.jpg"); got.X != 45 {
				t.Errorf("in the place of a missing picture: %s", got)
			}
			if _, info := c.get(base+"c_fill,fl_getinfo,h_30,w_40/look.jpg", http.StatusOK); !bytes.Contains(info, []byte(`"output":{"width":40,"height":30`)) {
				t.Errorf("fl_getinfo: %s", info)
			}
			if saved, _ := c.get(base+"fl_attachment:mine/look.jpg", http.StatusOK); saved.Header.Get("Content-Disposition") != `attachment; filename="mine.jpg"` {
				t.Errorf("fl_attachment: %s", saved.Header.Get("Content-Disposition"))
			}
		},
	}
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inner := *c
			in := *c.installation
			in.tb = t
			inner.installation, inner.context = &in, t.Context()
			story(t, &inner)
		})
	}
}

// TestCloudinary_OneRendering asks for one derived picture a hundred times at once.
func TestCloudinary_OneRendering(t *testing.T) {
	t.Parallel()
	c := openCloud(t)
	r := c.upload(bytes.NewReader(sample.Portrait), uploader.UploadParams{PublicID: "once"})
	var asking sync.WaitGroup
	for range 100 {
		asking.Go(func() {
			if got := c.size(strings.Replace(r.URL, "/upload/", "/upload/c_fill,w_33,h_44/", 1)); got != image.Pt(33, 44) {
				t.Errorf("got %s", got)
			}
		})
	}
	asking.Wait()
	c.processes[0].stop() // whatever was begun ends, and is in the log
	if n := strings.Count(c.processes[0].logged(), "job ended"); n != 2 {
		t.Errorf("%d jobs ended, want the upload and one rendering", n)
	}
}

// framesOf counts the frames of an animation.
func framesOf(t *testing.T, body []byte) int {
	t.Helper()
	animation, err := gif.DecodeAll(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return len(animation.Image)
}

// rawOf is a reply as it came, beside what the SDK knows of it.
func rawOf(t *testing.T, response any) map[string]any {
	t.Helper()
	text, err := json.Marshal(response)
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	return raw
}
