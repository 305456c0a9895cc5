package cloudinary_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cloudinary/cloudinary-go/v2/api"
	"github.com/cloudinary/cloudinary-go/v2/api/admin"
	"github.com/cloudinary/cloudinary-go/v2/api/uploader"
	"github.com/cloudinary/cloudinary-go/v2/config"
	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/internal/asset"
	"github.com/ringback/ringback/services/internal/signing"
)

// provider answers Go's library out of this package, checking every signature as an installation would.
type provider struct {
	mu    sync.Mutex
	reply []byte
	calls []arrived
}

// arrived is a call as it arrived.
type arrived struct {
	path    string
	request cloudinary.Request
	chunk   cloudinary.Chunk
	err     error
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := arrived{path: r.URL.Path}
	if c.request, c.err = cloudinary.ReadRequest(r.Header.Get("Content-Type"), r.URL.Query(), r.Body, limits); c.err == nil {
		_, _, basic := r.BasicAuth()
		if c.request.Params.Get("unsigned") != "true" && !basic {
			c.err = cloudinary.CheckSignature(c.request.Params, []string{"secret"}, time.Now())
		}
	}
	if c.err == nil {
		c.chunk, c.err = cloudinary.ChunkOf(r.Header.Get("X-Unique-Upload-Id"), r.Header.Get("Content-Range"))
	}
	p.calls = append(p.calls, c)
	_, _ = w.Write(p.reply)
}

// only returns the one call that came since.
func (p *provider) only(t *testing.T) arrived {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.calls) != 1 || p.calls[0].err != nil {
		t.Fatalf("got %+v, want one good call", p.calls)
	}
	c := p.calls[0]
	p.calls = nil
	return c
}

// configuring keeps apart what the library does with one decoder for all.
var configuring sync.Mutex

func connect(t *testing.T, reply []byte, query string) (*provider, *uploader.API, *admin.API) {
	t.Helper()
	p := &provider{reply: reply}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	configuring.Lock()
	defer configuring.Unlock()
	c, err := config.NewFromURL("cloudinary://key:secret@demo?upload_prefix=" + server.URL + query)
	if err != nil {
		t.Fatal(err)
	}
	up, err := uploader.NewWithConfiguration(c)
	if err != nil {
		t.Fatal(err)
	}
	adm, err := admin.NewWithConfiguration(c)
	if err != nil {
		t.Fatal(err)
	}
	return p, up, adm
}

