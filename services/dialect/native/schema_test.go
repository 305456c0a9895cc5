package native_test

import (
	"bytes"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ringback/ringback/schemas"
	"github.com/ringback/ringback/services/dialect/native"
)

// TestParse_AgreesWithItsSchema reads the examples of the schema, both ways.
func TestParse_AgreesWithItsSchema(t *testing.T) {
	t.Parallel()
	examples, err := schemas.Examples("native/job.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		_, err := native.Parse(e.Body, strings.HasSuffix(e.Name, "upload.json"))
		if (err == nil) != e.Valid {
			t.Errorf("%s: got %v, want valid %v", e.Name, err, e.Valid)
		}
	}
}

// TestParseBulk_AgreesWithItsSchema reads the examples of the schema, both ways.
func TestParseBulk_AgreesWithItsSchema(t *testing.T) {
	t.Parallel()
	examples, err := schemas.Examples("native/bulk.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		if _, err := native.ParseBulk(e.Body); (err == nil) != e.Valid {
			t.Errorf("%s: got %v, want valid %v", e.Name, err, e.Valid)
		}
	}
}

// TestParseUpload_AgreesWithItsSchema reads the examples of the schema, both ways.
func TestParseUpload_AgreesWithItsSchema(t *testing.T) {
	t.Parallel()
	examples, err := schemas.Examples("native/upload.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		if _, err := native.ParseUpload(e.Body); (err == nil) != e.Valid {
			t.Errorf("%s: got %v, want valid %v", e.Name, err, e.Valid)
		}
	}
}

// TestGolden_AgreesWithTheSchemas validates what the package writes.
func TestGolden_AgreesWithTheSchemas(t *testing.T) {
	t.Parallel()
	for file, name := range map[string]string{
		"accepted.json": "native/accepted.json", "queued.json": "native/status.json", "status.json": "native/status.json",
		"postback.json": "native/postback.json", "problem.json": "native/problem.json", "problem-syntax.json": "native/problem.json",
	} {
		body, err := os.ReadFile(path.Join("testdata", "golden", file))
		if err != nil {
			t.Fatal(err)
		}
		validate(t, name, body)
	}
	for _, kind := range native.ProblemTypes {
		validate(t, "native/problem.json", marshal(t, native.NewProblem(kind, "")))
	}
}

func validate(t *testing.T, name string, body []byte) {
	t.Helper()
	if err := compile(t, name).Validate(parse(t, body)); err != nil {
		t.Errorf("%s: %v\n%s", name, err, body)
	}
}

// compile reads a schema and all that it refers to.
func compile(t *testing.T, name string) *jsonschema.Schema {
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
	return schema
}

func parse(t *testing.T, body []byte) any {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return document
}
