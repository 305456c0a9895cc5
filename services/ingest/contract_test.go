package ingest_test

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ringback/ringback/schemas"
)

// contractBase is where the tests pretend that the schemas lie.
const contractBase = "http://localhost"

// checkContract fails when an answer is not what openapi.json promises for its route and status: the media type, and for
// JSON every byte of the body. A route that is not there has to be answered by a problem document.
func checkContract(tb testing.TB, method, route string, answer *http.Response, body []byte) {
	tb.Helper()
	place := "native/problem.json"
	if operation, ok := operationOf(tb, method, route); ok {
		promised := operation.promised(tb, answer)
		if promised == "" {
			if len(body) > 0 && answer.Header.Get("Content-Type") != "" {
				tb.Errorf("%s %s: %d with %s, which openapi.json does not know", method, route, answer.StatusCode, answer.Header.Get("Content-Type"))
			}
			return
		}
		place = "openapi.json#" + promised
	}
	var document any = string(body)
	if media := answer.Header.Get("Content-Type"); strings.Contains(media, "json") {
		var err error
		if document, err = jsonschema.UnmarshalJSON(bytes.NewReader(body)); err != nil {
			tb.Errorf("%s %s: %v\n%s", method, route, err, body)
			return
		}
	}
	if err := schemaAt(tb, place).Validate(document); err != nil {
		tb.Errorf("%s %s: %v\n%s", method, route, err, body)
	}
}

// operation is a place in openapi.json and what lies there.
type operation struct {
	place     string
	responses map[string]struct {
		Content map[string]any `json:"content"`
	}
}

// promised is the place of the schema for an answer; empty for one without a schema.
func (o operation) promised(tb testing.TB, answer *http.Response) string {
	tb.Helper()
	status := strconv.Itoa(answer.StatusCode)
	if _, ok := o.responses[status]; !ok {
		status = status[:1] + "XX"
	}
	response, ok := o.responses[status]
	if !ok {
		tb.Errorf("%s: openapi.json does not know status %d", o.place, answer.StatusCode)
	}
	media, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	for _, candidate := range []string{media, strings.Split(media, "/")[0] + "/*"} {
		if _, ok := response.Content[candidate]; ok {
			return o.place + "/responses/" + status + "/content/" + escape(candidate) + "/schema"
		}
	}
	return ""
}

var openAPI = sync.OnceValue(func() (document struct {
	Paths map[string]map[string]json.RawMessage `json:"paths"`
},
) {
	raw, err := schemas.Lookup("openapi.json")
	if err == nil {
		err = json.Unmarshal(raw, &document)
	}
	if err != nil {
		panic(err)
	}
	return document
})

func operationOf(tb testing.TB, method, route string) (operation, bool) {
	tb.Helper()
	route, _, _ = strings.Cut(route, "?")
	best := ""
	for template, methods := range openAPI().Paths {
		_, ok := methods[strings.ToLower(method)]
		// A path without variables goes before one with, as it does in the router.
		if ok && matches(template, route) && (best == "" || strings.Count(template, "{") < strings.Count(best, "{")) {
			best = template
		}
	}
	if best == "" {
		return operation{}, false
	}
	o := operation{place: "/paths/" + escape(best) + "/" + strings.ToLower(method)}
	if err := json.Unmarshal(openAPI().Paths[best][strings.ToLower(method)], &struct{ Responses any }{&o.responses}); err != nil {
		tb.Fatal(err)
	}
	return o, true
}

// matches tells whether a route is one of a template's. A variable is one part of the path, a key all that is left of it.
func matches(template, route string) bool {
	before, after, variable := strings.Cut(template, "{")
	_, after, _ = strings.Cut(after, "}")
	middle, ok := strings.CutPrefix(route, before)
	if !variable {
		return ok && middle == ""
	}
	middle, ends := strings.CutSuffix(middle, after)
	return ok && ends && (strings.HasSuffix(template, "{key}") || !strings.Contains(middle, "/"))
}

// escape writes a key as a part of a JSON pointer.
func escape(key string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(key)
}

var (
	contracts     sync.Map // by place
	contractsMake sync.Mutex
)

func schemaAt(tb testing.TB, place string) *jsonschema.Schema {
	tb.Helper()
	if known, ok := contracts.Load(place); ok {
		return known.(*jsonschema.Schema)
	}
	contractsMake.Lock()
	defer contractsMake.Unlock()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	names, err := schemas.Names()
	if err != nil {
		tb.Fatal(err)
	}
	for _, name := range append(names, "openapi.json") {
		raw, err := schemas.Lookup(name)
		if err != nil {
			tb.Fatal(err)
		}
		if path.Ext(name) != ".json" {
			continue
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			tb.Fatal(err)
		}
		if err := compiler.AddResource(contractBase+schemas.IDPrefix+name, document); err != nil {
			tb.Fatal(err)
		}
	}
	schema, err := compiler.Compile(contractBase + schemas.IDPrefix + place)
	if err != nil {
		tb.Fatal(err)
	}
	contracts.Store(place, schema)
	return schema
}

func schemaDocument(body []byte) (any, error) { return jsonschema.UnmarshalJSON(bytes.NewReader(body)) }
