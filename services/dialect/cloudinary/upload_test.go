package cloudinary_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/internal/asset"
)

const signed = "&signature=00"

func upload(t *testing.T, body string) cloudinary.Upload {
	t.Helper()
	u, err := cloudinary.ParseUpload("image", form(t, body))
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return u
}

func TestParseUpload_DataURIs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"data:image/png;base64,iVBORw0KGgo=":                {"image/png", "\x89PNG\r\n\x1a\n"},
		"data:image/png;base64,iVBORw0KGgo":                 {"image/png", "\x89PNG\r\n\x1a\n"},
		"DATA:image/svg+xml;charset=utf-8;BASE64,PHN2Zy8+":  {"image/svg+xml", "<svg/>"},
		"data:;base64,PHN2Zy8%2B":                           {"", "<svg/>"},
		"data:image/svg+xml;charset=utf8,%3Csvg/%3E a%20+b": {"image/svg+xml", "<svg/> a +b"},
		"data:,x":                     {"", "x"},
		"data:a/b;base64,-_-_":        {"a/b", "\xfb\xff\xbf"},
		"data:a/b;base64,aGV\r\nsbG8": {"a/b", "hello"},
	} {
		u, err := cloudinary.ParseUpload("image", form(t, "file="+url.QueryEscape(text)+signed))
		if err != nil || u.DataType != want[0] || string(u.Data) != want[1] || u.FileURL != "" || u.Filename != "" {
			t.Errorf("%s: got %s %q, %v", text, u.DataType, u.Data, err)
		}
	}
	// curl's --data sends a data: URI as it is: semicolons and + among it.
	if u := upload(t, "file=data:image/svg+xml;base64,PHN2Zy8+PC9z"+signed); string(u.Data) != "<svg/></s" {
		t.Errorf("got %q", u.Data)
	}
}

func TestParseUpload_Fields(t *testing.T) {
	t.Parallel()
	u := upload(t, "file=https://h/x/My%2520Photo.JPG?q%3D1&type=private&allowed_formats=jpg,png&tags=a,%20b,,a&eager=/w_1/|png||t_x/webp&format=JPG"+
		"&transformation=w_10/&face_coordinates[0]=[1,2,3,4]&face_coordinates[1]=[5,6,7,8]&custom_coordinates=1,2,3,4&overwrite=false"+
		"&metadata=%7B%22k%22:%5B%22a%22%5D,%22n%22:5,%22z%22:null%7D&eager_notification_url=https://n/&folder=/f/&image_metadata=TRUE&phash=1"+
		"&auto_tagging=0.5&access_mode=public&moderation=&unknown=x"+signed)
	got := []any{
		u.FileURL, u.Filename, u.BaseName(), u.Type, u.AllowedFormats, u.Tags, u.Transformation, u.Format, u.Faces, u.Custom, u.Overwrite,
		u.Metadata, u.NotificationURL, u.EagerNotificationURL, u.Folder, u.ImageMetadata, u.Phash, u.Colors, u.UniqueFilename,
	}
	box := asset.Box{X: 1, Y: 2, Width: 3, Height: 4}
	want := []any{
		"https://h/x/My%20Photo.JPG?q=1", "My Photo.JPG", "My Photo", "private",
		[]string{"jpg", "png"},
		[]string{"a", "b"},
		"w_10", "jpg",
		[]asset.Box{box, {X: 5, Y: 6, Width: 7, Height: 8}},
		[]asset.Box{box},
		false,
		map[string]string{"k": `["a"]`, "n": "5"},
		"", "https://n/", "f", true, true, false, true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("upload (-want +got):\n%s", diff)
	}
	eager := []cloudinary.Eager{
		{Transformation: "w_1", Text: "w_1"}, {Format: "png", Text: "png"}, {Transformation: "t_x", Format: "webp", Text: "t_x/webp"},
	}
	if diff := cmp.Diff(eager, u.Eager); diff != "" {
		t.Errorf("eager (-want +got):\n%s", diff)
	}
}

