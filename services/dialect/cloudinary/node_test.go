package cloudinary_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/internal/asset"
)

// recorded is a call that version 2.11.0 of Node's library made to a server on this machine, with the key "key" and the
// secret "secret": a line with method and path, three headers, an empty line, the body.
type recorded struct {
	resourceType, action string
	header               http.Header
	request              cloudinary.Request
}

func record(t *testing.T, name string) recorded {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "node", name+".http"))
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	path := strings.Split(strings.TrimPrefix(lines[0], "POST /v1_1/demo/"), "/")
	r := recorded{resourceType: path[0], action: path[1], header: http.Header{}}
	for _, line := range lines[1:] {
		key, value, _ := strings.Cut(line, ": ")
		r.header.Set(key, value)
	}
	if len(body) == 0 {
		return r
	}
	if r.request, err = cloudinary.ReadRequest(r.header.Get("Content-Type"), nil, bytes.NewReader(body), limits); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNode_Signatures(t *testing.T) {
	t.Parallel()
	all, err := filepath.Glob(filepath.Join("testdata", "node", "*.http"))
	if err != nil || len(all) == 0 {
		t.Fatal(err, all)
	}
	checked := 0
	for _, path := range all {
		r := record(t, strings.TrimSuffix(filepath.Base(path), ".http"))
		if !r.request.Params.Has("signature") {
			continue
		}
		checked++
		seconds, err := strconv.ParseInt(r.request.Params.Get("timestamp"), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if err := cloudinary.CheckSignature(r.request.Params, []string{"secret"}, time.Unix(seconds, 0)); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if checked < 12 {
		t.Errorf("%d calls were signed", checked)
	}
}

func TestNode_Uploads(t *testing.T) {
	t.Parallel()
	base := cloudinary.Upload{
		ResourceType: asset.Image, Type: asset.Upload, UniqueFilename: true, Overwrite: true,
	}
	file, url, data, unsigned, explicit := base, base, base, base, base
	file.Data, file.DataType, file.Filename, file.UseFilename = []byte("\x89PNG\r\n\x1a\n"), "application/octet-stream", "a b.png", true
	file.Eager = []cloudinary.Eager{
		{Transformation: "c_fill,h_100,w_150", Text: "c_fill,h_100,w_150"},
		{Transformation: "c_scale,e_sepia,w_0.5", Format: "png", Text: "c_scale,e_sepia,w_0.5/png"},
	}
	file.EagerAsync, file.ReturnDeleteToken = true, true
	file.NotificationURL, file.EagerNotificationURL = "http://h/n?a=1&b=2", "http://h/n?a=1&b=2"
	file.Tags, file.Context = []string{"a", "b"}, map[string]string{"alt": "x=y|z", "caption": "c"}
	file.Faces = []asset.Box{{X: 1, Y: 2, Width: 3, Height: 4}, {X: 5, Y: 6, Width: 7, Height: 8}}
	url.FileURL, url.Filename, url.PublicID = "https://example.com/p/photo.jpg", "photo.jpg", "folder/id"
	url.Overwrite, url.Async = false, true
	data.Data, data.DataType = []byte("\x89PNG\r\n\x1a\n"), "image/png"
	unsigned.FileURL, unsigned.Filename = url.FileURL, url.Filename
	unsigned.Unsigned, unsigned.Overwrite, unsigned.Preset = true, false, "preset"
	explicit.PublicID, explicit.Tags = "sample", []string{"x"}
	explicit.Eager = []cloudinary.Eager{{Transformation: "c_scale,w_10", Text: "c_scale,w_10"}}
	for name, want := range map[string]cloudinary.Upload{
		"upload_file": file, "upload_url": url, "upload_data": data, "upload_unsigned": unsigned, "explicit": explicit,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := record(t, name)
			parse := map[string]func(string, cloudinary.Request) (cloudinary.Upload, error){
				"upload": cloudinary.ParseUpload, "explicit": cloudinary.ParseExplicit,
			}[r.action]
			got, err := parse(r.resourceType, r.request)
			if err != nil {
				t.Fatal(err)
			}
			diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(cloudinary.Upload{}), cmpopts.IgnoreFields(cloudinary.Upload{}, "Sent"))
			if diff != "" {
				t.Errorf("upload (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNode_Calls(t *testing.T) {
	t.Parallel()
	ref := func(id string) asset.Ref {
		return asset.Ref{ResourceType: asset.Image, Type: asset.Upload, PublicID: id}
	}
	for name, row := range map[string]struct {
		parse func(string, cloudinary.Request) (any, error)
		want  any
	}{
		"tags_add": {call(cloudinary.ParseTags), cloudinary.Tags{
			Command: cloudinary.Add, Tags: []string{"t1"}, ResourceType: asset.Image, Type: asset.Upload, PublicIDs: []string{"p1", "p2"},
		}},
		"context_add": {call(cloudinary.ParseContext), cloudinary.Context{
			Command: cloudinary.Add, Context: map[string]string{"k": "v", "a": "b"}, ResourceType: asset.Image, Type: asset.Upload,
			PublicIDs: []string{"p1"},
		}},
		"sprite_tag": {call(cloudinary.ParseSprite), cloudinary.Gathering{
			Tag: "logo", Transformation: "c_fill,f_png,h_100,w_150", Async: true, NotificationURL: "http://h/s",
		}},
		"sprite_urls": {call(cloudinary.ParseSprite), cloudinary.Gathering{URLs: []string{"http://a/1.png", "http://a/2.png"}}},
		"multi":       {call(cloudinary.ParseMulti), cloudinary.Gathering{Tag: "faces", Transformation: "c_scale,f_gif,h_200,w_100", Async: true}},
		"explode": {call(cloudinary.ParseExplode), cloudinary.Explode{
			Ref: ref("doc"), Transformation: "c_scale,h_300,pg_all,w_200", Format: "png", NotificationURL: "http://h/e",
		}},
		"rename":  {call(cloudinary.ParseRename), cloudinary.Rename{From: ref("from"), To: ref("to"), Overwrite: true, Invalidate: true}},
		"destroy": {call(cloudinary.ParseDestroy), cloudinary.Destroy{Ref: ref("gone"), Invalidate: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := record(t, name)
			got, err := row.parse(r.resourceType, r.request)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("call (-want +got):\n%s", diff)
			}
		})
	}
}

// call lets parsers of different calls stand in one table.
func call[C any](parse func(string, cloudinary.Request) (C, error)) func(string, cloudinary.Request) (any, error) {
	return func(resourceType string, r cloudinary.Request) (any, error) { return parse(resourceType, r) }
}

func TestNode_Chunks(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]cloudinary.Chunk{
		"chunk":      {ID: "lcq1bop1nk", Start: 0, End: 5999999, Total: cloudinary.Unknown},
		"chunk_last": {ID: "lcq1bop1nk", Start: 6000000, End: 6999999, Total: 7000000},
	} {
		header := record(t, name).header
		got, err := cloudinary.ChunkOf(header.Get("X-Unique-Upload-Id"), header.Get("Content-Range"))
		if err != nil || got != want || got.Last() != (name == "chunk_last") {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}
