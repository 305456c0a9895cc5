package test_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"testing"

	"github.com/ringback/ringback/schemas"
)

// xsd is the part of XML Schema that the callback's schema uses: a flat sequence of elements of simple types.
type xsd struct {
	Elements []struct {
		Name string `xml:"name,attr"`
		Type string `xml:"type,attr"`
	} `xml:"element>complexType>sequence>element"`
	Types []struct {
		Name    string `xml:"name,attr"`
		Pattern struct {
			Value string `xml:"value,attr"`
		} `xml:"restriction>pattern"`
	} `xml:"simpleType"`
}

func TestSchemas_JudgeTheirXMLExamples(t *testing.T) {
	t.Parallel()
	const name = "filemobile/callback.xsd"
	var schema xsd
	if err := xml.Unmarshal(lookup(t, name), &schema); err != nil {
		t.Fatal(err)
	}
	if len(schema.Elements) != 51 {
		t.Fatalf("got %d elements, want 51", len(schema.Elements))
	}
	examples, err := schemas.Examples(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			if err := schema.validate(e.Body); (err == nil) != e.Valid {
				t.Errorf("got %v, want valid %v", err, e.Valid)
			}
		})
	}
}

func (s xsd) validate(document []byte) error {
	values, err := children(document)
	if err != nil {
		return err
	}
	if len(values) != len(s.Elements) {
		return fmt.Errorf("%d elements, want %d", len(values), len(s.Elements))
	}
	patterns := map[string]*regexp.Regexp{
		"xs:string": regexp.MustCompile(`(?s)^.*$`), "xs:nonNegativeInteger": regexp.MustCompile(`^\+?[0-9]+$`),
	}
	for _, simple := range s.Types {
		patterns[simple.Name] = regexp.MustCompile("^(?:" + simple.Pattern.Value + ")$")
	}
	for i, want := range s.Elements {
		pattern := patterns[want.Type]
		if values[i].name != want.Name || pattern == nil || !pattern.MatchString(values[i].text) {
			return fmt.Errorf("element %d is %s %q, want %s of type %s", i, values[i].name, values[i].text, want.Name, want.Type)
		}
	}
	return nil
}

type child struct{ name, text string }

// children lists the elements below the root.
func children(document []byte) ([]child, error) {
	var all []child
	d, depth := xml.NewDecoder(bytes.NewReader(document)), 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth == 2 {
				all = append(all, child{name: token.Name.Local})
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 2 {
				all[len(all)-1].text += string(token)
			}
		}
	}
}
