package blitline_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/internal/job"
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

// TestParse_PreProcessAlone stores and compares a source of which nothing is made.
func TestParse_PreProcessAlone(t *testing.T) {
	t.Parallel()
	got := parseOne(t, `{"application_id":"A","src":"http://x/a.jpg","v":1.21,"pre_process":[{"move_original":{"s3_destination":{"bucket":"b","key":"in/a.jpg"}}},
		{"phash_compare":{"other_sources":[{"image_identifier":"close","src":"http://x/b.jpg"},"http://x/c.jpg"]}}]}`)
	if got.Error != "" || got.Refusal != nil || len(got.Recipe.Steps) != 1 || len(got.Compare) != 2 {
		t.Fatalf("got %+v", got)
	}
	want := &job.Destination{Kind: job.DestinationS3, Bucket: "b", Key: "in/a.jpg", Headers: map[string]string{"x-amz-acl": "public-read"}}
	if diff := cmp.Diff(want, got.Original); diff != "" || !strings.Contains(strings.Join(got.Keys(), " "), "in/a.jpg") {
		t.Errorf("original (-want +got):\n%s", diff)
	}
	body := blitline.Result(events.Result{
		ID: exampleID(t).String(), State: events.StateCompleted, Source: &events.Source{Width: 1, Height: 1}, Original: "http://s3/b/in/a.jpg",
		Compared: []events.Comparison{{Picture: got.Compare[0]}, {Picture: got.Compare[1], Distance: 31}},
	}, got.Details)
	validate(t, "blitline/result.json", body)
	for _, want := range []string{
		`"pre_processor_results":{"phash_data":[{"image_identifier":"close","difference_ratio":"0"},{"image_identifier":"http://x/c.jpg","difference_ratio":"31"}]}`,
		`"original_meta":{"width":1,"height":1,"s3_url":"http://s3/b/in/a.jpg"}`,
	} {
		if !strings.Contains(string(body), want) {
			t.Errorf("%s, want %s", body, want)
		}
	}
}

// TestParse_ChangedGIF reads the format's own examples of animations, as a source and as a preparation.
func TestParse_ChangedGIF(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]string{
		`"src_type":"gif","src_data":{"name":"resize_gif","params":{"width":100,"height":"50"},"save":{"image_identifier":"foo"}}`:             `resize {"width":100,"height":50}`,
		`"src_type":"gif","src_data":{"name":"resize_gif_to_fit","params":{"overlay_src":"http://x/b.png"},"save":{"image_identifier":"foo"}}`: `overlay {"picture":"picture1","gravity":"north_west"}`,
		`"src_type":"pre_process_only","pre_process":{"resize_gif_to_fit":{"width":100,"height":100,"image_identifier":"foo"}}`:                `fit {"width":100,"height":100,"enlarge":true}`,
	} {
		got := parseOne(t, `{"application_id":"A","src":"http://x/a.gif",`+fields+`}`)
		if got.Error != "" || got.Refusal != nil || len(got.Recipe.Steps) != 1 || got.Source.URL != "http://x/a.gif" {
			t.Fatalf("%s: %+v", fields, got)
		}
		step := got.Recipe.Steps[0]
		if is := step.Op + " " + string(step.Params); is != want || step.Save == nil || step.Save.ID != "foo" || step.Save.Format != "gif" {
			t.Errorf("%s: %s, saved as %+v, want %s", fields, is, step.Save, want)
		}
	}
	bad := parseOne(t, `{"application_id":"A","src":"http://x/a.gif","src_type":"gif","src_data":{"name":"peel"}}`)
	if bad.Refusal == nil || !strings.Contains(bad.Refusal.Message, "'peel' of a gif is not known") {
		t.Errorf("refusal %+v", bad.Refusal)
	}
}
