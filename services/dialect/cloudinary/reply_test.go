package cloudinary_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/internal/asset"
)

func TestReplies_Golden(t *testing.T) {
	t.Parallel()
	a := photo()
	plain := asset.Asset{Ref: asset.Ref{ResourceType: asset.Raw, Type: asset.Upload, PublicID: "a.txt"}, ID: "1", Version: 5, Format: "txt", Bytes: 3, ETag: "e"}
	sprite := asset.Asset{
		Ref:     asset.Ref{ResourceType: asset.Image, Type: asset.Sprite, PublicID: "logo"},
		Version: 1315740225, Format: "png", Transformation: "w_100/f_png", Sprites: append(sheet, sheet[0]),
	}
	multi := asset.Asset{Ref: asset.Ref{ResourceType: asset.Image, Type: asset.Multi, PublicID: "faces"}, ID: "2", Version: 9, Format: "gif"}
	d := eagerDetails(cloudinary.KindEager)
	stub := d.Derived[0]
	stub.BatchID = "4ed57298"
	full := cloudinary.Uploaded{
		Asset: a, Site: site, Derived: append(d.Pictures(eagerResult), stub), APIKey: "key", Secret: "secret", DeleteToken: "t0k3n", Existing: true,
	}
	long := full
	long.SHA256, long.Derived = true, nil
	list := cloudinary.List{Tags: true, Context: true}
	for name, got := range map[string][]byte{
		"upload":              cloudinary.UploadReply(full),
		"upload_sha256":       cloudinary.UploadReply(long),
		"upload_raw":          cloudinary.UploadReply(cloudinary.Uploaded{Asset: plain, Site: site}),
		"pending":             cloudinary.PendingReply(asset.Ref{ResourceType: cloudinary.Auto, Type: asset.Upload}, "a787"),
		"pending_named":       cloudinary.PendingReply(a.Ref, "a787"),
		"chunk":               cloudinary.ChunkReply(a.Ref, 6000000),
		"sprite":              cloudinary.SpriteReply(sprite, site),
		"sprite_css":          cloudinary.SpriteCSS(sprite, "http://img.example.com/demo/image/sprite/v1/logo.png"),
		"sprite_json":         cloudinary.SpriteJSON(sprite),
		"multi":               cloudinary.MultiReply(multi, site),
		"destroy":             cloudinary.DestroyReply(true),
		"destroy_not_found":   cloudinary.DestroyReply(false),
		"tags":                cloudinary.TagsReply([]string{"p1", "p2"}),
		"tags_none":           cloudinary.TagsReply(nil),
		"ping":                cloudinary.PingReply(),
		"resource":            cloudinary.ResourceReply(a, site, d.Pictures(eagerResult)[:1]),
		"resources":           cloudinary.ResourcesReply([]asset.Asset{a, plain, multi}, site, list, "c2"),
		"resources_none":      cloudinary.ResourcesReply(nil, site, cloudinary.List{}, ""),
		"delete_resources":    cloudinary.DeleteResourcesReply([]cloudinary.Deletion{{PublicID: "a", Found: true, Derived: 2}, {PublicID: "b"}}, ""),
		"delete_derived_more": cloudinary.DeleteResourcesReply([]cloudinary.Deletion{{PublicID: "a", Found: true, KeptOriginal: true}}, "c3"),
	} {
		golden(t, "reply_"+name+".txt", got)
	}
}

func TestSite_Image(t *testing.T) {
	t.Parallel()
	a := asset.Asset{Ref: asset.Ref{ResourceType: asset.Image, Type: asset.Upload, PublicID: "f/ü(1)"}, Version: 7}
	private := a
	private.Type = asset.Private
	signed := site
	signed.Secret = "secret"
	bare := site
	bare.Cloud = ""
	const text = "l_text:Arial_40:a%252Cb c"
	for name, row := range map[string]struct {
		site           cloudinary.Site
		asset          asset.Asset
		transformation string
		ext            string
		want           string
	}{
		"Plain":          {site, a, "", "", "/demo/image/upload/v7/f/%C3%BC%281%29"},
		"Transformation": {site, a, text, "png", "/demo/image/upload/l_text:Arial_40:a%252Cb%20c/v7/f/%C3%BC%281%29.png"},
		"NoCloud":        {bare, a, "w_1", "png", "/image/upload/w_1/v7/f/%C3%BC%281%29.png"},
		"NotSigned":      {signed, a, "w_1", "png", "/demo/image/upload/w_1/v7/f/%C3%BC%281%29.png"},
		"Signed": {signed, private, text, "png", "/demo/image/private/" +
			cloudinary.SignURL("secret", "l_text:Arial_40:a,b c/f/ü(1).png", false) + "/l_text:Arial_40:a%252Cb%20c/v7/f/%C3%BC%281%29.png"},
	} {
		link, secure := row.site.Image(row.asset, row.transformation, row.ext)
		if link != "http://img.example.com"+row.want || secure != "https://img.example.com"+row.want {
			t.Errorf("%s: got %s and %s, want %s", name, link, secure, row.want)
		}
	}
}

// TestSpriteCSS_Hostile lets no public id and no address out of its place.
func TestSpriteCSS_Hostile(t *testing.T) {
	t.Parallel()
	got := string(cloudinary.SpriteCSS(asset.Asset{Sprites: []events.Sprite{
		{Name: "a { } .b", Width: 1, Height: 2}, {Name: "9/x\\", X: 3, Y: 4, Width: 1, Height: 2}, {Name: "", Width: 1, Height: 1},
	}}, "https://h/a'); } body { color: red")) + "|"
	want := strings.Join([]string{
		".a______b, ._9_x_, ._ {", "  background: url('//h/a%27%29;%20}%20body%20{%20color:%20red') no-repeat;", "}",
		".a______b { background-position: 0px 0px; width: 1px; height: 2px; }",
		"._9_x_ { background-position: -3px -4px; width: 1px; height: 2px; }",
		"._ { background-position: 0px 0px; width: 1px; height: 1px; }", "|",
	}, "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("style sheet (-want +got):\n%s", diff)
	}
	if css := cloudinary.SpriteCSS(asset.Asset{}, "http://h/"); css != nil {
		t.Errorf("got %s", css)
	}
}