func TestParseUpload_ResourceTypeOfAuto(t *testing.T) {
	t.Parallel()
	for _, row := range [][3]string{{"auto", "", "auto"}, {"auto", "&resource_type=raw", "raw"}, {"image", "&resource_type=raw", "image"}} {
		u, err := cloudinary.ParseUpload(row[0], form(t, "file=http://h/x"+row[1]+signed))
		if err != nil || u.ResourceType != row[2] {
			t.Errorf("%v: got %s, %v", row, u.ResourceType, err)
		}
	}
}

func TestParseUpload_Refuses(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                          "Missing required parameter - file",
		"file=blob:http://h/x":      "Unsupported source URL: blob:http://h/x",
		"file=ftp://h/x.jpg":        "Unsupported source URL: ftp://h/x.jpg",
		"file=s3://b/k":             "Unsupported source URL",
		"file=/etc/passwd":          "Unsupported source URL: /etc/passwd",
		"file=http:///x":            "Unsupported source URL",
		"file=data:x":               "a data URI has a comma",
		"file=data:;base64,!!!!":    "not base64",
		"file=data:,%25zz":          "not URL-encoded",
		"file=data:;base64,":        "Empty file",
		"resource_type=video":       "one of auto, image, raw",
		"type=fetch":                "one of upload, private, authenticated",
		"public_id=a?b":             "public_id (a?b) is invalid",
		"public_id=/a":              "public_id (/a) is invalid",
		"folder=a/../b":             "Invalid folder a/../b",
		"eager=w_1/p-g":             "Invalid extension in transformation: p-g",
		"format=../x":               "Invalid extension in transformation: ../x",
		"async=maybe":               "Invalid async maybe - expected true or false",
		"async=1&async=1":           "Invalid async 1,1",
		"context=novalue":           "Invalid context novalue - expected key=value",
		"face_coordinates=1,2,3":    "Invalid face_coordinates 1,2,3",
		"face_coordinates=1,2,3,-4": "expected x,y,width,height in pixels",
		"custom_coordinates=a":      "Invalid custom_coordinates",
		"notification_url=file:///": "expected an http or https URL",
		"callback=javascript:x":     "Invalid callback",
		"display_name=a%0ab":        "Invalid display_name",
		"display_name=" + strings.Repeat("x", 1025): "at most 1024 bytes",
		"tags=" + strings.Repeat("x", 1025):         "Invalid tags",
		"eager=" + strings.Repeat("w_1|", 101):      "at most 100 transformations",
		"transformation=a%00":                       "Invalid transformation",
		"background_removal=cloudinary_ai":          "The parameter background_removal is not supported",
		"moderation=manual":                         "The parameter moderation is not supported",
		"on_success=x":                              "The parameter on_success is not supported",
		"access_mode=authenticated":                 "Invalid access_mode authenticated",
		"filename_override=a%00":                    "Invalid filename_override",
	} {
		if !strings.HasPrefix(body, "file=") && body != "" {
			body += "&file=http://h/x"
		}
		var e *cloudinary.Error
		_, err := cloudinary.ParseUpload("auto", form(t, body+signed))
		if !errors.As(err, &e) || e.Status != 400 || !strings.Contains(e.Message, want) {
			t.Errorf("%.80s: got %v, want %s", body, err, want)
		}
	}
}

