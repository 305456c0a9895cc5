package ingest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/job"
)

// TestItemsOfOtherDialects has pictures come by every other format, first without and then with the setting that makes items
// of them.
func TestItemsOfOtherDialects(t *testing.T) {
	t.Parallel()
	h := pixtaHouse(t)
	come := map[string]func() job.Job{
		"blitline": func() job.Job {
			body := `{"application_id":"` + h.app.Secrets.Token.Reveal() + `","src":"https://example.com/a.jpg","functions":[{"name":"no_op","save":{"image_identifier":"a"}}]}`
			h.send(http.MethodPost, "/job", strings.NewReader(body), "Content-Type", "application/json", "Authorization", "")
			j, _, _ := h.newest(job.Standard, "demo")
			return j
		},
		"cloudinary": func() job.Job {
			form := h.sign(url.Values{"file": {"https://example.com/a.jpg"}, "public_id": {"a"}, "async": {"true"}})
			h.call("/v1_1/demo/image/upload", form)
			j, _, _ := h.newest(job.Standard, "demo")
			return j
		},
		"pixta": func() job.Job {
			h.process(process)
			j, _, _ := h.newest(job.Standard, "demo")
			return j
		},
	}
	seen := map[string]bool{}
	fresh := func(dialect string, j job.Job) job.Job {
		if seen[j.ID.String()] {
			t.Fatalf("%s: no job was accepted", dialect)
		}
		seen[j.ID.String()] = true
		return j
	}
	for dialect, comes := range come {
		if j := fresh(dialect, comes()); j.Media != nil {
			t.Errorf("%s: the job makes item %s, and nobody asked for one", dialect, j.Media.ID)
		}
	}
	h.patch(`{"media":{"dialects":["blitline","cloudinary","pixta"]}}`)
	for dialect, comes := range come {
		j := fresh(dialect, comes())
		want := j.ID.String()
		if j.Keep != nil {
			want = j.Keep.Asset.ID
		}
		if j.Media == nil || j.Media.ID != want {
			t.Errorf("%s: the job makes item %+v, want %s", dialect, j.Media, want)
		}
	}
}
