package ingest_test

import (
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/job"
)

// overlaid is a recipe that names one further picture.
const overlaid = `"recipe":{"steps":[{"op":"overlay","params":{"picture":"logo"},"save":{"id":"a"}}]}`

func TestPostJob_FurtherPictures(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	logo := []byte("\x89PNG not really")
	data := `{"data":"data:image/png;base64,` + base64.StdEncoding.EncodeToString(logo) + `"}`
	accepted := read[acceptedReply](h, h.post(`{"source":{"url":"http://1.1.1.1/a"},"pictures":{"logo":`+data+`,"b":{"url":"http://1.1.1.1/b"}},`+overlaid+`}`), http.StatusAccepted)
	j, _, _ := h.newest(job.Standard, "demo")
	want := map[string]job.Source{"logo": {Blob: "sources/demo/" + accepted.ID + "-0"}, "b": {URL: "http://1.1.1.1/b"}}
	if diff := cmp.Diff(want, j.Pictures); diff != "" {
		t.Errorf("pictures (-want +got):\n%s", diff)
	}
	stored, contentType, err := h.store.Get(t.Context(), j.Pictures["logo"].Blob)
	if err != nil || string(stored) != string(logo) || contentType != "image/png" {
		t.Errorf("stored %q as %s (%v), want the logo", stored, contentType, err)
	}
}

func TestPostJob_FurtherPicturesRefused(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for name, pictures := range map[string]string{
		"missing":     ``,
		"under other": `"pictures":{"brand":{"url":"http://1.1.1.1/b"}},`,
		"private":     `"pictures":{"logo":{"url":"http://10.0.0.1/b"}},`,
		"empty":       `"pictures":{"logo":{}},`,
	} {
		t.Run(name, func(t *testing.T) {
			h := h.in(t)
			answer := h.post(`{"source":{"url":"http://1.1.1.1/a"},` + pictures + overlaid + `}`)
			if answer.StatusCode != http.StatusBadRequest && answer.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("got %d %s", answer.StatusCode, answer.body)
			}
		})
	}
	if left := h.blobs(); len(left) > 0 {
		t.Errorf("refused jobs left %v", left)
	}
}
