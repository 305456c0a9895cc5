package filemobile_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/schemas"
	"github.com/ringback/ringback/schemas/xsd"
	"github.com/ringback/ringback/services/dialect/filemobile"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// published is the document that the provider publishes as its sample, but for a stray letter between two elements.
const published = `<?xml version="1.0" encoding="UTF-8"?> <result> <id>556114</id> <status>3</status> ` +
	`<contenttype>image/jpeg</contenttype> <filetype>1</filetype> <filename>Yankees-Should-Definitely-Sign-Guy.jpg</filename> ` +
	`<injector>httpupload</injector> <hits>0</hits> <message></message> <date>2009-01-31 22:11:18</date> ` +
	`<title>Test 7 : single + empty</title> <tags></tags> <extension>jpg</extension> <sender></sender> <uid>1543</uid> ` +
	`<filesize>30191</filesize> <ofilesize>113111</ofilesize> <upload>2009-01-31 22:11:18</upload> <privacy>1</privacy> ` +
	`<moderationstatus>0</moderationstatus> <width>0</width> <height>0</height> <length>0.00</length> ` +
	`<conversiontime>3.808</conversiontime> <converttime>2009-02-04 12:17:41</converttime> <offensive>0</offensive> ` +
	`<autoblog>0</autoblog> <rating>0</rating> <votecount>0</votecount> <commentcount>0</commentcount> ` +
	`<approvedcomments>0</approvedcomments> <notdeniedcomments>0</notdeniedcomments> <parentid>0</parentid> ` +
	`<user_name>evert</user_name> <user_country>CA</user_country> <user_city>Toronto</user_city> <user_state></user_state> ` +
	`<user_nickname>Evert</user_nickname> <user_firstname>エヴァート</user_firstname> <user_lastname>ぽつ</user_lastname> ` +
	`<url></url> <vhost>16</vhost> <rotation>0</rotation> <language></language> <channel>340</channel> ` +
	`<channel_shortname>mychannel</channel_shortname> <channel_name>Testing</channel_name> <geo_latitude/> <geo_longitude/> ` +
	`<publicUrl>http://fmdevs3.filemobile.com/storage/556114</publicUrl> ` +
	`<thumbUrl>http://fmdev.s3.amazonaws.com/storage/556114</thumbUrl> <moderationdeniedid>0</moderationdeniedid> </result>`

// record is the item of the sample, as it is kept.
func record() events.Media {
	uploaded := time.Date(2009, 1, 31, 22, 11, 18, 0, time.UTC)
	return events.Media{
		ID: "556114", Revision: 7, Status: events.MediaConverted, UploadedAt: uploaded, ConversionMS: 3808,
		ConvertedAt: time.Date(2009, 2, 4, 14, 17, 41, 0, time.FixedZone("", 2*3600)),
		File:        &events.MediaFile{Name: "Yankees-Should-Definitely-Sign-Guy.jpg", ContentType: "image/jpeg", Bytes: 113111},
		Outputs:     []events.Output{{ID: "15", URL: "http://h/15.jpg", Format: "jpeg", Bytes: 30191}},
		PublicURL:   "http://fmdevs3.filemobile.com/storage/556114",
		ThumbURL:    "http://fmdev.s3.amazonaws.com/storage/556114",
		MediaInfo: events.MediaInfo{
			Title: "Test 7 : single + empty", Injector: "httpupload", Privacy: 1,
			Uploader: events.MediaUploader{
				ID: 1543, Name: "evert", Country: "CA", City: "Toronto", Nickname: "Evert", Firstname: "エヴァート", Lastname: "ぽつ",
			},
			Channel: events.MediaChannel{ID: 340, Shortname: "mychannel", Name: "Testing"},
		},
	}
}

func sample() filemobile.Item {
	item := filemobile.FromMedia(record())
	item.Vhost = "16"
	return item
}

func TestMarshalResult_PublishedSample(t *testing.T) {
	t.Parallel()
	got := filemobile.MarshalResult(sample())
	// The sample's line breaks are lost; between elements they mean nothing.
	flat := strings.Join(strings.FieldsFunc(string(got), func(r rune) bool { return r == '\n' }), " ")
	flat = strings.ReplaceAll(flat, "   ", " ")
	if diff := cmp.Diff(strings.ReplaceAll(published, "> <", ">\n<"), strings.ReplaceAll(flat, "> <", ">\n<")); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	if err := schema(t).Validate(got); err != nil {
		t.Error(err)
	}
}

func TestMarshalResult_Escapes(t *testing.T) {
	t.Parallel()
	item := filemobile.Item{Title: `<b> & "c" ]]>` + "\x00\x1b", Filename: "a\nb"}
	got := elements(t, filemobile.MarshalResult(item))
	if got["title"] != `<b> & "c" ]]>`+"\uFFFD\uFFFD" || got["filename"] != "a\nb" {
		t.Errorf("got title %q, filename %q", got["title"], got["filename"])
	}
}

func TestFromMedia(t *testing.T) {
	t.Parallel()
	lat, long := 43.65, -79.38
	item := filemobile.FromMedia(events.Media{
		ID: "556114", Revision: 7, Status: 3, ConvertedAt: time.Date(2026, 11, 21, 3, 4, 5, 6, time.UTC),
		Outputs: []events.Output{
			{ID: "large", URL: "http://h/files/a%20b.jpg?sig=1", Width: 1600, Height: 1067, Format: "jpeg", Bytes: 152375},
			{ID: "thumb", URL: "http://h/files/t.webp", Width: 150, Height: 100, Format: "webp", Bytes: 999},
		},
	})
	item.Latitude, item.Longitude = &lat, &long
	golden(t, "from_media.xml", filemobile.MarshalResult(item))
}

func TestFromMedia_FailedWithoutOutputs(t *testing.T) {
	t.Parallel()
	got := elements(t, filemobile.MarshalResult(filemobile.FromMedia(events.Media{ID: "1", Status: 4})))
	if got["status"] != "4" || got["publicUrl"] != "" || got["converttime"] != "" {
		t.Errorf("got %v", got)
	}
}

func schema(t *testing.T) *xsd.Schema {
	t.Helper()
	raw, err := schemas.Lookup("filemobile/callback.xsd")
	if err != nil {
		t.Fatal(err)
	}
	s, err := xsd.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// elements reads the texts of the document's elements by name, and fails for anything that is not well formed.
func elements(t *testing.T, document []byte) map[string]string {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(document))
	all, name := map[string]string{}, ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			delete(all, "result") // the root, and the line break before it
			delete(all, "")
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			name = token.Name.Local
			all[name] = ""
		case xml.CharData:
			all[name] += string(token)
		case xml.EndElement:
			name = "result"
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
