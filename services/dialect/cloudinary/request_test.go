package cloudinary_test

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/cloudinary"
)

func sha1Hex(text string) string {
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// parts writes a multipart body: pairs of headers and content.
func parts(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "--BOUND\r\n%s\r\n\r\n%s\r\n", pairs[i], pairs[i+1])
	}
	return b.String() + "--BOUND--"
}

const (
	multipartType = "multipart/form-data; boundary=BOUND"
	textPart      = `Content-Disposition: form-data; name=`
	filePart      = `Content-Disposition: form-data; name="file"; filename="C:\fakepath\a b.png"` + "\r\nContent-Type: image/png"
)

func TestReadRequest_Encodings(t *testing.T) {
	t.Parallel()
	urlEncoded := "public_ids[1]=p2&public_ids[0]=p1&tag=a%26b&async=true&n=5"
	for name, row := range map[string]struct {
		contentType string
		query       url.Values
		body        string
	}{
		"URLEncoded":    {"application/x-www-form-urlencoded; charset=utf-8", nil, urlEncoded},
		"NoType":        {"", nil, urlEncoded},
		"OctetStream":   {"application/octet-stream", nil, urlEncoded},
		"JSON":          {"application/json", nil, `{"public_ids":["p1","p2"],"tag":"a&b","async":true,"n":5,"gone":null}`},
		"Query":         {"", query("public_ids[]", "p1", "public_ids[]", "p2", "tag", "a&b", "async", "true", "n", "5"), ""},
		"QueryAndBody":  {"", query("public_ids[]", "no", "n", "5"), strings.TrimSuffix(urlEncoded, "&n=5")},
		"MultipartNone": {multipartType, query("public_ids", "p1", "public_ids", "p2", "tag", "a&b", "async", "true", "n", "5"), ""},
		"Multipart": {multipartType, nil, parts(textPart+`"public_ids[]"`, "p1", textPart+`"public_ids[]"`, "p2", textPart+`"tag"`, "a&b",
			textPart+"async", "true", textPart+"n", "5")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := cloudinary.ReadRequest(row.contentType, row.query, iotest.OneByteReader(strings.NewReader(row.body)), limits)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"p1", "p2"}, r.Params.All("public_ids")); diff != "" {
				t.Errorf("public_ids (-want +got):\n%s", diff)
			}
			async, err := r.Params.Bool("async", false)
			n, numberErr := r.Params.Int("n", 0, 1, 9)
			if r.Params.Get("tag") != "a&b" || !async || err != nil || n != 5 || numberErr != nil || r.Params.Has("gone") {
				t.Errorf("got %v", r.Params)
			}
			if diff := cmp.Diff([]string{"async", "n", "public_ids", "tag"}, r.Params.Names()); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadRequest_FileInAnyPlace(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		parts(filePart, "\x89PNG\r\n", textPart+"tags", "x"),
		parts(textPart+"tags", "x", `Content-Disposition: form-data; name="other"; filename="o"`, "dropped", filePart, "\x89PNG\r\n"),
	} {
		r, err := cloudinary.ReadRequest(multipartType, nil, strings.NewReader(body), limits)
		if err != nil {
			t.Fatal(err)
		}
		if r.File == nil || string(r.File.Data) != "\x89PNG\r\n" || r.File.ContentType != "image/png" || r.Params.Get("tags") != "x" {
			t.Errorf("got %+v", r)
		}
	}
}

