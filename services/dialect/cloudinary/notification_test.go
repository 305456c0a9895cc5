package cloudinary_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/cloudinary"
	"github.com/ringback/ringback/services/internal/asset"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, append(bytes.Clone(got), '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// The site and the notifications of the provider's article of 2013.
var oldSite = cloudinary.Site{
	Base: "https://res.cloudinary.com", SecureBase: "https://cloudinary-a.akamaihd.net", Cloud: "1233456ab",
}

const (
	oldUpload = `{"public_id":"djhoeaqcynvogt9xzbn9","version":1368881626,"width":864,"height":576,"format":"jpg",` +
		`"resource_type":"image","created_at":"2013-05-18T12:53:46Z","bytes":120253,"type":"upload",` +
		`"url":"https://res.cloudinary.com/1233456ab/image/upload/v1368881626/djhoeaqcynvogt9xzbn9.jpg",` +
		`"secure_url":"https://cloudinary-a.akamaihd.net/1233456ab/image/upload/v1368881626/djhoeaqcynvogt9xzbn9.jpg"}`
	oldEager = `{"batch_id":"c0ed79e610f0636d15a1353a0a866933","notification_type":"eager","eager":[{"width":150,"height":100,` +
		`"url":"https://res.cloudinary.com/1233456ab/image/upload/c_fill,h_100,w_150/v1368883730/noapoaq60varndxnh2or.jpg",` +
		`"secure_url":"https://cloudinary-a.akamaihd.net/1233456ab/image/upload/c_fill,h_100,w_150/v1368883730/noapoaq60varndxnh2or.jpg"},` +
		`{"width":432,"height":288,` +
		`"url":"https://res.cloudinary.com/1233456ab/image/upload/c_scale,e_sepia,w_0.5/v1368883730/noapoaq60varndxnh2or.jpg",` +
		`"secure_url":"https://cloudinary-a.akamaihd.net/1233456ab/image/upload/c_scale,e_sepia,w_0.5/v1368883730/noapoaq60varndxnh2or.jpg"}]}`
	oldSprite = `{"batch_id":"f97c6bf03074d9641f1a9c9b6bcebef7",` +
		`"css_url":"https://res.cloudinary.com/1233456ab/image/sprite/c_fill,h_100,w_150/v1368882583/faces.css",` +
		`"image_url":"https://res.cloudinary.com/1233456ab/image/sprite/c_fill,h_100,w_150/v1368882583/faces.png",` +
		`"secure_css_url":"https://cloudinary-a.akamaihd.net/1233456ab/image/sprite/c_fill,h_100,w_150/v1368882583/faces.css",` +
		`"json_url":"https://res.cloudinary.com/1233456ab/image/sprite/c_fill,h_100,w_150/v1368882583/faces.json",` +
		`"version":1368882583,"image_infos":{"face_center_eer8ss":{"width":150,"height":100,"x":0,"y":0},` +
		`"face_left_b7ikxf":{"width":150,"height":100,"x":152,"y":0},"face_top_usjwvk":{"width":150,"height":100,"x":0,"y":102},` +
		`"front_face_cywiib":{"width":150,"height":100,"x":152,"y":102}},"notification_type":"sprite"}`
)

var sheet = []events.Sprite{
	{Name: "face_center_eer8ss", X: 0, Y: 0, Width: 150, Height: 100},
	{Name: "face_left_b7ikxf", X: 152, Y: 0, Width: 150, Height: 100},
	{Name: "face_top_usjwvk", X: 0, Y: 102, Width: 150, Height: 100},
	{Name: "front_face_cywiib", X: 152, Y: 102, Width: 150, Height: 100},
}

func TestPostback_Of2013(t *testing.T) {
	t.Parallel()
	source := &events.Source{Width: 864, Height: 576, Format: "jpeg", Bytes: 120253}
	upload := cloudinary.Details{
		Kind: cloudinary.KindUpload, Site: oldSite, Classic: true, BatchID: "b", APIKey: "k",
		Asset: asset.Asset{
			Ref:     asset.Ref{ResourceType: asset.Image, Type: asset.Upload, PublicID: "djhoeaqcynvogt9xzbn9"},
			Version: 1368881626, CreatedAt: time.Unix(1368881626, 0),
		},
	}
	eager := upload
	eager.Kind, eager.BatchID = cloudinary.KindEager, "c0ed79e610f0636d15a1353a0a866933"
	eager.Asset.PublicID, eager.Asset.Version = "noapoaq60varndxnh2or", 1368883730
	for _, text := range []string{"c_fill,h_100,w_150", "c_scale,e_sepia,w_0.5"} {
		derived := oldSite.Derive(eager.Asset, cloudinary.ParseEager(text), "jpg")
		derived.Output = text
		eager.Derived = append(eager.Derived, derived)
	}
	sprite := upload
	sprite.Kind, sprite.BatchID = cloudinary.KindSprite, "f97c6bf03074d9641f1a9c9b6bcebef7"
	sprite.Asset = asset.Asset{
		Ref:     asset.Ref{ResourceType: asset.Image, Type: asset.Sprite, PublicID: "faces"},
		Version: 1368882583, Transformation: "c_fill,h_100,w_150",
	}
	for name, row := range map[string]struct {
		details cloudinary.Details
		result  events.Result
		want    string
	}{
		"Upload": {upload, events.Result{Source: source}, oldUpload},
		"Eager": {eager, events.Result{Outputs: []events.Output{
			{ID: "c_scale,e_sepia,w_0.5", Width: 432, Height: 288, Format: "jpeg", Bytes: 2},
			{ID: "c_fill,h_100,w_150", Width: 150, Height: 100, Format: "jpeg", Bytes: 1},
		}}, oldEager},
		"Sprite": {sprite, events.Result{Outputs: []events.Output{
			{ID: "sheet", Width: 302, Height: 202, Format: "png", Bytes: 3, Sprites: sheet},
		}}, oldSprite},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stored, err := cloudinary.ParseDetails(row.details.Encode())
			if err != nil {
				t.Fatal(err)
			}
			got, contentType := cloudinary.Postback(row.result, stored)
			if diff := cmp.Diff(row.want, string(got)); diff != "" || contentType != "application/json" {
				t.Errorf("%s (-want +got):\n%s", contentType, diff)
			}
		})
	}
}

