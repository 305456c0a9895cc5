package blitline_test

import (
	"bytes"
	"path"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/schemas"
	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/internal/job"
)

// TestBodies_AgreeWithTheSchemas validates what the package writes, for versions on both sides of every threshold.
func TestBodies_AgreeWithTheSchemas(t *testing.T) {
	t.Parallel()
	id := exampleID(t).String()
	out := events.Output{ID: "A", URL: "http://h/a.jpg", Width: 1, Height: 2, Format: "jpeg", Bytes: 3}
	failure := events.Failure{Output: "B", Code: "render_failed", Message: "no"}
	for _, v := range []float64{0, 1.18, 1.19, 1.21} {
		d := details(v, "A", "B")
		for _, result := range []events.Result{
			{ID: id, State: events.StateCompleted, Source: &events.Source{Width: 1, Height: 1}, Outputs: []events.Output{out}},
			{ID: id, State: events.StatePartial, Outputs: []events.Output{out}, Errors: []events.Failure{failure}},
			{ID: id, State: events.StateFailed, Errors: []events.Failure{failure}},
		} {
			validate(t, "blitline/result.json", blitline.Result(result, d))
			body, _ := blitline.Listen(result, d, "")
			validate(t, "blitline/result.json", body)
		}
	}
	accepted := blitline.Answer{Job: job.Job{ID: exampleID(t)}, Details: details(0, "A")}
	for _, isArray := range []bool{false, true} {
		validate(t, "blitline/accepted.json", blitline.AcceptReply(isArray, []blitline.Answer{accepted}))
		validate(t, "blitline/error.json", blitline.ErrorReply(isArray, "no"))
		validate(t, "blitline/poll.json", blitline.PollReply(isArray))
	}
}

func validate(t *testing.T, name string, body []byte) {
	t.Helper()
	const base = "http://localhost"
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	names, err := schemas.Names()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		raw, err := schemas.Lookup(n)
		if err != nil || path.Ext(n) != ".json" {
			continue
		}
		if err := compiler.AddResource(base+schemas.IDPrefix+n, parse(t, raw)); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := compiler.Compile(base + schemas.IDPrefix + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(parse(t, body)); err != nil {
		t.Errorf("%s: %v\n%s", name, err, body)
	}
}

func parse(t *testing.T, body []byte) any {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return document
}