// TestGo_Uploads sends every way that Go's library has to send a file, and reads the reply with it.
func TestGo_Uploads(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a b.png")
	if err := os.WriteFile(path, []byte("\x89PNG"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := eagerDetails(cloudinary.KindEager)
	reply := cloudinary.UploadReply(cloudinary.Uploaded{
		Asset: photo(), Site: site, Derived: d.Pictures(eagerResult), APIKey: "key", Secret: "secret",
	})
	params := uploader.UploadParams{
		PublicID: "p", Tags: []string{"a", "b"}, Context: api.CldAPIMap{"alt": "x & y"}, Eager: "c_fill,h_100,w_150|e_sepia/png",
		EagerAsync: new(true), NotificationURL: "http://h/n?a=1&b=2", ResourceType: "image", UseFilename: new(false),
		FaceCoordinates: api.Coordinates{{1, 2, 3, 4}, {5, 6, 7, 8}}, AutoTagging: 0.5,
	}
	for _, query := range []string{"", "&signature_algorithm=sha256", "&signature_version=1"} {
		p, up, _ := connect(t, reply, query)
		for name, file := range map[string]any{
			"path": path, "reader": strings.NewReader("\x89PNG"), "data": "data:image/png;base64,iVBORw==", "url": "https://example.com/x.png",
		} {
			got, err := up.Upload(t.Context(), file, params)
			if err != nil {
				t.Fatal(err)
			}
			c := p.only(t)
			u, err := cloudinary.ParseUpload("auto", c.request)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if c.path != "/v1_1/demo/auto/upload" || u.ResourceType != asset.Image || len(u.Eager) != 2 || len(u.Faces) != 2 || len(u.Tags) != 2 ||
				u.Context["alt"] != "x & y" || !u.EagerAsync || u.NotificationURL != params.NotificationURL || !strings.HasPrefix(string(u.Data)+u.FileURL, map[string]string{
				"url": "https://example.com/x.png",
			}[name]) || name != "url" && string(u.Data) != "\x89PNG" {
				t.Errorf("%s: got %+v", name, u)
			}
			checkUploadResult(t, *got)
		}
	}
}

func checkUploadResult(t *testing.T, got uploader.UploadResult) {
	t.Helper()
	want := photo()
	facts := []any{got.AssetID, got.PublicID, got.Version, got.Width, got.Format, got.CreatedAt.Unix(), []string(got.Tags), got.Pages, got.Bytes, got.Etag, got.OriginalFilename, got.Error.Message}
	wanted := []any{want.ID, want.PublicID, int(want.Version), want.Width, "jpg", want.CreatedAt.Unix(), want.Tags, 1, int(want.Bytes), want.ETag, "sample", ""}
	if diff := cmp.Diff(wanted, facts); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if len(got.Eager) != 3 || got.Eager[0].Width != 959 || got.Eager[1].Transformation != "q_auto/png" {
		t.Errorf("eager: %+v", got.Eager)
	}
	if got.Signature != cloudinary.ResponseSignature(want.PublicID, want.Version, "secret") {
		t.Errorf("signature: %s", got.Signature)
	}
}

func TestGo_UnsignedAndChunks(t *testing.T) {
	t.Parallel()
	p, up, _ := connect(t, cloudinary.ChunkReply(photo().Ref, 5), "&chunk_size=5")
	if _, err := up.UnsignedUpload(t.Context(), "https://example.com/x.png", "preset", uploader.UploadParams{}); err != nil {
		t.Fatal(err)
	}
	u, err := cloudinary.ParseUpload("auto", p.only(t).request)
	if err == nil {
		_, err = u.WithPreset(map[string]string{"folder": "f"})
	}
	if err != nil || !u.Unsigned || u.Preset != "preset" {
		t.Errorf("got %+v, %v", u, err)
	}
	path := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(path, []byte("0123456789ab"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := up.Upload(t.Context(), path, uploader.UploadParams{}); err != nil {
		t.Fatal(err)
	}
	var data string
	for i, c := range p.calls {
		if c.err != nil || c.chunk.Total != 12 || c.chunk.Last() != (i == 2) || len(c.chunk.ID) != 16 {
			t.Errorf("got %+v", c)
		}
		data += string(c.request.File.Data)
	}
	if data != "0123456789ab" {
		t.Errorf("got %q", data)
	}
}

// TestGo_Calls sends every other call, reads it, and reads the reply with the library.
func TestGo_Calls(t *testing.T) {
	t.Parallel()
	sprite := asset.Asset{Ref: asset.Ref{ResourceType: asset.Image, Type: asset.Sprite, PublicID: "logo"}, Version: 5, Format: "png", Sprites: sheet}
	ids := strings.Split("a,b,c,d,e,f,g,h,i,j,k,l", ",") // more than ten: the library signs them in another order
	for name, row := range map[string]struct {
		reply []byte
		send  func(context.Context, *uploader.API, *admin.API) (any, error)
		parse func(string, cloudinary.Request) (any, error)
		path  string
		check func(parsed, result any) bool
	}{
		"Explicit": {
			cloudinary.UploadReply(cloudinary.Uploaded{Asset: photo(), Site: site}),
			func(ctx context.Context, up *uploader.API, _ *admin.API) (any, error) {
				return up.Explicit(ctx, uploader.ExplicitParams{PublicID: "a", Type: "upload", Eager: "w_1", ResourceType: "image"})
			},
			call(cloudinary.ParseExplicit), "image/explicit",
			func(parsed, result any) bool {
				return parsed.(cloudinary.Upload).PublicID == "a" && result.(*uploader.ExplicitResult).Width == 1920
			},
		},
		"Pending": {
			cloudinary.PendingReply(photo().Ref, "b"),
			func(ctx context.Context, up *uploader.API, _ *admin.API) (any, error) {
				return up.Upload(ctx, "http://h/x", uploader.UploadParams{Async: new(true)})
			},
			call(cloudinary.ParseUpload), "auto/upload",
			func(parsed, result any) bool {
				raw := *result.(*uploader.UploadResult).Response.(*map[string]any)
				return parsed.(cloudinary.Upload).Async && raw["batch_id"] == "b"
			},
		},
		"Failed": {
			cloudinary.ErrorReply("Resource not found - a"),
			func(ctx context.Context, up *uploader.API, _ *admin.API) (any, error) {
				return up.Upload(ctx, "http://h/x", uploader.UploadParams{})
			},
			call(cloudinary.ParseUpload), "auto/upload",
			func(_, result any) bool {
				return result.(*uploader.UploadResult).Error.Message == "Resource not found - a"
			},
		},
		"Destroy": {
			cloudinary.DestroyReply(true),
			func(ctx context.Context, up *uploader.API, _ *admin.API) (any, error) {
				return up.Destroy(ctx, uploader.DestroyParams{PublicID: "a", Invalidate: new(true)})
			},
			call(cloudinary.ParseDestroy), "image/destroy",
			func(parsed, result any) bool {
				return parsed.(cloudinary.Destroy).Invalidate && result.(*uploader.DestroyResult).Result == "ok"
			},
		},
		"Rename": {
			cloudinary.ResourceReply(photo(), site, nil),
			func(ctx context.Context, up *uploader.API, _ *admin.API) (any, error) {
				return up.Rename(ctx, uploader.RenameParams{FromPublicID: "a", ToPublicID: "b", Overwrite: new(true)})
			},
			call(cloudinary.ParseRename), "image/rename",
			func(parsed, result any) bool {
				got := result.(*uploader.RenameResult)
				return parsed.(cloudinary.Rename).Overwrite && got.Width == 1920 && got.Version == 1719307544 && got.Error == nil
			},
		},
		"Tags": {
			cloudinary.TagsReply(ids),
			func(ctx context.Context, up *uploader.API, _ *admin.API) (any, error) {
				return up.AddTag(ctx, uploader.AddTagParams{Tag: "t", PublicIDs: ids})
			},
			call(cloudinary.ParseTags), "image/tags",
			func(parsed, result any) bool {
				return cmp.Equal(parsed.(cloudinary.Tags).PublicIDs, ids) && len(result.(*uploader.AddTagResult).PublicIDs) == len(ids)
			},
		},
		"TagsByNone": {
			cloudinary.TagsReply(nil),
			func(ctx context.Context, up *uploader.API, _ *admin.API) (any, error) {
				return up.ReplaceTag(ctx, uploader.ReplaceTagParams{PublicIDs: []string{"a"}})
			},
			call(cloudinary.ParseTags), "image/tags",
			func(parsed, _ any) bool { return parsed.(cloudinary.Tags).Command == cloudinary.Replace },
		},
		"Context": {
			cloudinary.TagsReply([]string{"a"}),
			func(ctx context.Context, up *uploader.API, _ *admin.API) (any, error) {
				return up.AddContext(ctx, uploader.AddContextParams{Context: api.CldAPIMap{"k": "v"}, PublicIDs: []string{"a", "b"}})
			},
			call(cloudinary.ParseContext), "image/context",
			func(parsed, _ any) bool { return len(parsed.(cloudinary.Context).PublicIDs) == 2 },
		},
		"Sprite": {
			cloudinary.SpriteReply(sprite, site),
			func(ctx context.Context, up *uploader.API, _ *admin.API) (any, error) {
				return up.GenerateSprite(ctx, uploader.GenerateSpriteParams{Tag: "logo", Transformation: "w_1"})
			},
			call(cloudinary.ParseSprite), "image/sprite",
			func(parsed, result any) bool {
				got := result.(*uploader.GenerateSpriteResult)
				return parsed.(cloudinary.Gathering).Transformation == "w_1" && got.ImageInfos["face_left_b7ikxf"].X == 152 && got.PublicID == "logo" && got.SecureJSONURL != ""
			},
		},
		"Multi": {
			cloudinary.MultiReply(photo(), site),
			func(ctx context.Context, up *uploader.API, _ *admin.API) (any, error) {
				return up.Multi(ctx, uploader.MultiParams{Tag: "faces", Format: "pdf", Async: new(true)})
			},
			call(cloudinary.ParseMulti), "image/multi",
			func(parsed, result any) bool {
				return parsed.(cloudinary.Gathering).Format == "pdf" && result.(*uploader.MultiResult).Version == 1719307544
			},
		},
		"Explode": {
			cloudinary.ProcessingReply("b"),
			func(ctx context.Context, up *uploader.API, _ *admin.API) (any, error) {
				return up.Explode(ctx, uploader.ExplodeParams{PublicID: "a", Format: "jpg"})
			},
			call(cloudinary.ParseExplode), "image/explode",
			func(parsed, result any) bool {
				return parsed.(cloudinary.Explode).Format == "jpg" && result.(*uploader.ExplodeResult).BatchID == "b"
			},
		},
		"Resources": {
			cloudinary.ResourcesReply([]asset.Asset{photo(), sprite}, site, cloudinary.List{Tags: true, Context: true}, "next"),
			func(ctx context.Context, _ *uploader.API, adm *admin.API) (any, error) {
				return adm.Assets(ctx, admin.AssetsParams{AssetType: "image", DeliveryType: "upload", MaxResults: 7, Tags: new(true)})
			},
			adminCall(cloudinary.ParseList), "resources/image/upload",
			func(parsed, result any) bool {
				got := result.(*admin.AssetsResult)
				return parsed.(cloudinary.List).Results == 7 && len(got.Assets) == 2 && got.NextCursor == "next" && len(got.Assets[0].Tags) == 2
			},
		},
		"Resource": {
			cloudinary.ResourceReply(photo(), site, eagerDetails(cloudinary.KindEager).Pictures(eagerResult)[:2]),
			func(ctx context.Context, _ *uploader.API, adm *admin.API) (any, error) {
				return adm.Asset(ctx, admin.AssetParams{PublicID: "a"})
			},
			nil, "resources/image/upload/a",
			func(_, result any) bool {
				got := result.(*admin.AssetResult)
				return got.PublicID == photo().PublicID && len(got.Derived) == 2 && got.Derived[1].(map[string]any)["transformation"] == "q_auto/png"
			},
		},
		"DeleteResources": {
			cloudinary.DeleteResourcesReply([]cloudinary.Deletion{{PublicID: "a", Found: true, Derived: 3}}, ""),
			func(ctx context.Context, _ *uploader.API, adm *admin.API) (any, error) {
				return adm.DeleteAssets(ctx, admin.DeleteAssetsParams{PublicIDs: []string{"a", "b"}})
			},
			adminCall(cloudinary.ParseDeleteResources), "resources/image/upload",
			func(parsed, result any) bool {
				return len(parsed.(cloudinary.DeleteResources).PublicIDs) == 2 && result.(*admin.DeleteAssetsResult).Deleted["a"] == "deleted"
			},
		},
		"Ping": {
			cloudinary.PingReply(),
			func(ctx context.Context, _ *uploader.API, adm *admin.API) (any, error) { return adm.Ping(ctx) },
			nil, "ping",
			func(_, result any) bool { return result.(*admin.PingResult).Status == "ok" },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, up, adm := connect(t, row.reply, "")
			result, err := row.send(t.Context(), up, adm)
			if err != nil {
				t.Fatal(err)
			}
			c := p.only(t)
			var parsed any
			if row.parse != nil {
				resourceType, _, _ := strings.Cut(strings.TrimPrefix(row.path, "resources/"), "/")
				if parsed, err = row.parse(resourceType, c.request); err != nil {
					t.Fatal(err)
				}
			}
			if c.path != "/v1_1/demo/"+row.path || !row.check(parsed, result) {
				t.Errorf("%s: got %+v and %+v", c.path, parsed, result)
			}
		})
	}
}

// TestGo_ChecksSignatures has the library check the signatures of a response and of a notification.
func TestGo_ChecksSignatures(t *testing.T) {
	t.Parallel()
	_, up, _ := connect(t, nil, "")
	const id = "a&version=1"
	if !up.VerifyApiResponseSignature(id, "1719307544", cloudinary.ResponseSignature(id, 1719307544, "secret")) {
		t.Error("the library refuses the signature of a response")
	}
	body, _ := cloudinary.Postback(eagerResult, eagerDetails(cloudinary.KindEager))
	now := time.Now()
	header, err := signing.SignWith(signing.Cloudinary, signing.Keys{Secrets: []string{"secret"}}, "1", now, body)
	if err != nil {
		t.Fatal(err)
	}
	if !up.VerifyNotificationSignature(string(body), now.Unix(), header.Get(signing.HeaderCloudinarySignature), 0) {
		t.Error("the library refuses the signature of a notification")
	}
}
