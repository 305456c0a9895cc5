package xsd_test

import (
	"os"
	"strings"
	"testing"

	"github.com/ringback/ringback/schemas"
	"github.com/ringback/ringback/schemas/xsd"
)

const callback = "filemobile/callback.xsd"

func parse(t *testing.T) *xsd.Schema {
	t.Helper()
	raw, err := schemas.Lookup(callback)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := xsd.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestSchema_JudgesTheExamples(t *testing.T) {
	t.Parallel()
	schema := parse(t)
	if n := len(schema.Names()); n != 51 {
		t.Fatalf("got %d elements, want 51", n)
	}
	examples, err := schemas.Examples(callback)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			if err := schema.Validate(e.Body); (err == nil) != e.Valid {
				t.Errorf("got %v, want valid %v", err, e.Valid)
			}
		})
	}
}

// TestSchema_Refuses has what the examples, which are one change away from a valid one, have not.
func TestSchema_Refuses(t *testing.T) {
	t.Parallel()
	valid, err := os.ReadFile("../examples/filemobile/callback/valid-converted.xml")
	if err != nil {
		t.Fatal(err)
	}
	for name, document := range map[string]string{
		"AnotherRoot":   strings.ReplaceAll(string(valid), "result>", "results>"),
		"OneTooMany":    strings.Replace(string(valid), "</result>", "<extra/></result>", 1),
		"Attributes":    strings.Replace(string(valid), "<id>", `<id a="b">`, 1),
		"StrayText":     strings.Replace(string(valid), "<status>", "i <status>", 1),
		"WithinAnother": strings.Replace(string(valid), "<title>", "<title><b/>", 1),
		"Control":       strings.Replace(string(valid), "<title>", "<title>&#1;", 1),
		"Status":        strings.Replace(string(valid), "<status>3", "<status>106", 1),
		"Empty":         "",
	} {
		if err := parse(t).Validate([]byte(document)); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestParse_RefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, schema := range []string{
		"", "<schema/>",
		`<schema><element name="a"><complexType><sequence><element name="b" type="xs:date"/></sequence></complexType></element></schema>`,
		`<schema><element name="a"><complexType><sequence><element name="b" type="t"/></sequence></complexType></element>` +
			`<simpleType name="t"><restriction><pattern value="("/></restriction></simpleType></schema>`,
	} {
		if _, err := xsd.Parse([]byte(schema)); err == nil {
			t.Errorf("%q is taken", schema)
		}
	}
}
