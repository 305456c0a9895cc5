// Package xsd judges documents by an XML schema, for tests and receivers that want to be sure. It knows the part of XML
// Schema that filemobile/callback.xsd uses, and refuses every other schema: a root with a flat sequence of elements, which
// are texts, numbers that are not negative, or texts of a pattern.
package xsd

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Schema is a schema that was read.
type Schema struct {
	root     string
	elements []element
}

type element struct {
	name    string
	kind    string
	pattern *regexp.Regexp
}

// file is a schema as it is written.
type file struct {
	Root struct {
		Name     string `xml:"name,attr"`
		Elements []struct {
			Name string `xml:"name,attr"`
			Type string `xml:"type,attr"`
		} `xml:"complexType>sequence>element"`
	} `xml:"element"`
	Types []struct {
		Name    string `xml:"name,attr"`
		Pattern struct {
			Value string `xml:"value,attr"`
		} `xml:"restriction>pattern"`
	} `xml:"simpleType"`
}

// Parse reads a schema. It fails for what is no XML, and for a type that is neither one of the two that it knows nor one
// with a pattern.
func Parse(schema []byte) (*Schema, error) {
	var f file
	if err := xml.Unmarshal(schema, &f); err != nil {
		return nil, fmt.Errorf("read schema: %w", err)
	}
	patterns := map[string]*regexp.Regexp{
		"xs:string": regexp.MustCompile(`(?s)^.*$`), "xs:nonNegativeInteger": regexp.MustCompile(`^\+?[0-9]+$`),
	}
	for _, simple := range f.Types {
		pattern, err := regexp.Compile("^(?:" + simple.Pattern.Value + ")$")
		if err != nil || simple.Pattern.Value == "" {
			return nil, fmt.Errorf("type %s has no pattern that is known here: %w", simple.Name, err)
		}
		patterns[simple.Name] = pattern
	}
	s := &Schema{root: f.Root.Name}
	for _, e := range f.Root.Elements {
		if patterns[e.Type] == nil {
			return nil, fmt.Errorf("element %s is of type %q, which is not known here", e.Name, e.Type)
		}
		s.elements = append(s.elements, element{e.Name, e.Type, patterns[e.Type]})
	}
	if s.root == "" || len(s.elements) == 0 {
		return nil, errors.New("the schema has no root with a sequence of elements")
	}
	return s, nil
}

// Names lists the elements in their order.
func (s *Schema) Names() []string {
	names := make([]string, len(s.elements))
	for i, e := range s.elements {
		names[i] = e.name
	}
	return names
}

// Validate fails for a document that is not well formed, has other elements or another order than the schema, attributes,
// text between the elements, or a text that is not of its element's type. The error names the element.
func (s *Schema) Validate(document []byte) error {
	root, children, err := read(document)
	if err != nil {
		return err
	}
	if root != s.root {
		return fmt.Errorf("the document is a %q, want a %q", root, s.root)
	}
	for i, want := range s.elements {
		if i == len(children) {
			return fmt.Errorf("element %d is missing, want %s", i+1, want.name)
		}
		if got := children[i]; got.name != want.name || !want.pattern.MatchString(got.text) {
			return fmt.Errorf("element %d is %s %.60q, want %s of type %s", i+1, got.name, got.text, want.name, want.kind)
		}
	}
	if len(children) > len(s.elements) {
		return fmt.Errorf("element %s is one too many", children[len(s.elements)].name)
	}
	return nil
}

type child struct{ name, text string }

// read lists the elements below the root.
func read(document []byte) (root string, all []child, err error) {
	d, depth := xml.NewDecoder(bytes.NewReader(document)), 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root, all, nil
		}
		if err != nil {
			return root, nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			switch {
			case len(token.Attr) > 0:
				return root, nil, fmt.Errorf("element %s has attributes", token.Name.Local)
			case depth == 1:
				root = token.Name.Local
			case depth == 2:
				all = append(all, child{name: token.Name.Local})
			default:
				return root, nil, fmt.Errorf("element %s is within another", token.Name.Local)
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			switch {
			case depth == 2:
				all[len(all)-1].text += string(token)
			case strings.TrimSpace(string(token)) != "":
				return root, nil, fmt.Errorf("there is %.60q between the elements", token)
			}
		}
	}
}
