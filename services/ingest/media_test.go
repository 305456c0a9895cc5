package ingest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/collection"
)

// collection opens the media items of the house.
func (h *house) collection() *collection.Collection {
	h.Helper()
	c, err := collection.Open(h.Context(), h.deps.Bus, "/ringback/test")
	h.must(err)
	return c
}

// media makes a media item, as the result of a job does.
func (h *house) media(id string) {
	h.Helper()
	_, err := h.collection().Create(h.Context(), "demo", events.Media{ID: id, Status: events.MediaConverted, Outputs: []events.Output{}})
	h.must(err)
}

func (h *house) json(method, route, body string) reply {
	h.Helper()
	return h.send(method, route, strings.NewReader(body), "Content-Type", "application/json")
}

func TestMedia_IsChangedVotedOnAndDeleted(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	const route = "/v1/media/a.b"
	h.media("a.b")
	h.media("a/b c")
	if item := read[events.Media](h, h.send(http.MethodGet, "/v1/media/a%2Fb%20c", nil), 200); item.ID != "a/b c" {
		t.Errorf("got %+v", item)
	}
	item := read[events.Media](h, h.json(http.MethodPatch, route, `{"title":"<b> & ]]> \"c\"","tags":["x","y"],"moderation":{"status":2,"denied_id":4},"trashed":true}`), 200)
	if item.Title != `<b> & ]]> "c"` || item.Moderation.DeniedID != 4 || item.Status != 104 || item.Revision != 2 {
		t.Errorf("got %+v", item)
	}
	item = read[events.Media](h, h.json(http.MethodPatch, route, `{"tags":null,"trashed":false}`), 200)
	if item.Tags != nil || item.Status != events.MediaConverted || item.Revision != 3 {
		t.Errorf("got %+v", item)
	}
	for _, vote := range []string{`{"value":10,"voter":"1543"}`, `{"value":4,"voter":"1543"}`, `{"value":7}`} {
		item = read[events.Media](h, h.json(http.MethodPost, route+"/votes", vote), 200)
	}
	if item.Votes != (events.MediaVotes{Count: 2, Sum: 11}) || item.Votes.Rating() != 6 {
		t.Errorf("got %+v", item.Votes)
	}
	revision := item.Revision
	item = read[events.Media](h, h.send(http.MethodPost, route+"/callback", nil), 202)
	if item.Revision != revision+1 {
		t.Errorf("got revision %d, want %d", item.Revision, revision+1)
	}
	if r := h.send(http.MethodDelete, route, nil); r.StatusCode != http.StatusNoContent {
		t.Errorf("got %d %s", r.StatusCode, r.body)
	}
	for _, r := range []reply{
		h.send(http.MethodGet, route, nil), h.json(http.MethodPatch, route, `{"title":"x"}`), h.json(http.MethodPost, route+"/votes", `{"value":1}`),
		h.send(http.MethodDelete, route, nil), h.send(http.MethodGet, "/v1/media/other", nil),
	} {
		wantProblem(t, r, "not-found")
	}
	if last, err := h.collection().Get(t.Context(), "demo", "a.b"); err != nil || last.Status != 204 {
		t.Errorf("the last state is %+v, %v", last, err)
	}
}

// TestMedia_RefusesHostileTexts names the field, and changes nothing.
func TestMedia_RefusesHostileTexts(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.media("7")
	for body, field := range map[string]string{
		`{"title":"\u0000"}`:                   "title",
		`{"title":"` + long(20_000) + `"}`:     "title",
		`{"uploader":{"city":"\u001b[2J"}}`:    "uploader.city",
		`{"metadata":{"a":"\uffff"}}`:          "metadata",
		`{"tags":["two words"]}`:               "tags",
		`{"channel":{"id":-1}}`:                "channel.id",
		`{"status":3}`:                         "status",
		`{"trashed":1}`:                        "trashed",
		`{"created_at":"2009-01-31 22:11:18"}`: "created_at",
		`[]`:                                   "",
	} {
		wantProblem(t, h.json(http.MethodPatch, "/v1/media/7", body), "invalid-request", field)
	}
	wantProblem(t, h.json(http.MethodPost, "/v1/media/7/votes", `{"value":11}`), "invalid-request", "value")
	wantProblem(t, h.json(http.MethodPost, "/v1/media/7/votes", `{"value":1,"voter":"\u0001"}`), "invalid-request", "voter")
	if item := read[events.Media](h, h.send(http.MethodGet, "/v1/media/7", nil), 200); item.Revision != 1 {
		t.Errorf("got %+v, want it as it was", item)
	}
}

func long(n int) string { return strings.Repeat("x", n) }

func TestMedia_IsListedByPages(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for i := range 7 {
		h.media(fmt.Sprint("item ", i))
	}
	h.json(http.MethodPatch, "/v1/media/item%203", `{"trashed":true}`)
	h.json(http.MethodPatch, "/v1/media/item%205", `{"moderation":{"status":1}}`)
	h.send(http.MethodDelete, "/v1/media/item%200", nil)
	type page struct {
		Media []events.Media
		Next  string
	}
	list := func(query string) string {
		var ids []string
		for next := ""; ; {
			p := read[page](h, h.send(http.MethodGet, "/v1/media?limit=2&"+query+"&after="+url.QueryEscape(next), nil), 200)
			for _, item := range p.Media {
				ids = append(ids, strings.TrimPrefix(item.ID, "item "))
			}
			if next = p.Next; next == "" {
				return strings.Join(ids, "")
			}
		}
	}
	for query, want := range map[string]string{"": "12456", "trashed=true": "3", "moderation=1": "5", "moderation=0": "1246"} {
		if got := list(query); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	wantProblem(t, h.send(http.MethodGet, "/v1/media?limit=501&moderation=3&trashed=maybe", nil), "invalid-request", "limit", "moderation", "trashed")
	raw, _ := json.Marshal(read[page](h, h.send(http.MethodGet, "/v1/media", nil, "Authorization", "Bearer "+h.other.Secrets.Token.Reveal()), 200))
	if string(raw) != `{"Media":[],"Next":""}` {
		t.Errorf("another application sees %s", raw)
	}
}