func TestProcessingReply_Of2013(t *testing.T) {
	t.Parallel()
	const want = `{"status":"processing","batch_id":"163a919cde8f9317d6ee0fbfe6375dc4"}`
	if got := string(cloudinary.ProcessingReply("163a919cde8f9317d6ee0fbfe6375dc4")); got != want {
		t.Errorf("got %s", got)
	}
}

var site = cloudinary.Site{Base: "http://img.example.com", SecureBase: "https://img.example.com", Cloud: "demo"}

func photo() asset.Asset {
	return asset.Asset{
		Ref: asset.Ref{ResourceType: asset.Image, Type: asset.Upload, PublicID: "folder/my photo é"},
		ID:  "3515c6000a548515f1134043f9785c2f", Version: 1719307544, VersionID: "7d2cc533bee9ff39f7da7414b61fce7e",
		CreatedAt: time.Unix(1719307544, 0), Format: "jpg", Width: 1920, Height: 1441, Pages: 1, Bytes: 896838,
		ETag: "2a2df1d2d2c3b675521e866599273083", Tags: []string{"a", "b"}, Context: map[string]string{"alt": "x<y & z"},
		Metadata: map[string]string{"sku": "1"}, Faces: []asset.Box{{X: 1, Y: 2, Width: 3, Height: 4}},
		Name: "sample", Folder: "assets", Overwritten: true,
	}
}

func details(kind cloudinary.Kind) cloudinary.Details {
	d := cloudinary.Details{
		Kind: kind, Site: site, BatchID: cloudinary.BatchID("seed"), RequestID: "aede61e9b1f8d1c0aede61e9b1f8d1c0",
		APIKey: "351961575759598", TriggeredAt: time.Date(2026, 5, 27, 19, 42, 11, 876420123, time.UTC), Asset: photo(),
	}
	return d
}

