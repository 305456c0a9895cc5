package pixta_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/schemas"
	"github.com/ringback/ringback/services/dialect/pixta"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// exampleID is the id of the seed's job, which no installation minted.
func exampleID(t *testing.T) events.ID {
	t.Helper()
	id, err := events.ParsePixtaID("2cade2860ffd188f2c4bd89e", "shop")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

var details = pixta.Details{SourceID: "62ec7b0041e66d000146c60a"}

// stored is the seed's output in both of its buckets.
func stored() events.Output {
	return events.Output{
		ID: "image", URL: "https://example.com/a.jpg", Width: 1600, Height: 1067, Format: "jpeg", Bytes: 170_000,
		Stored: []events.Stored{
			{Name: "one", Bucket: "example-bucket-name", Key: "000/018/083/18083.jpg"},
			{Name: "two", Bucket: "example-2-bucket-name", Key: "000/018/083/18083.jpg"},
		},
	}
}

// bodies are what the package writes, by their names in testdata and the schema that each has to keep.
func bodies(t *testing.T) map[string]struct {
	schema string
	body   []byte
} {
	t.Helper()
	id := exampleID(t)
	webhook := func(result events.Result) []byte {
		result.ID = id.String()
		body, err := pixta.Webhook(result, details)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	partly := stored()
	down := events.Failure{Output: "image", Code: "destination_status", Message: "the storage answered 503 for s3://example-2-bucket-name/a"}
	partly.Stored[1].Error = &down
	failed := func(code, message string) []byte {
		return webhook(events.Result{State: events.StateFailed, Errors: []events.Failure{{Code: code, Message: message}}})
	}
	return map[string]struct {
		schema string
		body   []byte
	}{
		"webhook":         {"webhook", webhook(events.Result{State: events.StateCompleted, Outputs: []events.Output{stored()}})},
		"webhook_partial": {"webhook", webhook(events.Result{State: events.StatePartial, Outputs: []events.Output{partly}, Errors: []events.Failure{down}})},
		"webhook_nowhere": {"webhook", webhook(events.Result{State: events.StateFailed, Errors: []events.Failure{down, down}})},
		"webhook_missing": {"webhook", failed("source_not_found", "the source answered 404")},
		"webhook_broken":  {"webhook", failed("source_unreadable", "the source is no picture <&>")},
		"webhook_fault":   {"webhook", failed("internal", "The job could not be done.")},
		"accepted":        {"accepted", pixta.AcceptedReply(id, details)},
		"queued":          {"queued", pixta.QueuedReply(id)},
		"error":           {"error", pixta.ErrorReply(&pixta.Error{Status: 401, Message: "no"})},
	}
}

func TestBodies(t *testing.T) {
	t.Parallel()
	for name, row := range bodies(t) {
		file := filepath.Join("testdata", "golden", name+".json")
		if *update {
			if err := os.WriteFile(file, row.body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(row.body)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		validate(t, "pixta/"+row.schema+".json", row.body)
	}
}

// TestWebhook_IsTheSeeds compares the body with the one in the provider's documents, field for field and in their order.
func TestWebhook_IsTheSeeds(t *testing.T) {
	t.Parallel()
	const printed = `{
  "status_code": 200,
  "message": "Success",
  "response": {
    "source_id": "62ec7b0041e66d000146c60a",
    "job_id": "2cade2860ffd188f2c4bd89e",
    "object_puts": [
      {
        "bucket": "example-bucket-name",
        "key": "000/018/083/18083.jpg"
      },
      {
        "bucket": "example-2-bucket-name",
        "key": "000/018/083/18083.jpg"
      }
    ],
    "mime": "image/jpeg",
    "size": "170000"
  }
}`
	var want bytes.Buffer
	if err := json.Compact(&want, []byte(printed)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(bodies(t)["webhook"].body)); diff != "" {
		t.Errorf("webhook (-want +got):\n%s", diff)
	}
}

func TestWebhook_RefusesNoID(t *testing.T) {
	t.Parallel()
	if _, err := pixta.Webhook(events.Result{ID: "x"}, details); err == nil {
		t.Error("wrote a webhook of no job")
	}
}

func TestDetails_ComeBack(t *testing.T) {
	t.Parallel()
	got, err := pixta.ParseDetails(details.Encode())
	if err != nil || got != details {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := pixta.ParseDetails([]byte("x")); err == nil {
		t.Error("read what is no JSON")
	}
}

// TestSchemas_AgreeWithTheCode takes and refuses the examples of a request as the schema does.
func TestSchemas_AgreeWithTheCode(t *testing.T) {
	t.Parallel()
	examples, err := schemas.Examples("pixta/request.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		if _, err := pixta.Parse(jsonType, e.Body); (err == nil) != e.Valid {
			t.Errorf("%s: got %v", e.Name, err)
		}
	}
}

func validate(t *testing.T, name string, body []byte) {
	t.Helper()
	const base = "http://localhost"
	compiler := jsonschema.NewCompiler()
	raw, err := schemas.Lookup(name)
	if err != nil || path.Ext(name) != ".json" {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiler.AddResource(base+schemas.IDPrefix+name, document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile(base + schemas.IDPrefix + name)
	if err != nil {
		t.Fatal(err)
	}
	written, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(written); err != nil {
		t.Errorf("%s: %v\n%s", name, err, body)
	}
}

// TestSignature is the vector that the provider's documents print.
func TestSignature(t *testing.T) {
	t.Parallel()
	const (
		where, query, key = "/books/database-internals.jpg", "w=400&h=600&fit=crop", "wakanda123@"
		want              = "7d0d58f62c945d0ca08269205228bbe7"
	)
	if got := pixta.Signature(where, query, key); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, row := range []struct {
		where, query, key string
		want              bool
	}{
		{where, query + "&s=" + want, key, true},
		{where, "s=" + want + "&" + query, key, true},
		{where, query + "&s=" + strings.ToUpper(want), key, false},
		{where, query, key, false},
		{where, query + "&s=", key, false},
		{where, "w=401&h=600&fit=crop&s=" + want, key, false},
		{where, "h=600&w=400&fit=crop&s=" + want, key, false},
		{where, query + "&q=1&s=" + want, key, false},
		{"/books/other.jpg", query + "&s=" + want, key, false},
		{where, query + "&s=" + want, "wakanda123", false},
	} {
		if got := pixta.Signed(row.where, row.query, row.key); got != row.want {
			t.Errorf("%s?%s with %s: %v, want %v", row.where, row.query, row.key, got, row.want)
		}
	}
	// The documents have no address without parameters: with a question mark and without one, both are taken.
	for _, sum := range []string{pixta.Signature("/a.jpg", "", key), md5sum("/a.jpg" + key)} {
		if !pixta.Signed("/a.jpg", "s="+sum, key) {
			t.Error("an address without parameters cannot be signed")
		}
	}
}

func md5sum(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}
