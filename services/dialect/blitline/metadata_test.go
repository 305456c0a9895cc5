package blitline_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/blitline"
)

// TestResult_OriginalMeta tells of a source what the job asked for, and dates and places without being asked.
func TestResult_OriginalMeta(t *testing.T) {
	t.Parallel()
	latitude, longitude := 55.5, -12.25
	source := &events.Source{
		Width: 3000, Height: 4000, Format: "jpeg", Bytes: 1234,
		Details: &events.Details{
			EXIF: map[string]string{
				"Orientation": "6", "DateTimeOriginal": "2011:06:07 22:09:30", "DateTime": "2012:01:01 00:00:00",
				"OffsetTimeOriginal": "-05:00", "XResolution": "72/1", "YResolution": "72", "Make": "Canon",
			},
			IPTC:     map[string]string{"Headline": "Harbour"},
			Latitude: &latitude, Longitude: &longitude,
			Colors: []string{"#106196", "#ffffff"}, ColorShares: []float64{0.2629, 0.1},
			MD5: "d41d8cd98f00b204e9800998ecf8427e", SHA256: "e3b0", CRC32: "0000000a", PHash: "ffffffffffffffff",
		},
	}
	always := `"width":4000,"height":3000,"date_created":"2011:06:07 22:09:30"`
	iso, place := `,"iso_date_created":"2011-06-07T22:09:30-05:00"`, `,"lat":55.5,"lng":-12.25`
	exif := `"DateTime":"2012:01:01 00:00:00","DateTimeOriginal":"2011:06:07 22:09:30","Make":"Canon","OffsetTimeOriginal":"-05:00","Orientation":"6","XResolution":"72/1","YResolution":"72"`
	pairs := `["DateTime","2012:01:01 00:00:00"],["DateTimeOriginal","2011:06:07 22:09:30"],["Make","Canon"],["OffsetTimeOriginal","-05:00"],["Orientation","6"],["XResolution","72/1"],["YResolution","72"]`
	tests := []struct {
		name    string
		version float64
		wishes  blitline.Wishes
		want    string
	}{
		{"Nothing", 1.19, blitline.Wishes{}, always + place},
		{"ISODate", 1.2, blitline.Wishes{}, always + iso + place},
		{"EXIF", 1.19, blitline.Wishes{EXIF: true}, always + `,"filesize":1234` + place + `,"original_exif":{` + exif + `},"density_info":{"density_x":72,"density_y":72,"units":"PixelsPerInch"}`},
		{"Extended", 1.19, blitline.Wishes{ExtendedMetadata: true}, always + `,"filesize":1234` + place + `,"all_exif":[` + pairs + `]`},
		{"IPTC", 1.19, blitline.Wishes{IPTC: true}, always + place + `,"iptc":{"Headline":"Harbour"}`},
		{"MD5", 1.19, blitline.Wishes{Hash: "md5"}, always + place + `,"hash":"d41d8cd98f00b204e9800998ecf8427e"`},
		{"CRC32", 1.19, blitline.Wishes{Hash: "crc32"}, always + place + `,"hash":10`},
		{"PHash", 1.19, blitline.Wishes{Hash: "phash_dct"}, always + place + `,"hash":18446744073709551615`},
		{
			"Colors", 1.19,
			blitline.Wishes{Colors: 1},
			always + place + `,"extracted_colors":{"data":[{"percentage":"26.29","pixel_count":3154800,"color":{"r":16,"g":97,"b":150,"hex_color":"#106196"}}],"best_guess_background":"#106196"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body := blitline.Result(events.Result{ID: exampleID(t).String(), State: events.StateCompleted, Source: source}, blitline.Details{Version: tt.version, Wishes: tt.wishes})
			validate(t, "blitline/result.json", body)
			var got struct {
				Results struct {
					Meta json.RawMessage `json:"original_meta"`
				}
			}
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("{"+tt.want+"}", string(got.Results.Meta)); diff != "" {
				t.Errorf("original_meta (-want +got):\n%s", diff)
			}
		})
	}
}

// TestResult_DensityOutsideOfEXIF tells the density of a file that has it elsewhere.
func TestResult_DensityOutsideOfEXIF(t *testing.T) {
	t.Parallel()
	d := blitline.Details{Version: 1.21, Wishes: blitline.Wishes{EXIF: true}}
	for dpi, want := range map[int]string{300: `"density_info":{"density_x":300,"density_y":300,"units":"PixelsPerInch"}`, 0: `{"width":1,"height":1}`} {
		source := &events.Source{Width: 1, Height: 1, DPI: dpi, Details: &events.Details{}}
		body := blitline.Result(events.Result{ID: exampleID(t).String(), Source: source}, d)
		validate(t, "blitline/result.json", body)
		if !strings.Contains(string(body), want) {
			t.Errorf("of %d dots an inch: %s, want %s", dpi, body, want)
		}
	}
}

// TestResult_ExtendedMetadata tells of an output what its file is like, and that it is blank whether asked or not.
func TestResult_ExtendedMetadata(t *testing.T) {
	t.Parallel()
	source := &events.Source{Width: 1, Height: 2, Bytes: 77}
	result := events.Result{ID: exampleID(t).String(), State: events.StateCompleted, Source: source, Outputs: []events.Output{
		{ID: "A", URL: "http://h/a.jpg", Width: 4, Height: 3, Format: "jpeg", Bytes: 99, Quality: 71, DPI: 300, Blank: true},
		{ID: "B", URL: "http://h/b.png", Width: 4, Height: 3, Format: "png", Bytes: 98},
	}}
	for asked, want := range map[bool][]string{
		false: {`"meta":{"width":4,"height":3},"is_blank":true}`, `"meta":{"width":4,"height":3}}`},
		true: {
			`"meta":{"width":4,"height":3,"filesize":99,"density":"300x300","depth":8,"quality":71},"is_blank":true}`,
			`"meta":{"width":4,"height":3,"filesize":98,"density":"72x72","depth":8}}`, `"original_meta":{"width":1,"height":2,"filesize":77}`,
		},
	} {
		d := details(1.21, "A", "B")
		d.ExtendedMetadata = asked
		body := blitline.Result(result, d)
		validate(t, "blitline/result.json", body)
		for _, part := range want {
			if !strings.Contains(string(body), part) {
				t.Errorf("extended %v: no %s in %s", asked, part, body)
			}
		}
	}
}

// TestResult_AsStored tells the measures of a picture that was not turned as they are.
func TestResult_AsStored(t *testing.T) {
	t.Parallel()
	s := parseOne(t, `{"application_id":"A","src":"http://x","suppress_auto_orient":"true","functions":[{"name":"no_op","save":{"image_identifier":"a"}}]}`)
	if !s.Recipe.AsStored || s.Refusal != nil {
		t.Fatalf("as stored %v, refused %v", s.Recipe.AsStored, s.Refusal)
	}
	body := blitline.Result(events.Result{
		ID: exampleID(t).String(), State: events.StateCompleted,
		Source: &events.Source{Width: 4000, Height: 3000, Details: &events.Details{EXIF: map[string]string{"Orientation": "6"}}},
	}, s.Details)
	if !strings.Contains(string(body), `"original_meta":{"width":4000,"height":3000}`) {
		t.Errorf("got %s", body)
	}
}

// TestParse_Metadata asks the engine for what the result is to tell.
func TestParse_Metadata(t *testing.T) {
	t.Parallel()
	const rest = `"functions":[{"name":"no_op","save":{"image_identifier":"a"}}]}`
	for fields, want := range map[string][]string{
		`"v":1`:                              {"exif", "gps"},
		`"include_iptc":"true"`:              {"exif", "gps", "iptc"},
		`"hash":"crc32"`:                     {"exif", "gps", "hashes"},
		`"hash":"phash_dct"`:                 {"exif", "gps", "phash"},
		`"extract_colors":{"max_colors":99}`: {"exif", "gps", "colors"},
	} {
		got := parseOne(t, `{"application_id":"A","src":"http://x",`+fields+`,`+rest)
		if diff := cmp.Diff(want, got.Recipe.Inspect); diff != "" || got.Refusal != nil {
			t.Errorf("%s: refused %v, asks for (-want +got):\n%s", fields, got.Refusal, diff)
		}
	}
	got := parseOne(t, `{"application_id":"A","src":"http://x","hash":"phash_mh",`+rest)
	if got.Refusal == nil || got.Refusal.Message != "The hash 'phash_mh' is not supported: expected md5, sha256, crc32 or phash_dct" {
		t.Errorf("refused %v", got.Refusal)
	}
}
