package filemobile_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/filemobile"
	"github.com/ringback/ringback/services/internal/media"
)

// nasty are texts that break documents, and some that only look so.
var nasty = []string{
	"", " ", "<b>&amp;</b>", "]]>", "<![CDATA[", "<!--", "\x00", "\x08", "\x0b", "\x1f", "\r\n\t", "\u0085\u2028", "\uFFFE", "\uFFFF", "\uFFFD",
	"\xed\xa0\x80", "\xff", "\U0001F600", "\U0010FFFF", "&#x1;", "エヴァート", `"'`, strings.Repeat("x", 1<<20), strings.Repeat("ぽ", 400),
}

// TestHostile draws what people could say of an item: it is a document by the schema that says the same, or refused at the
// door with the field's name.
func TestHostile(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	xsd := schema(t)
	names := []string{
		"title", "message", "tags", "sender", "injector", "url", "language", "channel_name", "channel_shortname", "user_name", "user_country",
		"user_city", "user_state", "user_nickname", "user_firstname", "user_lastname", "uid", "date", "geo_latitude", "geo_longitude", "rotation", "hits",
		"moderationstatus", "meta[a]",
	}
	taken := 0
	for range 1000 {
		name, text := names[random.IntN(len(names))], nasty[random.IntN(len(nasty))]
		if random.IntN(2) == 0 {
			text += nasty[random.IntN(len(nasty))]
		}
		call := filemobile.Call{Params: url.Values{name: {text}}}
		info, err := said(call)
		if err != nil {
			field, _, _ := strings.Cut(name, "[")
			if !strings.Contains(err.Error(), field) {
				t.Fatalf("%s = %.40q: %v, which does not name it", name, text, err)
			}
			continue
		}
		taken++
		item := filemobile.FromMedia(events.Media{ID: "7", MediaInfo: info})
		document := filemobile.MarshalResult(item)
		if err := xsd.Validate(document); err != nil {
			t.Fatalf("%s = %.40q: %v", name, text, err)
		}
		if got := elements(t, document)["title"]; got != item.Title {
			t.Fatalf("%s = %.40q: the title %q is read as %q", name, text, item.Title, got)
		}
	}
	if taken == 0 {
		t.Error("everything was refused")
	}
}

// said is what an upload would make of a call.
func said(call filemobile.Call) (events.MediaInfo, error) {
	patch, err := filemobile.Describe(call)
	if err != nil {
		return events.MediaInfo{}, err
	}
	info, err := media.Patch(events.MediaInfo{}, patch)
	return info, filemobile.Explain(err)
}

// FuzzMarshalResult lets any record at all become a document by the schema, also one that passed no door.
func FuzzMarshalResult(f *testing.F) {
	for i, text := range nasty[:len(nasty)-2] {
		f.Add(text, int64(i), 43.65)
	}
	f.Fuzz(func(t *testing.T, text string, number int64, degrees float64) {
		if number < 0 || math.IsNaN(degrees) || math.IsInf(degrees, 0) {
			return // no record has them
		}
		m := record()
		m.ID, m.Title, m.Uploader.City, m.Hits = text, text, text, number
		m.Place = &events.MediaPlace{Latitude: degrees}
		m.ConvertedAt = time.Unix(number%(1<<36), 0)
		if err := schema(t).Validate(filemobile.MarshalResult(filemobile.FromMedia(m))); err != nil {
			t.Error(err)
		}
		reply := filemobile.Reply{Item: &filemobile.Entry{Item: filemobile.FromMedia(m), Metadata: map[string]string{text: text}}}
		body, err := reply.JSON()
		if err != nil || !json.Valid(body) {
			t.Errorf("%s: %v", body, err)
		}
	})
}