func eagerDetails(kind cloudinary.Kind) cloudinary.Details {
	d := details(kind)
	for i, text := range []string{"c_limit,w_1280,h_720,q_auto:good", "q_auto/png", "t_x"} {
		derived := site.Derive(d.Asset, cloudinary.ParseEager(text), "jpg")
		derived.Output = []string{"e1", "e2", "e3"}[i]
		d.Derived = append(d.Derived, derived)
	}
	return d
}

var eagerResult = events.Result{
	State: events.StatePartial, Source: &events.Source{Width: 1920, Height: 1441, Format: "jpeg", Bytes: 896838},
	Outputs: []events.Output{
		{ID: "e1", Width: 959, Height: 720, Format: "jpeg", Bytes: 305371}, {ID: "e2", Width: 1920, Height: 1441, Format: "png", Bytes: 7},
	},
	Errors: []events.Failure{{Output: "e3", Code: "unknown_transformation", Message: "There is no transformation x"}},
	Timing: events.Timing{QueuedMS: 1000, FetchMS: 2000, RenderMS: 1000, StoreMS: 500},
}

var failedResult = events.Result{
	State: events.StateFailed, Errors: []events.Failure{{Code: "source_not_found", Message: "The source was not found (404)"}},
}

// TestPostback_Golden has every kind of notification, as it is today and as it would have been in 2013.
func TestPostback_Golden(t *testing.T) {
	t.Parallel()
	found := &events.Details{
		MD5: "0cc175b9c0f1b6a831c399e269772661", PHash: "8f373714acfcf4d0", Colors: []string{"#162e02", "#ffffff"},
		ColorShares: []float64{0.0654, 0.5}, EXIF: map[string]string{"Model": "X-T5"}, IPTC: map[string]string{"City": "Graz"},
	}
	upload := eagerDetails(cloudinary.KindUpload)
	upload.Wishes = cloudinary.Wishes{Colors: true, Exif: true, ImageMetadata: true, MediaMetadata: true, Phash: true, ReturnFaces: true}
	uploaded := eagerResult
	uploaded.Source = &events.Source{Width: 1920, Height: 1441, Format: "jpeg", Bytes: 896839, Details: found}
	promised := eagerDetails(cloudinary.KindUpload)
	for i := range promised.Derived {
		promised.Derived[i].BatchID = "00ff"
	}
	transformed := details(cloudinary.KindUpload)
	transformed.Output, transformed.Asset.ResourceType = "own", cloudinary.Auto
	sprite := details(cloudinary.KindSprite)
	sprite.Asset.Ref, sprite.Asset.Transformation = asset.Ref{ResourceType: asset.Image, Type: asset.Sprite, PublicID: "faces"}, "w_100"
	multi := details(cloudinary.KindMulti)
	multi.Asset.Ref, multi.Output = asset.Ref{ResourceType: asset.Image, Type: asset.Multi, PublicID: "faces"}, "gif"
	explode := details(cloudinary.KindExplode)
	explode.Transformation, explode.Format = "c_scale,h_300,pg_all,w_200", "png"
	renamed, deleted, tagged := details(cloudinary.KindRename), details(cloudinary.KindDelete), details(cloudinary.KindTagsChanged)
	renamed.Body = cloudinary.RenameBody(photo(), "old/name")
	deleted.Body, deleted.SignatureKey = cloudinary.DeleteBody([]asset.Asset{photo(), photo()}), "other key"
	tagged.Body = cloudinary.TagsBody([]cloudinary.TagsChange{{Asset: photo(), Added: []string{"x"}}, {Asset: photo(), Removed: []string{"y"}}})
	described := details(cloudinary.KindContextChanged)
	before := photo()
	before.Context = map[string]string{"alt": "old", "gone": "g"}
	after := photo()
	after.Context["new"] = "n"
	described.Body = cloudinary.ContextBody([]cloudinary.Change{{Before: before, After: after}})
	refused := details(cloudinary.KindError)
	refused.Body = json.RawMessage(cloudinary.ErrorReply("Resource not found - x"))
	for name, row := range map[string]struct {
		details cloudinary.Details
		result  events.Result
	}{
		"upload":             {upload, uploaded},
		"upload_promised":    {promised, eagerResult},
		"upload_transformed": {transformed, events.Result{Source: uploaded.Source, Outputs: []events.Output{{ID: "own", Width: 5, Height: 6, Format: "webp", Bytes: 9}}}},
		"upload_failed":      {eagerDetails(cloudinary.KindUpload), failedResult},
		"eager":              {eagerDetails(cloudinary.KindEager), eagerResult},
		"eager_failed":       {eagerDetails(cloudinary.KindEager), failedResult},
		"sprite":             {sprite, events.Result{Outputs: []events.Output{{ID: "s", Width: 302, Height: 202, Format: "png", Bytes: 3, Sprites: sheet}}}},
		"sprite_failed":      {sprite, failedResult},
		"multi":              {multi, events.Result{Outputs: []events.Output{{ID: "gif", Width: 30, Height: 20, Format: "gif", Bytes: 3, Frames: 4}}}},
		"explode": {explode, events.Result{Outputs: []events.Output{
			{ID: "p", Page: 2, Width: 200, Height: 300, Format: "png", Bytes: 22}, {ID: "p", Page: 1, Width: 200, Height: 300, Format: "png", Bytes: 11},
		}}},
		"explode_failed":  {explode, events.Result{State: events.StateFailed}},
		"rename":          {renamed, events.Result{}},
		"delete":          {deleted, events.Result{}},
		"tags_changed":    {tagged, events.Result{}},
		"context_changed": {described, events.Result{}},
		"error":           {refused, events.Result{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stored, err := cloudinary.ParseDetails(row.details.Encode())
			if err != nil {
				t.Fatal(err)
			}
			today, _ := cloudinary.Postback(row.result, stored)
			stored.Classic = true
			then, _ := cloudinary.Postback(row.result, stored)
			golden(t, "notification_"+name+".txt", append(append(today, '\n'), then...))
			for _, body := range [][]byte{today, then} {
				var compact bytes.Buffer
				if err := json.Compact(&compact, body); err != nil || !bytes.Equal(compact.Bytes(), body) {
					t.Errorf("not compact JSON: %v %s", err, body)
				}
			}
		})
	}
}

