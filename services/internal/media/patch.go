package media

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ringback/ringback/events"
)

// Patch applies a JSON merge patch (RFC 7396) to what is said of an item: what the document does not name stays, and null
// forgets a field. It fails with a [FieldError] for everything that is unknown, of another kind, or that [Validate] refuses.
func Patch(info events.MediaInfo, document []byte) (events.MediaInfo, error) {
	patch, err := object(document)
	if err != nil {
		return info, &FieldError{Want: "a JSON object"}
	}
	before, err := json.Marshal(info)
	if err != nil {
		return info, fmt.Errorf("encode media item: %w", err)
	}
	current, err := object(before)
	if err != nil {
		return info, fmt.Errorf("decode media item: %w", err)
	}
	after, err := json.Marshal(merge(current, patch))
	if err != nil {
		return info, fmt.Errorf("encode media item: %w", err)
	}
	var changed events.MediaInfo
	if err := strict(after, &changed); err != nil {
		return info, err
	}
	return changed, Validate(changed)
}

// object reads a JSON object; its numbers keep their digits.
func object(document []byte) (map[string]any, error) {
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		return nil, err
	}
	if fields == nil || decoder.More() {
		return nil, errors.New("not one JSON object")
	}
	return fields, nil
}

// merge puts a patch over an object, as RFC 7396 has it.
func merge(target, patch map[string]any) map[string]any {
	if target == nil {
		target = map[string]any{}
	}
	for name, value := range patch {
		switch value := value.(type) {
		case nil:
			delete(target, name)
		case map[string]any:
			inner, _ := target[name].(map[string]any) // what is none gives way to one
			target[name] = merge(inner, value)
		default:
			target[name] = value
		}
	}
	return target
}

// strict decodes an object that has no other fields than its target, and names the one that is wrong.
func strict(document []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(target)
	if err == nil {
		return nil
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return &FieldError{Field: kind.Field, Value: kind.Value, Want: "a " + wanted(kind.Type.Kind().String())}
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return &FieldError{Field: strings.Trim(name, `"`), Want: "no field of this name"}
	}
	return &FieldError{Field: "created_at", Want: "a time as RFC 3339 has it"} // the one field that reads itself
}

// wanted is what people call a kind of value.
func wanted(kind string) string {
	switch kind {
	case "string":
		return "text"
	case "slice":
		return "list of texts"
	case "map", "struct", "ptr":
		return "JSON object"
	default:
		return "number that fits"
	}
}
