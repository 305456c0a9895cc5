package media_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/media"
)

func TestStatuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ status, trashed, deleted, restored, converted, failed int }{
		{0, 101, 201, 0, 3, 4},
		{1, 102, 202, 1, 3, 4},
		{2, 103, 203, 2, 3, 4},
		{3, 104, 204, 3, 3, 4},
		{4, 105, 205, 4, 3, 4},
		{5, 105, 205, 5, 3, 4},
		{101, 101, 201, 0, 104, 105},
		{103, 103, 203, 2, 104, 105},
		{105, 105, 205, 4, 104, 105},
		{203, 103, 203, 203, 204, 205},
	} {
		got := []int{
			media.Trash(tt.status), media.Delete(tt.status), media.Restore(tt.status), media.Land(tt.status, true), media.Land(tt.status, false),
		}
		if diff := cmp.Diff([]int{tt.trashed, tt.deleted, tt.restored, tt.converted, tt.failed}, got); diff != "" {
			t.Errorf("status %d (-want +got):\n%s", tt.status, diff)
		}
	}
}

func TestPatch(t *testing.T) {
	t.Parallel()
	before := events.MediaInfo{
		Title: "a", Tags: []string{"x"}, Hits: 1<<60 + 1, Uploader: events.MediaUploader{Name: "evert", City: "Toronto"},
	}
	got, err := media.Patch(before, []byte(`{"title":"b","tags":null,"uploader":{"city":null,"firstname":"エヴァート"},`+
		`"place":{"latitude":1.5,"longitude":-2},"created_at":"2024-02-29T23:59:59Z","parent":9007199254740993}`))
	if err != nil {
		t.Fatal(err)
	}
	want := events.MediaInfo{
		Title: "b", Hits: 1<<60 + 1, Uploader: events.MediaUploader{Name: "evert", Firstname: "エヴァート"}, Parent: 9007199254740993,
		Place: &events.MediaPlace{Latitude: 1.5, Longitude: -2}, CreatedAt: time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("item (-want +got):\n%s", diff)
	}
	if before.Tags[0] != "x" {
		t.Error("what was patched is another now")
	}
}

// TestPatch_Refuses has hostile texts and wrong kinds, each with the field that is to blame.
func TestPatch_Refuses(t *testing.T) {
	t.Parallel()
	text := func(s string) string {
		raw, _ := json.Marshal(s)
		return string(raw)
	}
	for _, tt := range []struct{ document, field string }{
		{`[]`, ""},
		{`{} {}`, ""},
		{`{"nonsense":1}`, "nonsense"},
		{`{"status":3}`, "status"},
		{`{"title":1}`, "title"},
		{`{"uploader":{"city":7}}`, "uploader.city"},
		{`{"hits":1.5}`, "hits"},
		{`{"hits":-1}`, "hits"},
		{`{"created_at":"yesterday"}`, "created_at"},
		{`{"title":` + text("a\x00b") + `}`, "title"},
		{`{"title":` + text("a\x1bb") + `}`, "title"},
		{`{"message":"\ufffe"}`, "message"},
		{`{"title":` + text(strings.Repeat("x", 1<<20)) + `}`, "title"},
		{`{"tags":["two words"]}`, "tags"},
		{`{"tags":[""]}`, "tags"},
		{`{"uploader":{"lastname":"\u0007"}}`, "uploader.lastname"},
		{`{"place":{"latitude":91,"longitude":0}}`, "place.latitude"},
		{`{"rotation":360}`, "rotation"},
		{`{"moderation":{"status":3}}`, "moderation.status"},
		{`{"metadata":{"a":"\u0001"}}`, "metadata"},
		{`{"metadata":{"a":` + text(strings.Repeat("x", 1<<15)) + `}}`, "metadata"},
	} {
		_, err := media.Patch(events.MediaInfo{}, []byte(tt.document))
		fields := media.FieldErrors(err)
		if len(fields) != 1 || fields[0].Field != tt.field || fields[0].Want == "" {
			t.Errorf("%.60s: got %v, want one error about %q", tt.document, err, tt.field)
		}
	}
}

func TestEnded(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	north, east := 55.7, 12.6
	item := events.Media{ID: "7", Status: events.MediaConverting, File: &events.MediaFile{Name: "a.jpg", Bytes: 9}}
	result := events.Result{
		ID: "j", State: events.StateCompleted, Outputs: []events.Output{{ID: "large"}}, Timing: events.Timing{QueuedMS: 500, FetchMS: 1, RenderMS: 20, StoreMS: 300},
		Source: &events.Source{Width: 60, Height: 40, Details: &events.Details{
			EXIF: map[string]string{"DateTimeOriginal": "2011:06:07 22:09:30"}, Latitude: &north, Longitude: &east,
		}},
	}
	media.Ended(&item, result, at)
	if item.Status != events.MediaConverted || item.ConversionMS != 321 || !item.ConvertedAt.Equal(at) || item.File.Width != 60 {
		t.Errorf("got %+v", item)
	}
	if item.Place == nil || item.Place.Longitude != east || item.CreatedAt.Format(time.DateTime) != "2011-06-07 22:09:30" {
		t.Errorf("got %+v, taken %s", item.Place, item.CreatedAt)
	}
	media.Ended(&item, events.Result{ID: "k", State: events.StateFailed}, at)
	if item.Status != events.MediaFailed || len(item.Outputs) != 1 || item.Job != "k" {
		t.Errorf("a failed job left %+v", item)
	}
	item.Status = media.Delete(events.MediaConverting)
	item.Outputs = nil
	media.Ended(&item, result, at)
	if item.Status != 204 || item.Outputs != nil {
		t.Errorf("a deleted item became %+v", item)
	}
}

func TestRating(t *testing.T) {
	t.Parallel()
	for want, votes := range map[int]events.MediaVotes{0: {}, 5: {Count: 2, Sum: 9}, 4: {Count: 3, Sum: 13}, 10: {Count: 4, Sum: 40}} {
		if got := votes.Rating(); got != want {
			t.Errorf("%+v: got %d, want %d", votes, got, want)
		}
	}
}