// TestPostback_SignsLinks has them signed once the secret is set again, and keeps the secret out of what is stored.
func TestPostback_SignsLinks(t *testing.T) {
	t.Parallel()
	d := details(cloudinary.KindUpload)
	d.Asset.Type, d.Site.Secret = asset.Private, "s3cr3t"
	raw := d.Encode()
	if strings.Contains(string(raw), "s3cr3t") {
		t.Errorf("the secret is stored: %s", raw)
	}
	stored, err := cloudinary.ParseDetails(raw)
	if err != nil {
		t.Fatal(err)
	}
	stored.Site.Secret = "s3cr3t"
	body, _ := cloudinary.Postback(events.Result{Source: eagerResult.Source}, stored)
	want := "/demo/image/private/" + cloudinary.SignURL("s3cr3t", "folder/my photo é.jpg", false) + "/v1719307544/folder/my%20photo%20%C3%A9.jpg"
	if !strings.Contains(string(body), `"secure_url":"https://img.example.com`+want+`"`) {
		t.Errorf("got %s, want %s in it", body, want)
	}
	if _, err := cloudinary.ParseDetails(json.RawMessage(`{"kind":1}`)); err == nil {
		t.Error("details of another shape are taken")
	}
}

// TestDetails_Pictures prefers what is said of a picture to what is said of the whole job.
func TestDetails_Pictures(t *testing.T) {
	t.Parallel()
	result := events.Result{State: events.StateFailed, Errors: []events.Failure{{Message: "all"}, {Output: "e2", Message: "own"}, {Message: "all"}}}
	var got []string
	for _, picture := range eagerDetails(cloudinary.KindEager).Pictures(result) {
		got = append(got, picture.Error)
	}
	if diff := cmp.Diff([]string{"all", "own", "all"}, got); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
}

func TestOnePage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"pg_all": "pg_3", "c_scale,h_300,pg_all,w_200/e_sepia": "c_scale,h_300,pg_3,w_200/e_sepia", "l_pg_all": "l_pg_all",
		"pg_all_,pg_all": "pg_all_,pg_3", "": "",
	} {
		if got := cloudinary.OnePage(text, 3); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