// TestParseUpload_BoundsData has the file within a data: URI bounded as the file itself is.
func TestParseUpload_BoundsData(t *testing.T) {
	t.Parallel()
	small := cloudinary.Limits{Fields: 1000, File: 10}
	for size, fits := range map[int]bool{10: true, 11: false} {
		body := "signature=0&file=data:," + strings.Repeat("x", size)
		r, err := cloudinary.ReadRequest("", nil, strings.NewReader(body), small)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cloudinary.ParseUpload("image", r); (err == nil) != fits {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestParseUpload_Files(t *testing.T) {
	t.Parallel()
	request := func(params map[string]string, file cloudinary.File) cloudinary.Request {
		return cloudinary.Request{Params: cloudinary.NewParams(params), File: &file, Authorized: true}
	}
	u, err := cloudinary.ParseUpload("image", request(nil, cloudinary.File{Name: `C:\fakepath\a b.png`, Data: []byte("x"), ContentType: "image/png"}))
	if err != nil || u.Filename != "a b.png" || string(u.Data) != "x" || u.DataType != "image/png" || u.Unsigned || !u.Overwrite {
		t.Errorf("got %+v, %v", u, err)
	}
	u, err = cloudinary.ParseUpload("image", request(map[string]string{"filename_override": "other.gif"}, cloudinary.File{Name: "a", Data: []byte("x")}))
	if err != nil || u.Filename != "other.gif" {
		t.Errorf("got %+v, %v", u, err)
	}
	for _, name := range []string{"a\x00b", strings.Repeat("x", 1025), "a/", ""} {
		u, err = cloudinary.ParseUpload("image", request(nil, cloudinary.File{Name: name, Data: []byte("x")}))
		if err != nil || u.Filename != "" {
			t.Errorf("%q is the name %q, %v", name, u.Filename, err)
		}
	}
	for name, r := range map[string]cloudinary.Request{
		"Empty file":             request(nil, cloudinary.File{Name: "a", Data: []byte{}}),
		"there is more than one": request(map[string]string{"file": "http://h/x"}, cloudinary.File{Name: "a", Data: []byte("x")}),
	} {
		if _, err := cloudinary.ParseUpload("image", r); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%q: got %v", name, err)
		}
	}
}

func TestParseExplicit(t *testing.T) {
	t.Parallel()
	u, err := cloudinary.ParseExplicit("image", form(t, "public_id=a&type=multi&eager=w_1&tags="+signed))
	if err != nil || u.PublicID != "a" || u.Type != asset.Multi || u.Data != nil || len(u.Eager) != 1 {
		t.Errorf("got %+v, %v", u, err)
	}
	if diff := cmp.Diff([]string{"eager", "public_id", "signature", "tags", "type"}, u.Sent); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	for body, want := range map[string]string{"x=1" + signed: "parameter - public_id", "public_id=a": "parameter - signature"} {
		if _, err := cloudinary.ParseExplicit("image", form(t, body)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

func TestUpload_WithPreset(t *testing.T) {
	t.Parallel()
	preset := map[string]string{"folder": "preset", "eager": "w_1", "overwrite": "true", "resource_type": "raw", "file": "http://evil/", "tags": "p"}
	for name, row := range map[string]struct {
		body string
		want []any // folder, tags, eager, overwrite, resource type, unsigned
	}{
		"Signed":       {"folder=call&upload_preset=p&tags=" + signed, []any{"call", "p", 1, true, "raw", false}},
		"SignedOwn":    {"overwrite=0&resource_type=image&tags=c" + signed, []any{"preset", "c", 1, false, "image", false}},
		"Unsigned":     {"folder=call&upload_preset=p&tags=c&unsigned=true", []any{"preset", "p", 1, true, "raw", true}},
		"UnsignedAuto": {"upload_preset=p&resource_type=image", []any{"preset", "p", 1, true, "raw", true}},
	} {
		u, err := cloudinary.ParseUpload("auto", form(t, row.body+"&file=http://h/x"))
		if err == nil {
			u, err = u.WithPreset(preset)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := []any{u.Folder, strings.Join(u.Tags, ","), len(u.Eager), u.Overwrite, u.ResourceType, u.Unsigned}
		if diff := cmp.Diff(row.want, got); diff != "" || u.FileURL != "http://h/x" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := cloudinary.ParseUpload("auto", form(t, "file=http://h/x")); err == nil || err.Error() != "Upload preset must be specified when using unsigned upload" {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"eager", "notification_url", "transformation", "async", "overwrite", "type"} {
		u, err := cloudinary.ParseUpload("image", form(t, "file=http://h/x&upload_preset=p&"+name+"="+map[string]string{
			"notification_url": "http://h/", "async": "1", "overwrite": "1", "type": "private",
		}[name]+map[string]string{"eager": "w_1", "transformation": "w_1"}[name]))
		if err == nil {
			_, err = u.WithPreset(preset)
		}
		if err == nil || err.Error() != name+" parameter is not allowed when using unsigned upload" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	u, err := cloudinary.ParseUpload("image", form(t, "file=http://h/x&upload_preset=p"))
	if err == nil {
		_, err = u.WithPreset(map[string]string{"moderation": "manual"})
	}
	if err == nil {
		t.Error("a preset may ask for what is refused")
	}
}
