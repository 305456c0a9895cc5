package filemobile_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/filemobile"
)

func TestReadCall(t *testing.T) {
	t.Parallel()
	limits := filemobile.Limits{Fields: 100, File: 10}
	const form = "--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\na b\r\n--x\r\n" +
		"Content-Disposition: form-data; name=\"any\"; filename=\"../a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n0123456789\r\n--x--\r\n"
	call, err := filemobile.ReadCall("multipart/form-data; boundary=x", url.Values{"title": {"q"}, "json": {""}}, strings.NewReader(form), limits)
	if err != nil || call.Get("title") != "a b" || !call.Params.Has("json") || call.File == nil || call.File.Name != "a.jpg" || len(call.File.Data) != 10 {
		t.Errorf("got %+v, %v", call, err)
	}
	for name, c := range map[string]struct{ kind, body string }{
		"CutForm":     {"multipart/form-data; boundary=x", form[:len(form)-12]},
		"NoBoundary":  {"multipart/form-data", form},
		"LargeFile":   {"multipart/form-data; boundary=x", strings.Replace(form, "789", "7890", 1)},
		"LargeFields": {"application/x-www-form-urlencoded", "title=" + strings.Repeat("x", 100)},
		"TwoFiles":    {"multipart/form-data; boundary=x", strings.Replace(form, "--x--", form, 1)},
		"JSON":        {"application/json", "{}"},
		"BadEscape":   {"", "a=%zz"},
		"BadType":     {"a/b/c", ""},
	} {
		_, err := filemobile.ReadCall(c.kind, nil, strings.NewReader(c.body), limits)
		if _, known := errors.AsType[*filemobile.Error](err); !known {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestContentTypeOf(t *testing.T) {
	t.Parallel()
	jpeg := []byte("\xff\xd8\xff\xe0\x00\x10JFIF")
	for _, tt := range []struct {
		name, declared string
		data           []byte
		want           string
		filetype       int
	}{
		{"a.jpg", "image/pjpeg; a=b", nil, "image/pjpeg", filemobile.FiletypeImage},
		{"a.PNG", "application/octet-stream", jpeg, "image/png", filemobile.FiletypeImage},
		{"a", "", jpeg, "image/jpeg", filemobile.FiletypeImage},
		{"a", "nonsense;;", []byte("words"), "text/plain", filemobile.FiletypeText},
		{"a.svg", "", []byte("<svg/>"), "image/svg+xml", filemobile.FiletypeImage},
		{"a", "video/mp4", nil, "video/mp4", filemobile.FiletypeVideo},
		{"a", "audio/mp3", nil, "audio/mp3", filemobile.FiletypeAudio},
		{"a", "", []byte{0, 1, 2}, "application/octet-stream", filemobile.FiletypeUnknown},
	} {
		got := filemobile.ContentTypeOf(tt.name, tt.declared, tt.data)
		if got != tt.want || filemobile.FiletypeOf(got) != tt.filetype {
			t.Errorf("%s %s: got %s of type %d", tt.name, tt.declared, got, filemobile.FiletypeOf(got))
		}
	}
}

func TestNewID_IsANumberThatEveryClientCanHold(t *testing.T) {
	t.Parallel()
	noise := bytes.NewReader([]byte{0xff, 0xff, 0, 0, 0xff, 0xff})
	var ids []string
	for _, at := range []string{"2026-11-26T08:00:00.001Z", "2026-11-26T08:00:00.002Z", "2088-01-01T00:00:00Z"} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		id, err := filemobile.NewID(now, noise)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if diff := cmp.Diff([]string{"891940208648191", "891940208648192", "8789739724800000"}, ids); diff != "" && (ids[0] >= ids[1] || len(ids[2]) > 16 || ids[2] > "9007199254740991") {
		t.Errorf("got %v", ids)
	}
	if _, err := filemobile.NewID(time.Now(), strings.NewReader("")); err == nil {
		t.Error("no noise, and an id")
	}
}

func TestReply(t *testing.T) {
	t.Parallel()
	voice := 7
	entry := filemobile.Entry{Item: sample(), Metadata: map[string]string{"user.href": "/y", "user.a": "b", "category": "x", "category.y": "z"}, Voice: &voice}
	m := record()
	m.ID = "not a number"
	other := filemobile.Entry{Item: filemobile.FromMedia(m)}
	for name, reply := range map[string]filemobile.Reply{
		"done": filemobile.Done(), "item": {Item: &entry}, "failed": {Failed: filemobile.NotFound("<7>")},
		"page":  {Page: &filemobile.Page{Total: 9, Items: []filemobile.Entry{entry, other}, Fields: []string{"title", "rating"}}},
		"begun": {Begun: &filemobile.Begun{ID: "7", URLs: []string{"http://h/1?a&b", "http://h/2"}}},
	} {
		body, err := reply.JSON()
		if err != nil {
			t.Fatal(err)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, body, "", "  "); err != nil {
			t.Fatal(err)
		}
		golden(t, "reply_"+name+".json", indented.Bytes())
		golden(t, "reply_"+name+".xml", reply.XML())
		if reply.Status() == (name == "failed") {
			t.Errorf("%s: status %t", name, reply.Status())
		}
	}
}

func TestParseQuery_NamesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for query, name := range map[string]string{
		"sort=colour": "sort", "filters[colour]=1": "colour", "filters[status]=x": "status", "filters[moderationstatus]=maybe": "moderationstatus",
		"start=-1": "start", "limit=x": "limit", "pageSize=x": "pageSize",
	} {
		params, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := filemobile.ParseQuery(filemobile.Call{Params: params}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", query, err)
		}
	}
	q, err := filemobile.ParseQuery(filemobile.Call{Params: url.Values{"limit": {"9999"}}})
	trashed := filemobile.FromMedia(events.Media{Status: 104})
	if err != nil || q.Limit != 500 || !q.Descending || q.Wanted(trashed) {
		t.Errorf("got %+v, %v", q, err)
	}
}
