package cloudinary_test

import (
	"bytes"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/dialect/cloudinary"
)

// checkRefusal lets nothing out but refusals that the libraries take.
func checkRefusal(t *testing.T, err error) {
	t.Helper()
	var e *cloudinary.Error
	if err != nil && (!errors.As(err, &e) || e.Status != 400 && e.Status != 401 || e.Message == "" || len(e.Message) > 10<<10) {
		t.Errorf("got %v, want a refusal", err)
	}
}

func FuzzReadRequest(f *testing.F) {
	recorded, err := filepath.Glob(filepath.Join("testdata", "node", "*.http"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range recorded {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		head, body, _ := bytes.Cut(text, []byte("\n\n"))
		_, contentType, _ := strings.Cut(string(head), "Content-Type: ")
		contentType, _, _ = strings.Cut(contentType, "\n")
		f.Add(contentType, "a=b", body)
	}
	f.Add("", "", []byte("public_ids[1]=a&public_ids[0]=b&file=data:,x"))
	f.Add("application/json", "x[]=1", []byte(`{"a":[1,true,null,{"b":"c"}],"file":"http://h/"}`))
	f.Fuzz(func(t *testing.T, contentType, query string, body []byte) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		small := cloudinary.Limits{Fields: 2000, File: 100}
		r, err := cloudinary.ReadRequest(contentType, values, bytes.NewReader(body), small)
		checkRefusal(t, err)
		if err != nil {
			return
		}
		total := 0
		for _, name := range r.Params.Names() {
			if name != "file" {
				total += len(r.Params.Get(name))
			}
		}
		if total > 2*2000 || r.File != nil && len(r.File.Data) > 100 {
			t.Errorf("beyond the limits: %d bytes", total)
		}
		checkRefusal(t, cloudinary.CheckSignature(r.Params, []string{"secret"}, time.Unix(1795224689, 0)))
		for _, parse := range []func(string, cloudinary.Request) (any, error){
			call(cloudinary.ParseRename), call(cloudinary.ParseDestroy), call(cloudinary.ParseTags), call(cloudinary.ParseContext), call(cloudinary.ParseMetadata),
			call(cloudinary.ParseSprite), call(cloudinary.ParseMulti), call(cloudinary.ParseExplode), call(cloudinary.ParseExplicit),
			adminCall(cloudinary.ParseDeleteResources), adminCall(cloudinary.ParseList),
		} {
			_, err := parse("image", r)
			checkRefusal(t, err)
		}
	})
}

func FuzzParseUpload(f *testing.F) {
	for _, row := range [][2]string{
		{"eager", "c_fill,h_100,w_150|c_scale,e_sepia,w_0.5/png"},
		{"file", "data:image/png;base64,iVBORw0KGgo="},
		{"file", "data:image/svg+xml;charset=utf8,%3Csvg/%3E"},
		{"context", `alt=x\=y\|z|caption=c`},
		{"metadata", `{"a":["b"]}`},
		{"face_coordinates", "[[1,2,3,4],[5,6,7,8]]"},
		{"public_id", "folder/ü"},
		{"filename_override", "C:\\a?b.jpeg"},
		{"tags", "a,b,,a"},
	} {
		f.Add(row[0], row[1], "use_filename", "1")
	}
	f.Fuzz(func(t *testing.T, name, value, other, text string) {
		params := map[string]string{"file": "http://h/photo.jpg", name: value, other: text}
		u, err := cloudinary.ParseUpload("auto", cloudinary.Request{Params: cloudinary.NewParams(params), Authorized: true})
		checkRefusal(t, err)
		if err != nil {
			return
		}
		id, err := u.NewPublicID(bytes.NewReader(make([]byte, 100)))
		checkRefusal(t, err)
		if err == nil && cloudinary.CheckPublicID(id) != nil {
			t.Errorf("made the public id %q", id)
		}
		for _, e := range u.Eager {
			if again := cloudinary.ParseEager(e.Text); again != e {
				t.Errorf("%+v is read as %+v", e, again)
			}
		}
		if _, err := u.WithPreset(map[string]string{name: value}); err != nil {
			t.Errorf("a preset with what the call has: %v", err)
		}
	})
}

func FuzzChunkOf(f *testing.F) {
	f.Add("dodyrqpi", "bytes 0-5999999/-1")
	f.Add("0123456789abcdef", "bytes 6000000-11999999/12000000")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, id, contentRange string) {
		c, err := cloudinary.ChunkOf(id, contentRange)
		checkRefusal(t, err)
		if err != nil {
			return
		}
		if c.Start < 0 || c.End < c.Start || c.Total != cloudinary.Unknown && c.Total <= c.End && !c.Whole() || strings.ContainsAny(c.ID, "/\\ \n") {
			t.Errorf("got %+v", c)
		}
	})
}
