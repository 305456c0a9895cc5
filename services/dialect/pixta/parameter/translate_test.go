package parameter_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/pixta/parameter"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// chained are the steps of a recipe that does not branch, "op {params}" each.
func chained(r recipe.Recipe) []string {
	all := []string{}
	for steps := r.Steps; len(steps) > 0; steps = steps[0].Steps {
		if steps[0].Op != "" {
			all = append(all, steps[0].Op+" "+string(steps[0].Params))
		}
	}
	return all
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	for query, want := range map[string][]string{
		"w=400&h=600&fit=crop":                             {`fill {"width":400,"height":600,"gravity":"center"}`},
		"w=400&h=600&fit=crop&crop=top,right":              {`fill {"width":400,"height":600,"gravity":"north_east"}`},
		"w=400&h=600&fit=crop&crop=faces":                  {`fill {"width":400,"height":600,"gravity":"attention"}`},
		"w=400&h=600&fit=crop&crop=faces,entropy":          {`fill {"width":400,"height":600,"gravity":"entropy"}`},
		"w=400&h=600&fit=crop&crop=faces,top":              {`fill {"width":400,"height":600,"gravity":"north"}`},
		"w=9&h=9&fit=crop&crop=focalpoint&fp-x=.2":         {`fill {"width":9,"height":9,"focus_x":0.2,"focus_y":0.5}`},
		"w=400&h=300&fit=fill&fill=4bcffa":                 {`pad {"width":400,"height":300,"background":"#4bcffa"}`},
		"w=400&h=300&fit=fill&fill=8f00":                   {`pad {"width":400,"height":300,"background":"#f008"}`},
		"w=400&h=300&fit=fill&fill=solid":                  {`pad {"width":400,"height":300,"background":"transparent"}`},
		"w=400&h=300&fit=fill&fill=solid&fill-color=navy":  {`pad {"width":400,"height":300,"background":"navy"}`},
		"w=400&h=300&fit=fill&fill=blur":                   {`pad {"width":400,"height":300,"background":"blur"}`},
		"w=400&h=300&fit=fill":                             {`pad {"width":400,"height":300,"background":"white"}`},
		"rot=10":                                           {`rotate {"degrees":-10,"inside":true}`},
		"rot=10&rot-type=pivot":                            {`rotate {"degrees":-10}`},
		"high=-50&shad=50":                                 {`highlights {"amount":-0.5}`, `shadows {"amount":0.5}`},
		"high=50&shad=-50":                                 {},
		"sat=-200":                                         {`saturation {"amount":-1}`},
		"con=20&bri=10&exp=-50":                            {`exposure {"stops":-1}`, `brightness {"amount":0.1}`, `contrast {"amount":0.2,"slope":"linear"}`},
		"blur=80":                                          {`blur {"sigma":10}`},
		"blur=1":                                           {`blur {"sigma":0.3}`},
		"width=300&mono=800000ff":                          {`fit {"width":300,"enlarge":true}`, `monochrome {"color":"#0000ff80","alpha":0.502}`},
		"txt64=SGVsbG8sIFdvcmxkIQ&txt-align=top&txt-pad=3": {`text {"text":"Hello, World!","font":"Helvetica","size":12,"color":"black","align":"center","gravity":"north","y":3}`},
		"mark=logo.png&mark-w=.5&mark-x=-4":                {`overlay {"picture":"mark","width":"50%","gravity":"south_west","x":-4,"y":5}`},
		"bri=0&w=":                                         {},
		"s=abc&expires=1700000000&dl=a.jpg&ixlib=js":       {},
	} {
		got, err := translate(t, query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if diff := cmp.Diff(want, chained(got.Recipe)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

func TestTranslate_Saves(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		query, accept string
		want          recipe.Save
	}{
		{"", "", recipe.Save{Quality: new(75)}},
		{"fm=jpg&q=0", "", recipe.Save{Format: "jpeg", Quality: new(1), Progressive: true}},
		{"fm=jpg&jpg-progressive=false", "", recipe.Save{Format: "jpeg", Quality: new(75)}},
		{"fm=pjpg&q=900", "", recipe.Save{Format: "jpeg", Quality: new(100), Progressive: true}},
		{"fm=png8", "", recipe.Save{Format: "png", Quality: new(75), Colors: 256}},
		{"auto=format,compress&fm=jpg", "image/avif,image/webp", recipe.Save{Format: "avif", Quality: new(45)}},
		{"auto=format&auto=compress", "image/webp,*/*", recipe.Save{Format: "webp", Quality: new(45)}},
		{"auto=format", "*/*", recipe.Save{Quality: new(75)}},
		{"lossless=1&fm=webp", "", recipe.Save{Format: "webp", Quality: new(75), Lossless: true}},
		{"chromasub=422&cs=srgb&iptc=allow", "", recipe.Save{Quality: new(75), Chroma: "444", Profile: "srgb", Metadata: "keep"}},
	} {
		values, err := url.ParseQuery(row.query)
		if err != nil {
			t.Fatal(err)
		}
		params, err := parameter.Parse(values, parameter.Options{})
		if err != nil {
			t.Errorf("%s: %v", row.query, err)
			continue
		}
		got, err := params.Translate(row.accept)
		if err != nil {
			t.Errorf("%s: %v", row.query, err)
			continue
		}
		row.want.ID = parameter.OutputID
		if diff := cmp.Diff([]recipe.Save{row.want}, got.Recipe.Outputs()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.query, diff)
		}
	}
}

func TestParse_Errors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"zoom=1&width=2&foo=":                   "Unknown parameters: foo, zoom.",
		"w=abc":                                 "Invalid parameter w=abc: want a whole number of pixels from 1, or a share from 0.0 to 1.0.",
		"w=0":                                   "Invalid parameter w=0: want a whole number",
		"w=10.5":                                "Invalid parameter w=10.5",
		"w=1e3":                                 "Invalid parameter w=1e3",
		"fit=facearea":                          "Unsupported parameter fit=facearea: there is no detector of faces here.",
		"fit=zoom":                              "Invalid parameter fit=zoom: want a list of clamp, clip",
		"fm=mp4&q=x&a=1":                        "Invalid parameter q=x: want a whole number. Unknown parameters: a. Unsupported parameter fm=mp4: no videos are made.",
		"duotone-alpha=101":                     "want a whole number from 0 to 100",
		"bg=12345":                              "Invalid parameter bg=12345: want a CSS name",
		"txt64=%2B%2B":                          "want base64url",
		"rect=1,2,3":                            "want x,y,w,h",
		"blend=f00&blend-mode=hue":              "libvips cannot blend hue",
		"page=1.5":                              "want a whole number",
		"expires=soon":                          "Invalid parameter expires=soon",
		"w=" + strings.Repeat("é", 99) + "&h=1": "…: want",
	} {
		_, err := parameter.Parse(query(t, text), parameter.Options{})
		if _, ok := errors.AsType[*parameter.Error](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestParse_IgnoresUnknown(t *testing.T) {
	t.Parallel()
	params, err := parameter.Parse(query(t, "zoom=1&faces=1&fm=mp4&fit=facearea&w=300"), parameter.Options{IgnoreUnknown: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := params.Canonical(); got != "w=300" {
		t.Errorf("kept %s", got)
	}
	if _, err := parameter.Parse(query(t, "w=x"), parameter.Options{IgnoreUnknown: true}); err == nil {
		t.Error("a wrong value was passed over")
	}
}

func TestParams_Canonical(t *testing.T) {
	t.Parallel()
	want := "fit=crop&h=20&txt=a%26b&w=10"
	for _, text := range []string{"w=10&h=20&fit=crop&txt=a%26b", "height=20&s=1&f=crop&width=10&t=a%26b&dl=x", "txt64=YSZi&w=10&h=20&fit=crop&expires=1"} {
		params, err := parameter.Parse(query(t, text), parameter.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := params.Canonical(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// FuzzTranslate translates any parameters: it never panics, and what is not refused is a valid recipe whose pictures are
// all there, and the same when it is read again as it is written.
func FuzzTranslate(f *testing.F) {
	for _, line := range documentation(f) {
		f.Add(line.Example)
	}
	f.Add("w=-1&h=999999999999999999999&dpr=0&fit=min,,&crop=,&rect=left,top,0.1,.9&ar=0:0")
	f.Fuzz(func(t *testing.T, text string) {
		values, err := url.ParseQuery(text)
		if err != nil {
			return
		}
		params, err := parameter.Parse(values, parameter.Options{IgnoreUnknown: len(text)%2 == 0})
		if err != nil {
			return
		}
		made, err := params.Translate("image/avif")
		if err != nil {
			if _, ok := errors.AsType[*parameter.Error](err); !ok {
				t.Errorf("%s: %v is no error for a client", text, err)
			}
			return
		}
		if len(made.Recipe.Outputs()) != 1 {
			t.Errorf("%s: outputs %v", text, made.Recipe.Outputs())
		}
		for _, name := range made.Recipe.Pictures() {
			if _, known := made.Pictures[name]; !known {
				t.Errorf("%s: picture %s is not among %v", text, name, made.Pictures)
			}
		}
		again, err := parameter.Parse(query(t, params.Canonical()), parameter.Options{})
		if err != nil || again.Canonical() != params.Canonical() {
			t.Errorf("%s: read again as %q, %v", text, again.Canonical(), err)
		}
	})
}
