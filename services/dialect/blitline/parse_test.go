package blitline_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
	oneJob   = `{"application_id":"APP","src":"http://x/y.png","functions":[{"name":"blur","save":{"image_identifier":"one"}}]}`
)

func TestParse_Encodings(t *testing.T) {
	t.Parallel()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	if err := w.WriteField("json", oneJob); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	quoted, err := json.Marshal("[" + oneJob + "]")
	if err != nil {
		t.Fatal(err)
	}
	withoutID := strings.Replace(oneJob, `"application_id":"APP",`, "", 1)
	tests := []struct {
		name, contentType, body string
		query                   url.Values
		isArray                 bool
	}{
		{"FormObject", formType, "json=" + url.QueryEscape(oneJob), nil, false},
		{"FormArray", formType + "; charset=UTF-8", "json=" + url.QueryEscape("["+oneJob+"]"), nil, true},
		{"Multipart", w.FormDataContentType(), form.String(), nil, false},
		{"ArrayUnderJSON", jsonType, `{"json":[` + oneJob + `]}`, nil, true},
		{"ArrayAsStringUnderJSON", jsonType, `{"json":` + string(quoted) + `}`, nil, true},
		{"ObjectUnderJSON", jsonType, `{"json":` + oneJob + `}`, nil, false},
		{"Bare", jsonType, oneJob, nil, false},
		{"ApplicationInQuery", jsonType, withoutID, url.Values{"application_id": {"APP"}}, false},
		{"BareArray", jsonType, "[" + oneJob + "]", nil, true},
		{"BareUnderFormType", formType, oneJob, nil, false},
		{"NoContentType", "", oneJob, nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := blitline.Parse(tt.contentType, []byte(tt.body), tt.query)
			if err != nil {
				t.Fatal(err)
			}
			if got.IsArray != tt.isArray || len(got.Jobs) != 1 {
				t.Fatalf("got array %v of %d, want array %v of 1", got.IsArray, len(got.Jobs), tt.isArray)
			}
			want := blitline.Submission{
				ApplicationID: "APP", Source: blitline.Source{URL: "http://x/y.png"},
				Recipe: recipe.Recipe{Inspect: always, Steps: []recipe.Step{
					{Op: "blur", Params: json.RawMessage(`{"sigma":1}`), Save: save("one", "jpeg", 85)},
				}},
				Details: blitline.Details{Images: []blitline.Image{{Output: "one", Identifier: "one"}}},
			}
			if diff := cmp.Diff(want, got.Jobs[0]); diff != "" {
				t.Errorf("job (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParse_InvalidRequest(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, contentType, body string }{
		{"Empty", jsonType, ""},
		{"CutShort", jsonType, oneJob[:len(oneJob)-2]},
		{"Number", jsonType, "17"},
		{"EmptyList", jsonType, "[]"},
		{"FormWithoutField", formType, "job=1"},
		{"MultipartWithoutPart", "multipart/form-data; boundary=x", "--x--"},
		{"StringThatIsNoJSON", jsonType, `{"json":"hello"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := blitline.Parse(tt.contentType, []byte(tt.body), nil)
			if !errors.Is(err, blitline.ErrInvalidRequest) {
				t.Fatalf("got %v, want ErrInvalidRequest", err)
			}
			if s := blitline.Sentence(err); !strings.HasPrefix(s, "The request could not be read: ") {
				t.Errorf("sentence %q", s)
			}
		})
	}
}

func TestParse_JobErrors(t *testing.T) {
	t.Parallel()
	const blur = `"functions":[{"name":"blur","save":{"image_identifier":"a"}}]`
	tests := []struct{ name, body, want string }{
		{"NoApplication", `{"src":"http://x",` + blur + `}`, "An application_id is required for every job"},
		{"NullApplication", `{"application_id":null,"src":"http://x",` + blur + `}`, "An application_id is required for every job"},
		{"NoSource", `{"application_id":"A",` + blur + `}`, "A src is required for every job"},
		{"NoFunctions", `{"application_id":"A","src":"http://x","functions":null}`, "At least one function is required for every job"},
		{"NoName", `{"application_id":"A","src":"http://x","functions":[{}]}`, "Every function needs a name"},
		{"NoIdentifier", `{"application_id":"A","src":"http://x","functions":[{"name":"no_op","save":{}}]}`, "Every save needs an image_identifier"},
		{
			"NoKey", `{"application_id":"A","src":"http://x","functions":[{"name":"no_op","save":{"image_identifier":1,"s3_destination":{"bucket":"b"}}}]}`,
			"An s3_destination needs both a bucket and a key",
		},
		{
			"StoredPostback", `{"application_id":"A","src":"http://x","postback_url":{"save":{}},` + blur + `}`,
			"A postback_url that is an object needs a save with a destination",
		},
		{"Postback", `{"application_id":"A","src":"http://x","postback_url":"example.com",` + blur + `}`, "The postback_url is not an http or https URL"},
		{
			"HeaderInjection", `{"application_id":"A","v":2,"src":"http://x","postback_url":"http://x","postback_headers":{"X":"a\r\nY: b"},` + blur + `}`,
			"The postback_headers hold one that HTTP does not allow",
		},
		{
			"HeaderName", `{"application_id":"A","v":2,"src":"http://x","postback_url":"http://x","postback_headers":{"X Y":"a"},` + blur + `}`,
			"The postback_headers hold one that HTTP does not allow",
		},
		{"NotAJob", `[7]`, "A job must be a JSON object"},
		{
			"TooLong", `{"application_id":"A","src":"http://x/` + strings.Repeat("x", 250_000) + `",` + blur + `}`,
			"A job may have at most 250000 characters of JSON",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := parseOne(t, tt.body).Error; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParse_Refusals(t *testing.T) {
	t.Parallel()
	const withBlur = `,"functions":[{"name":"blur","save":{"image_identifier":"a"}}]`
	function := func(f string) string { return `,"src":"http://x","functions":[` + f + `]` }
	tests := []struct{ name, rest, code, message string }{
		{"Unknown", function(`{"name":"blu3r"}`), "unknown_function", "Unknown function named 'blu3r'"},
		{"UnknownNested", function(`{"name":"blur","functions":[{"name":"blu3r"},{"name":"x"}]}`), "unknown_function", "Unknown function named 'blu3r'"},
		{
			"CommandLine", function(`{"name":"script"}`), "unsupported_function",
			"The function 'script' is not supported: libvips makes the pictures here, and scripts cannot be run",
		},
		{
			"TooWide", function(`{"name":"resize_to_fit","params":{"width":99999},"save":{"image_identifier":"a"}}`), "invalid_params",
			"The parameters of 'resize_to_fit' are out of range: width is 99999: expected a whole number of pixels, 1 to 16383, or a share, \"0.01%\" to \"1000%\"",
		},
		{"Extension", function(`{"name":"blur","save":{"image_identifier":"a","extension":".BMP"}}`), "unsupported_option", "Saving as 'bmp' is not supported"},
		{"SourceType", `,"src":"http://x","src_type":"video"` + withBlur, "unsupported_option", "The src_type 'video' is not supported"},
		{"SourceObject", `,"src":{"name":"dropbox"}` + withBlur, "unsupported_option", "The src of the kind 'dropbox' is not supported"},
		{
			"LargeCanvas", `,"src":{"name":"canvas","width":9000,"height":9000}` + withBlur, "invalid_params",
			"A canvas of 9000 by 9000 is not possible: expected edges of 1 to 10000 pixels and at most 25000000 pixels",
		},
		{
			"CanvasColor", `,"src":{"name":"canvas","color":"mauvish"}` + withBlur, "invalid_params",
			"The color 'mauvish' of a canvas is not one: expected a name or #rrggbb",
		},
		{"Pages", `,"src":"http://x","src_type":{"name":"multi_page","pages":"first"}` + withBlur, "invalid_params", "The pages 'first' cannot be read: expected a list of numbers from 0"},
		{"OneFrame", `,"src":["http://x"],"src_type":"gif"` + withBlur, "source_unreadable", "A src of the kind 'gif' needs a list of at least two pictures"},
		{"Colorspace", `,"src":"http://x","src_data":{"colorspace":"lab"}` + withBlur, "unsupported_option", "The colorspace 'lab' is not supported: expected srgb or gray"},
		{"Reference", `,"src":"&ID"` + withBlur, "source_unreadable", "Image reference 'ID' not found. Preprocessing probably failed."},
		{"PreProcess", `,"src":"http://x","pre_process":{"job":{}}` + withBlur, "unsupported_option", "A job in a pre_process that is empty is not supported"},
		{"MoveOriginal", `,"src":"http://x","pre_process":{"move_original":{"s3_destination":{}}}` + withBlur, "invalid_params", "A move_original needs an s3_destination"},
		{"NoPreparation", `,"src":"http://x","pre_process":{"polish":1}` + withBlur, "unsupported_option", "The pre_process 'polish' is not supported: expected one job or a preparation that is known"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := parseOne(t, `{"application_id":"A"`+tt.rest+`}`)
			want := &events.Failure{Code: tt.code, Message: tt.message}
			if diff := cmp.Diff(want, got.Refusal); diff != "" || got.Error != "" {
				t.Errorf("error %q, refusal (-want +got):\n%s", got.Error, diff)
			}
		})
	}
}

func TestParse_OldClientWithNulls(t *testing.T) {
	t.Parallel()
	got := parseOne(t, `{"application_id":"APP","src":"http://x/y.png","postback_url":null,"functions":[{"name":"blur","params":null,
		"save":{"image_identifier":"one","s3_destination":null},"functions":[{"name":"sepia_tone","params":null,
		"save":{"image_identifier":2,"extension":"png","quality":"60"},"functions":null}]}]}`)
	want := recipe.Recipe{Inspect: always, Steps: []recipe.Step{{
		Op: "blur", Params: json.RawMessage(`{"sigma":1}`), Save: save("one", "jpeg", 85),
		Steps: []recipe.Step{{Op: "sepia", Params: json.RawMessage(`{"strength":0.8}`), Save: save("2", "png", 0)}},
	}}}
	if diff := cmp.Diff(want, got.Recipe); diff != "" || got.Error != "" || got.Refusal != nil {
		t.Errorf("error %q, refusal %v, recipe (-want +got):\n%s", got.Error, got.Refusal, diff)
	}
}

func TestParse_Details(t *testing.T) {
	t.Parallel()
	got := parseOne(t, `{"application_id":"APP","v":"1.22","retry_postback":"true","extended_metadata":1,"hash":"md5",
		"postback_url":"https://h/p","postback_headers":{"X-A":"b","n":1},"src":{"name":"s3","bucket":{"name":"B","location":"eu-west-1"},"key":"a b.jpg"},
		"functions":[{"name":"no_op","save":{"image_identifier":"same"}},{"name":"no_op","save":{"image_identifier":"same"}},
		{"name":"no_op","save":{"image_identifier":"x","skip":true}}]}`)
	want := blitline.Submission{
		ApplicationID: "APP",
		Source:        blitline.Source{Object: &job.Object{Bucket: "B", Key: "a b.jpg", Region: "eu-west-1"}},
		Recipe: recipe.Recipe{
			Inspect: []string{"exif", "gps", "hashes"}, Steps: []recipe.Step{{Save: kept("same")}, {Save: kept("same#2")}, {}},
		},
		Targets: []job.Target{{Sink: job.SinkPostback, URL: "https://h/p", Headers: map[string]string{"X-A": "b", "n": "1"}}},
		Details: blitline.Details{
			Version: 1.22, RetryPostback: true, Wishes: blitline.Wishes{ExtendedMetadata: true, Hash: "md5"},
			Images: []blitline.Image{{Output: "same", Identifier: "same"}, {Output: "same#2", Identifier: "same"}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("job (-want +got):\n%s", diff)
	}
	back, err := blitline.ParseDetails(got.Details.Encode())
	if diff := cmp.Diff(got.Details, back); diff != "" || err != nil {
		t.Errorf("details did not survive: %v\n%s", err, diff)
	}
}

func TestParse_MeasureOnly(t *testing.T) {
	t.Parallel()
	got := parseOne(t, `{"application_id":"A","src":"http://x","functions":[{"name":"no_op","save":{"image_identifier":"a","skip":true}}]}`)
	if got.Error != "" || got.Refusal != nil || len(got.Recipe.Outputs()) != 0 {
		t.Errorf("got %+v, want an accepted job without outputs", got)
	}
}

func TestParse_Inline(t *testing.T) {
	t.Parallel()
	for _, src := range []string{`"iVBO\nRw=="`, `"data:image/png;base64,iVBORw=="`} {
		got := parseOne(t, `{"application_id":"A","src_type":"inline","src":`+src+`,"functions":[{"name":"no_op"}]}`)
		if string(got.Source.Data) != "\x89PNG" {
			t.Errorf("%s: got %q", src, got.Source.Data)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(jsonType, []byte(oneJob))
	f.Add(formType, []byte("json="+url.QueryEscape("["+oneJob+"]")))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\n"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		got, err := blitline.Parse(contentType, body, nil)
		if err == nil && len(got.Jobs) == 0 {
			t.Error("neither a job nor an error")
		}
		for _, j := range got.Jobs {
			if j.Error == "" && len(j.Recipe.Outputs()) != len(j.Details.Images) {
				t.Errorf("%d outputs, %d images", len(j.Recipe.Outputs()), len(j.Details.Images))
			}
		}
	})
}

func parseOne(t *testing.T, body string) blitline.Submission {
	t.Helper()
	r, err := blitline.Parse(jsonType, []byte(body), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Jobs) != 1 {
		t.Fatalf("got %d jobs, want 1", len(r.Jobs))
	}
	return r.Jobs[0]
}

func save(id, format string, quality int) *recipe.Save {
	s := &recipe.Save{ID: id, Format: format}
	if quality > 0 {
		s.Quality = &quality
	}
	return s
}

// always is what every job finds out about its source.
var always = []string{"exif", "gps"}

// kept is a save that keeps metadata.
func kept(id string) *recipe.Save {
	out := save(id, "jpeg", 85)
	out.Metadata = recipe.KeepAll
	return out
}
