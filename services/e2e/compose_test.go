package e2e_test

import (
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/sample"
)

func TestPicturesArePutTogether(t *testing.T) {
	t.Parallel()
	everyTopology(t, func(t *testing.T, in *installation) {
		token := in.secrets().Token
		small := map[string]any{"op": "fit", "params": map[string]any{"width": 60}}
		named := func() map[string]any {
			return map[string]any{"pictures": []any{"other"}, "steps": []any{small}, "own": "first"}
		}
		document := named()
		delete(document, "own")
		accepted := in.submit(token, map[string]any{
			"pictures": map[string]any{"other": map[string]any{
				"data": "data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(sample.Portrait),
			}},
			"recipe": map[string]any{"inspect": []any{"hashes"}, "steps": []any{map[string]any{"op": "fit", "params": map[string]any{"width": 100}, "steps": []any{
				map[string]any{"op": "sprite", "params": named(), "save": map[string]any{"id": "sheet", "format": "png"}},
				map[string]any{"op": "document", "params": document, "save": map[string]any{"id": "paper", "format": "pdf"}},
				map[string]any{"op": "text", "params": map[string]any{"text": "© <b>me</b>"}, "save": map[string]any{"id": "signed", "format": "webp"}},
			}}}},
		}, sample.Portrait)
		result := in.await(token, accepted.ID)
		if result.State != events.StateCompleted || len(result.Outputs) != 3 || result.Source.Details == nil {
			t.Fatalf("the job ended as %+v", result)
		}
		sheet, paper := result.Outputs[0], result.Outputs[1]
		want := []events.Sprite{{Name: "first", Width: 100, Height: 100}, {Name: "other", Y: 100, Width: 60, Height: 60}}
		if len(sheet.Sprites) != 2 || sheet.Sprites[0] != want[0] || sheet.Sprites[1] != want[1] {
			t.Errorf("sprites are %+v, want %+v", sheet.Sprites, want)
		}
		answer, err := http.Get(paper.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if paper.Frames != 2 || answer.Header.Get("Content-Type") != "application/pdf" {
			t.Errorf("the document has %d pages and is served as %q", paper.Frames, answer.Header.Get("Content-Type"))
		}
	})
}