// TestParams_Lists defines what happens to names that come more than once.
func TestParams_Lists(t *testing.T) {
	t.Parallel()
	p := form(t, "a[2]=5&a=1&a[]=2&a[1]=4&a=3&b=1&b=2&c[x]=1&d[99]=1").Params
	for name, want := range map[string]string{"a": "1,2,3,4,5", "b": "1,2", "c": "", "c[x]": "1", "d": "1", "B": ""} {
		if got := p.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, err := p.Bool("b", false); err == nil {
		t.Error("two values are a boolean")
	}
	if _, err := p.Int("b", 0, 0, 100); err == nil {
		t.Error("two values are a number")
	}
}

func TestReadRequest_JSONWithin(t *testing.T) {
	t.Parallel()
	r, err := cloudinary.ReadRequest("application/json", nil,
		strings.NewReader(`{"face_coordinates":[[1, 2,3,4]],"context":{"a": 1},"tags":[],"x":1.50}`), limits)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"face_coordinates": "[1,2,3,4]", "context": `{"a":1}`, "tags": "", "x": "1.50"} {
		if got := r.Params.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestReadRequest_Refuses(t *testing.T) {
	t.Parallel()
	small := cloudinary.Limits{Fields: 100, File: 30}
	large := strings.Repeat("x", 101)
	for name, row := range map[string]struct{ contentType, body, want string }{
		"Fields":          {"", "a=" + large, "Parameters too large - at most 100 bytes"},
		"FieldsInParts":   {multipartType, parts(textPart+"a", large), "Request too large"},
		"FieldsTogether":  {"", strings.Repeat("ab=cd&", 26), "Parameters too large"},
		"File":            {multipartType, parts(filePart, strings.Repeat("x", 31)), "File size too large. Maximum is 30."},
		"FileText":        {multipartType, parts(textPart+"file", strings.Repeat("x", 20<<10)), "too large"},
		"TwoFiles":        {multipartType, parts(filePart, "a", filePart, "b"), "there is more than one file"},
		"TwoFileTexts":    {"", "file=a&file=b", "there is more than one file"},
		"FileArray":       {"application/json", `{"file":["a","b"]}`, "there is more than one file"},
		"Many":            {"", strings.Repeat("&a", 4000), ""},
		"Truncated":       {multipartType, "--BOUND\r\n" + textPart + "a\r\n\r\nx", "Invalid"},
		"CutBetweenParts": {multipartType, strings.TrimSuffix(parts(textPart+"a", "b"), "--BOUND--"), "Invalid"},
		"CutFile":         {multipartType, strings.TrimSuffix(parts(filePart, "b"), "\r\n--BOUND--"), "Invalid multipart body"},
		"NoBoundary":      {"multipart/form-data", parts(textPart+"a", "b"), "Invalid"},
		"Escape":          {"", "a=%zz", "parameter a is not URL-encoded"},
		"NoObject":        {"application/json", `[1]`, "expected a JSON object"},
		"NoJSON":          {"application/json", `{`, "expected a JSON object"},
		"Type":            {"text/xml", `<a/>`, "Invalid Content-Type text/xml"},
		"BadType":         {"a/b/c;;", `x`, "Invalid Content-Type"},
		"LongName":        {"", strings.Repeat("n", 256) + "=", ""},
		"NoName":          {"", "=1", "Invalid parameter name"},
		"HugeIndex":       {"", "a[99999999999999999999]=1", "Invalid index"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var e *cloudinary.Error
			_, err := cloudinary.ReadRequest(row.contentType, nil, strings.NewReader(row.body), small)
			if !errors.As(err, &e) || e.Status != 400 || !strings.Contains(e.Message, row.want) {
				t.Errorf("got %v, want %q", err, row.want)
			}
		})
	}
	if _, err := cloudinary.ReadRequest("", nil, iotest.ErrReader(io.ErrUnexpectedEOF), small); err == nil {
		t.Error("a body that ends early is taken")
	}
	for _, q := range []url.Values{query("", "x"), query("a", strings.Repeat("x", 200))} {
		if _, err := cloudinary.ReadRequest("", q, nil, small); err == nil {
			t.Errorf("the query %v is taken", q)
		}
	}
	many := bytes.Repeat([]byte("a=&"), 3001)
	if _, err := cloudinary.ReadRequest("", nil, bytes.NewReader(many), limits); err == nil || !strings.Contains(err.Error(), "Too many parameters") {
		t.Errorf("got %v", err)
	}
}

func TestErrorReply(t *testing.T) {
	t.Parallel()
	got := string(cloudinary.ErrorReply("a <b> & \"c\" \u2028 \xff \\u2028"))
	if want := "{\"error\":{\"message\":\"a <b> & \\\"c\\\" \u2028 \ufffd \\\\u2028\"}}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, e := range []*cloudinary.Error{
		cloudinary.MissingParameter("a"), cloudinary.NotFound("a\r\nSet-Cookie: é"), cloudinary.UnknownKey("a"), cloudinary.UnknownPreset(),
		cloudinary.LoadError("a", "b"), cloudinary.TooLarge(1), cloudinary.AlreadyExists(strings.Repeat("x", 1000)),
	} {
		if strings.ContainsAny(e.Header(), "\r\n") || len(e.Header()) > 1100 {
			t.Errorf("header %q", e.Header())
		}
		if (e.Status != 400 && e.Status != 401 && e.Status != 404) || len(e.Error()) > 400 {
			t.Errorf("got %d %s", e.Status, e)
		}
	}
}
