package schemas_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/ringback/ringback/schemas"
)

func TestFS_EveryFileParses(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(schemas.FS, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := schemas.Lookup(name)
		if err != nil {
			return err
		}
		switch path.Ext(name) {
		case ".json":
			if !json.Valid(body) {
				t.Errorf("%s is not JSON", name)
			}
		case ".xml", ".xsd":
			if err := wellFormed(body); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		default:
			t.Errorf("%s is a file of no known kind", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNames_EverySchemaHasItsIDAndExamples(t *testing.T) {
	t.Parallel()
	names, err := schemas.Names()
	if err != nil || len(names) == 0 {
		t.Fatalf("got %d names, %v", len(names), err)
	}
	index, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		body, err := schemas.Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		if path.Ext(name) == ".json" {
			checkHead(t, name, body)
		}
		if !strings.Contains(string(index), "("+name+")") {
			t.Errorf("README.md does not list %s", name)
		}
		examples, err := schemas.Examples(name)
		if err != nil {
			t.Fatal(err)
		}
		count := map[bool]int{}
		for _, e := range examples {
			count[e.Valid]++
		}
		if count[true] == 0 || count[false] == 0 {
			t.Errorf("%s has %d valid and %d invalid examples, want some of each", name, count[true], count[false])
		}
	}
}

func checkHead(t *testing.T, name string, body []byte) {
	t.Helper()
	var head struct {
		Schema, ID, Title, Description string
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatal(err)
	}
	head.Schema, _ = fields["$schema"].(string)
	head.ID, _ = fields["$id"].(string)
	head.Title, _ = fields["title"].(string)
	head.Description, _ = fields["description"].(string)
	if head.ID != schemas.IDPrefix+name || head.Schema != "https://json-schema.org/draft/2020-12/schema" {
		t.Errorf("%s: $id %q, $schema %q", name, head.ID, head.Schema)
	}
	if head.Title == "" || head.Description == "" {
		t.Errorf("%s has no title or no description", name)
	}
}

// TestReferences_Exist follows every $ref to a file, also those of the two interface descriptions.
func TestReferences_Exist(t *testing.T) {
	t.Parallel()
	names, err := schemas.Names()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, "openapi.json", "asyncapi.json") {
		body, err := schemas.Lookup(name)
		if err != nil || path.Ext(name) != ".json" {
			continue
		}
		for _, ref := range references(t, body) {
			file, pointer, _ := strings.Cut(ref, "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			found, err := schemas.Lookup(target)
			if err != nil || !resolves(t, found, pointer) {
				t.Errorf("%s refers to %s, which does not exist", name, ref)
			}
		}
	}
}

func TestLookup_Unknown(t *testing.T) {
	t.Parallel()
	if _, err := schemas.Lookup("native/nothing.json"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
	if _, ok := schemas.ForType("dev.ringback.job.accepted.v1"); ok {
		t.Error("accepted has no data and so no schema")
	}
}

func references(t *testing.T, body []byte) []string {
	t.Helper()
	var document any
	if err := json.Unmarshal(body, &document); err != nil {
		t.Fatal(err)
	}
	var refs []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				refs = append(refs, ref)
			}
			for _, child := range v {
				walk(child)
			}
		case []any:
			for _, child := range v {
				walk(child)
			}
		}
	}
	walk(document)
	return refs
}

func resolves(t *testing.T, body []byte, pointer string) bool {
	t.Helper()
	var at any
	if err := json.Unmarshal(body, &at); err != nil {
		t.Fatal(err)
	}
	if pointer == "" {
		return true
	}
	for _, key := range strings.Split(pointer, "/")[1:] {
		object, _ := at.(map[string]any)
		at = object[key]
	}
	return at != nil
}

func wellFormed(body []byte) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
