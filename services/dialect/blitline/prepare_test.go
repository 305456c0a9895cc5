package blitline_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/dialect/blitline"
)

// TestParse_PreProcess makes the pictures of one job the source of another.
func TestParse_PreProcess(t *testing.T) {
	t.Parallel()
	got := parseOne(t, `{"application_id":"A","src":"&CUT","pre_process":{"job":{"src":"http://x/a.jpg",
		"functions":[{"name":"resize","params":{"width":10,"height":20},"save":{"image_identifier":"CUT","extension":".png"}}]}}`+withBlur)
	if got.Error != "" || got.Refusal != nil || got.Before == nil {
		t.Fatalf("got %+v", got)
	}
	if diff := cmp.Diff(map[string]blitline.Source{"before-picture1": {URL: "http://x/a.jpg"}}, got.Pictures); diff != "" {
		t.Errorf("pictures (-want +got):\n%s", diff)
	}
	if outputs := got.Before.Recipe.Outputs(); got.Before.Source != "before-picture1" || len(outputs) != 1 || outputs[0].ID != "CUT" {
		t.Errorf("before: %+v", got.Before)
	}
	if got.Source.Reference != "CUT" || len(got.Details.Images) != 1 {
		t.Errorf("source %+v, images %+v: what is made first is not told of", got.Source, got.Details.Images)
	}
}
