package transformation

import (
	"slices"
	"strings"
)

// The bounds of a transformation, named ones included.
const (
	// MaxLength is how many bytes a transformation may have.
	MaxLength = 16 << 10
	// MaxComponents is how many components a transformation may have.
	MaxComponents = 200
)

// Transformation is a chain of components, each a set of parameters. The zero value changes nothing.
type Transformation struct {
	text  string
	nodes []node
}

// parameter is a key with its value: w_100.
type parameter struct{ key, value string }

// component is what stands between two slashes.
type component []parameter

// Parse reads a transformation such as "c_fill,h_100,w_150/e_sepia" by grammar alone. The text is as an API parameter has
// it, or as a URL's path has it after its escapes were undone once; texts inside of it may be escaped once more. It fails
// with an [Error] for an unknown parameter, a value that the parameter cannot have, conditions that do not end, and for
// more than [MaxLength] bytes or [MaxComponents] components.
func Parse(text string) (Transformation, error) {
	if len(text) > MaxLength {
		return Transformation{}, errorf("Invalid transformation: %d bytes are more than %d", len(text), MaxLength)
	}
	var flat []component
	for part := range strings.SplitSeq(text, "/") {
		if part == "" {
			continue // a slash too many separates nothing
		}
		c, err := parseComponent(part)
		if err != nil {
			return Transformation{}, err
		}
		if flat = append(flat, c); len(flat) > MaxComponents {
			return Transformation{}, errorf("Invalid transformation: more than %d components", MaxComponents)
		}
	}
	nodes, err := arrange(flat)
	if err != nil {
		return Transformation{}, err
	}
	return Transformation{text: text, nodes: nodes}, nil
}

// String is the transformation as the client wrote it.
func (t Transformation) String() string { return t.text }

// Empty tells whether there is nothing to do.
func (t Transformation) Empty() bool { return len(t.nodes) == 0 }

func parseComponent(text string) (component, error) {
	var c component
	for part := range strings.SplitSeq(text, ",") {
		p, err := parseParameter(part)
		if err != nil {
			return nil, err
		}
		if !repeatable[p.key] && !strings.HasPrefix(p.key, "$") && c.has(p.key) {
			return nil, errorf("Invalid transformation: %s is there twice in %s", p.key, shortened(text))
		}
		c = append(c, p)
	}
	return c, nil
}

func parseParameter(text string) (parameter, error) {
	key, value, found := strings.Cut(text, "_")
	if !found || key == "" || value == "" {
		return parameter{}, errorf("Invalid transformation parameter - %s", shortened(text))
	}
	if strings.HasPrefix(key, "$") {
		if !isVariable(key) {
			return parameter{}, invalid("variable name", key)
		}
		return parameter{key, value}, checkAssignment(value)
	}
	kind, known := keys[key]
	if !known {
		return parameter{}, errorf("Invalid transformation parameter - %s", shortened(text))
	}
	// What a variable stands for is seen when the transformation is translated.
	if kind.refused == "" && (!strings.Contains(value, "$") || kind.readsVariables) {
		if err := checks[key](value); err != nil {
			return parameter{}, err
		}
	}
	return parameter{key, value}, nil
}

// has tells whether the component has a parameter of the key.
func (c component) has(key string) bool {
	return slices.ContainsFunc(c, func(p parameter) bool { return p.key == key })
}

// get is the value of a key; empty when it is absent, because no value is empty.
func (c component) get(key string) string {
	for _, p := range c {
		if p.key == key {
			return p.value
		}
	}
	return ""
}

// all are the values of a key that may be there several times.
func (c component) all(key string) []string {
	var values []string
	for _, p := range c {
		if p.key == key {
			values = append(values, p.value)
		}
	}
	return values
}

// without is the component without the parameters of some keys.
func (c component) without(keys ...string) component {
	return slices.DeleteFunc(slices.Clone(c), func(p parameter) bool { return slices.Contains(keys, p.key) })
}

// flags are the flags of the component, which are joined by dots.
func (c component) flags() []string {
	var flags []string
	for _, value := range c.all("fl") {
		flags = append(flags, splitFlags(value)...)
	}
	return flags
}

// flagged tells whether the component has the flag.
func (c component) flagged(flag string) bool { return slices.Contains(c.flags(), flag) }

// layerKey is the key of the layer that the component opens: l, u or none.
func (c component) layerKey() string {
	for _, key := range []string{"l", "u"} {
		if c.has(key) {
			return key
		}
	}
	return ""
}

// String writes the component.
func (c component) String() string {
	parts := make([]string, len(c))
	for i, p := range c {
		parts[i] = p.key + "_" + p.value
	}
	return strings.Join(parts, ",")
}
