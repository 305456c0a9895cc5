package pixta_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/pixta"
)

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
	// fields are those of the seed, as a form.
	fields = "source_id=62ec7b0041e66d000146c60a&object_key=000%2F018%2F083%2F18083.jpg&destination_object_key=000%2F018%2F083%2F18083.jpg"
	// object are those of the seed, in JSON.
	object = `"source_id":"62ec7b0041e66d000146c60a","object_key":"000/018/083/18083.jpg","destination_object_key":"000/018/083/18083.jpg"`
)

// TestParse_SaysTheSame reads the seed's request in every way that is clear.
func TestParse_SaysTheSame(t *testing.T) {
	t.Parallel()
	want := pixta.Request{
		SourceID: "62ec7b0041e66d000146c60a", ObjectKey: "000/018/083/18083.jpg", DestinationKey: "000/018/083/18083.jpg",
		Parameters: url.Values{"w": {"1600"}, "h": {"1600"}},
	}
	for name, row := range map[string]struct{ contentType, body string }{
		"JSON":                {jsonType, `{` + object + `,"parameters":{"w":1600,"h":1600}}`},
		"OtherFields":         {jsonType + "; charset=utf-8", `{` + object + `,"parameters":{"w":1600,"h":1600},"note":[1]}`},
		"JSONOfTexts":         {jsonType, `{` + object + `,"parameters":{"w":"1600","h":"1600"}}`},
		"JSONOfDecimals":      {jsonType, `{` + object + `,"parameters":{"w":1600.0,"h":1.6e3}}`},
		"JSONCalledForm":      {formType, ` {` + object + `,"parameters":{"w":1600,"h":1600}}`},
		"JSONWithoutType":     {"", `{` + object + `,"parameters":{"w":1600,"h":1600}}`},
		"TextOfJSON":          {jsonType, `{` + object + `,"parameters":"{\"w\":1600,\"h\":1600}"}`},
		"TextAsInAddresses":   {jsonType, `{` + object + `,"parameters":"?w=1600&h=1600"}`},
		"FormWithJSON":        {formType, fields + "&parameters=" + url.QueryEscape(`{"w": 1600, "h": 1600}`)},
		"FormWithBrackets":    {formType, fields + "&parameters[w]=1600&parameters%5Bh%5D=1600"},
		"FormAsInAddresses":   {formType, fields + "&parameters=w%3D1600%26h%3D1600"},
		"FormOfSeveral":       {formType, fields + "&parameters=w%3D1600&parameters=h%3D1600"},
		"FormWithoutAnything": {"", fields + "&parameters[w]=1600&parameters[h]=1600"},
	} {
		got, err := pixta.Parse(row.contentType, []byte(row.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestParse_Values(t *testing.T) {
	t.Parallel()
	got, err := pixta.Parse(jsonType, []byte(`{`+object+`,"parameters":{"invert":true,"crop":["top","left"],"w":0.5,"txt":null,"q":-0}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"invert": {"true"}, "crop": {"top,left"}, "w": {"0.5"}, "txt": {""}, "q": {"-0"}}
	if diff := cmp.Diff(want, got.Parameters); diff != "" {
		t.Errorf("parameters (-want +got):\n%s", diff)
	}
}

func TestParse_Refuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		contentType, body, want string
		status                  int
	}{
		// What the documents' own sample in Python sends.
		"ValuesLost":    {formType, fields + "&parameters=w&parameters=h", "requests.post(url, headers=headers, json=payload)", 400},
		"NamesAlone":    {jsonType, `{` + object + `,"parameters":"w"}`, "The values of", 400},
		"NoObject":      {jsonType, `[1]`, "The body is not a JSON object", 400},
		"Null":          {jsonType, `null`, "The body is not a JSON object", 400},
		"CutShort":      {jsonType, `{"source_id":`, "The body is not a JSON object", 400},
		"Missing":       {jsonType, `{"source_id":"a","object_key":"b"}`, "destination_object_key is missing", 400},
		"Nothing":       {"", ``, "source_id is missing", 400},
		"NoText":        {jsonType, `{"source_id":1}`, "source_id must be a text", 400},
		"LongKey":       {jsonType, strings.Replace(`{`+object+`}`, "18083.jpg", strings.Repeat("k", 1024), 1), "object_key must have 1 to 1024 bytes", 400},
		"ControlInKey":  {formType, strings.Replace(fields, "18083", "%00", 1), "without control characters", 400},
		"List":          {jsonType, `{` + object + `,"parameters":[1]}`, `parameters must be an object such as {"w": 1600}`, 400},
		"ObjectWithin":  {jsonType, `{` + object + `,"parameters":{"w":{"px":1}}}`, "parameters.w must be a number", 400},
		"ListInList":    {jsonType, `{` + object + `,"parameters":{"w":[[1]]}}`, "parameters.w must be a number", 400},
		"BrokenText":    {jsonType, `{` + object + `,"parameters":"{\"w\":"}`, "holds JSON that cannot be read", 400},
		"TooMany":       {formType, fields + "&parameters=" + url.QueryEscape("a0=1"+many()), "There are 201 parameters", 400},
		"Multipart":     {"multipart/form-data; boundary=x", "--x--", "send application/json", 415},
		"StrangeType":   {"text/", "x", "Content-Type cannot be read", 415},
		"PercentInForm": {formType, "source_id=%zz", "The form cannot be read", 400},
	} {
		_, err := pixta.Parse(row.contentType, []byte(row.body))
		refused, ok := errors.AsType[*pixta.Error](err)
		if !ok || refused.Status != row.status || !strings.Contains(refused.Message, row.want) {
			t.Errorf("%s: got %v, want %d with %q", name, err, row.status, row.want)
		}
	}
}

func many() string {
	var b strings.Builder
	for i := range 200 {
		b.WriteString("&a" + strings.Repeat("x", i+1) + "=1")
	}
	return b.String()
}

// FuzzParse reads any body: it never panics, and what is taken has all three names.
func FuzzParse(f *testing.F) {
	f.Add(jsonType, []byte(`{`+object+`,"parameters":{"w":1600,"h":[1,"2"]}}`))
	f.Add(formType, []byte(fields+"&parameters=w&parameters=h"))
	f.Add(formType, []byte(fields+"&parameters[w]=1&parameters[=2"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		got, err := pixta.Parse(contentType, body)
		if err != nil {
			if _, ok := errors.AsType[*pixta.Error](err); !ok {
				t.Errorf("%v is no error for a client", err)
			}
			return
		}
		if got.SourceID == "" || got.ObjectKey == "" || got.DestinationKey == "" || got.Parameters == nil {
			t.Errorf("took %+v", got)
		}
	})
}
