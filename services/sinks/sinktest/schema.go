package sinktest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ringback/ringback/schemas"
)

const schemaBase = "http://localhost" + schemas.IDPrefix

// compiled holds every schema. The compiler is no use to two tests at a time.
var compiled = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	names, err := schemas.Names()
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	ready := map[string]*jsonschema.Schema{}
	for _, name := range names {
		raw, err := schemas.Lookup(name)
		if err != nil {
			return nil, err
		}
		if path.Ext(name) != ".json" {
			continue
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			return nil, err
		}
		if err := compiler.AddResource(schemaBase+name, document); err != nil {
			return nil, err
		}
		ready[name] = nil
	}
	for name := range ready {
		if ready[name], err = compiler.Compile(schemaBase + name); err != nil {
			return nil, err
		}
	}
	return ready, nil
})

// Valid says how a body differs from a schema, such as native/postback.json.
func Valid(name string, body []byte) error {
	ready, err := compiled()
	if err != nil {
		return err
	}
	schema, ok := ready[name]
	if !ok {
		return fmt.Errorf("there is no schema %s", name)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := schema.Validate(document); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, body)
	}
	return nil
}

// ValidEvent says how the data of an event differs from the schema of its type.
func ValidEvent(kind string, data []byte) error {
	name, ok := schemas.ForType(kind)
	if !ok {
		return fmt.Errorf("there is no schema for events of type %s", kind)
	}
	return Valid(name, data)
}

// Fields reads a flat XML document: the names of its elements in their order, and their texts.
func Fields(document []byte) (names []string, texts map[string]string, err error) {
	texts = map[string]string{}
	decoder := xml.NewDecoder(bytes.NewReader(document))
	depth := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return names, texts, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read XML: %w", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth == 2 {
				names = append(names, token.Name.Local)
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			if depth == 2 {
				texts[names[len(names)-1]] += string(token)
			}
		}
	}
}
