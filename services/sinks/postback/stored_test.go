package postback_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/storage/s3test"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// TestStored writes a postback into a bucket with the application's account, and says what the storage says.
func TestStored(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t, "results")
	h := sinktest.Open(t)
	h.SetStorage(server.Account("here"))
	h.Start(nativeSink())
	r := record(blitline.Dialect, blitline.Details{Version: 1.22}.Encode())
	r.Targets = []job.Target{{Sink: job.SinkPostback, Destination: &job.Destination{Kind: job.DestinationS3, Bucket: "results", Key: "a/b.json"}}}
	result := h.NewResult()
	if err := h.Publish(result, r); err != nil {
		t.Fatal(err)
	}
	entry := h.Logs(events.TypeDeliveryDelivered, result.ID)
	if want := server.URL + "/results/a/b.json"; entry.Target != want {
		t.Errorf("target %s, want %s", entry.Target, want)
	}
	want := blitline.Result(result, blitline.Details{Version: 1.22})
	if diff := cmp.Diff(string(want), string(server.Read("results", "a/b.json"))); diff != "" {
		t.Errorf("object (-want +got):\n%s", diff)
	}

	r.Targets[0].Destination.Bucket = "nowhere"
	other := h.NewResult()
	if err := h.Publish(other, r); err != nil {
		t.Fatal(err)
	}
	if entry := h.Logs(events.TypeDeliveryScheduled, other.ID); entry.Status != 404 {
		t.Errorf("status %d of a bucket that is not there, want 404", entry.Status)
	}
}
