package transformation

import (
	"slices"
	"strings"
)

// Names lists, once each and in their order, the named transformations (t_…) that it refers to.
func (t Transformation) Names() []string {
	var names []string
	every(t.nodes, func(c component) {
		for _, name := range c.names() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	})
	return names
}

// names are the named transformations of the component.
func (c component) names() []string {
	if value := c.get("t"); value != "" {
		return strings.Split(value, ".")
	}
	return nil
}

// Expand puts what the names stand for in the place of t_…; the function returns false for a name that there is not. It
// fails with an [Error] for such a name, for one that leads to itself, for a named transformation that cannot be read, and
// beyond the bounds of [Parse].
func (t Transformation) Expand(named func(name string) (string, bool)) (Transformation, error) {
	if len(t.Names()) == 0 {
		return t, nil
	}
	e := expansion{named: named}
	nodes, err := e.nodes(t.nodes)
	if err != nil {
		return Transformation{}, err
	}
	return Parse(write(nodes, component.String))
}

// expansion replaces names.
type expansion struct {
	named func(string) (string, bool)
	open  []string // the names that are being replaced, the outermost first
	count int
}

func (e *expansion) nodes(in []node) ([]node, error) {
	var out []node
	for _, n := range in {
		if n.condition != nil {
			then, err := e.nodes(n.condition.then)
			if err != nil {
				return nil, err
			}
			otherwise, err := e.nodes(n.condition.otherwise)
			if err != nil {
				return nil, err
			}
			out = append(out, node{condition: &conditional{test: n.condition.test, then: then, otherwise: otherwise}})
			continue
		}
		found, err := e.component(n.component)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// component puts the named transformations before the component's other parameters.
func (e *expansion) component(c component) ([]node, error) {
	if e.count++; e.count > MaxComponents {
		return nil, errorf("Invalid transformation: more than %d components", MaxComponents)
	}
	names := c.names()
	if len(names) == 0 {
		return []node{{component: c}}, nil
	}
	if c.layerKey() != "" {
		return nil, unsupported("named transformation", c.get("t"), "beside a layer; give it a component of its own")
	}
	var out []node
	for _, name := range names {
		if slices.Contains(e.open, name) {
			return nil, errorf("Invalid transformation: the named transformation %s leads to itself", shortened(name))
		}
		text, known := e.named(name)
		if !known {
			return nil, errorf("Unknown named transformation - %s", shortened(name))
		}
		inner, err := Parse(text)
		if err != nil {
			return nil, err
		}
		e.open = append(e.open, name)
		nodes, err := e.nodes(inner.nodes)
		if err != nil {
			return nil, err
		}
		e.open = e.open[:len(e.open)-1]
		out = append(out, nodes...)
	}
	if rest := c.without("t"); len(rest) > 0 {
		out = append(out, node{component: rest})
	}
	return out, nil
}
