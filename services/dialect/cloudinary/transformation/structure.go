package transformation

import "strings"

// node is a component, or a condition with what is done when it holds and when it does not.
type node struct {
	component component
	condition *conditional
}

// conditional is an if_…/if_else/if_end with what lies between.
type conditional struct {
	test            string
	then, otherwise []node
}

// arrange nests the components between if_ and if_end. An if_ that stands with other parameters in its component needs no
// if_end and then covers that component alone: it gets an if_end only where there are more of them than of the bare ones.
func arrange(flat []component) ([]node, error) {
	bare, ends := 0, 0
	for _, c := range flat {
		switch test := c.get("if"); {
		case test == "end":
			ends++
		case test != "" && test != "else" && len(c) == 1:
			bare++
		}
	}
	a := arrangement{rest: flat, single: ends <= bare}
	nodes, err := a.nodes(0)
	if err == nil && len(a.rest) > 0 {
		err = errorf("Invalid transformation: if_%s without if_", a.rest[0].get("if"))
	}
	return nodes, err
}

// maxNesting is how deep conditions and layers may be nested.
const maxNesting = 16

// arrangement takes components from the front.
type arrangement struct {
	rest   []component
	single bool // an if_ with other parameters covers its component alone
}

// nodes are those up to the if_else or if_end of the block, which stays, or to the end.
func (a *arrangement) nodes(depth int) ([]node, error) {
	if depth > maxNesting {
		return nil, errorf("Invalid transformation: conditions are nested more than %d deep", maxNesting)
	}
	var nodes []node
	for len(a.rest) > 0 {
		c := a.rest[0]
		test := c.get("if")
		if test == "end" || test == "else" {
			return nodes, nil
		}
		a.rest = a.rest[1:]
		if test == "" {
			nodes = append(nodes, node{component: c})
			continue
		}
		found, err := a.conditional(test, c.without("if"), depth)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, node{condition: found})
	}
	return nodes, nil
}

func (a *arrangement) conditional(test string, beside component, depth int) (*conditional, error) {
	found := &conditional{test: test}
	if len(beside) > 0 {
		found.then = []node{{component: beside}}
	}
	if len(beside) > 0 && a.single {
		// Its else, if there is one, is the next component and covers no more than that.
		if len(a.rest) > 0 && a.rest[0].get("if") == "else" && len(a.rest[0]) > 1 {
			found.otherwise = []node{{component: a.rest[0].without("if")}}
			a.rest = a.rest[1:]
		}
		return found, nil
	}
	inside, err := a.nodes(depth + 1)
	if err != nil {
		return nil, err
	}
	found.then = append(found.then, inside...)
	if len(a.rest) > 0 && a.rest[0].get("if") == "else" {
		if beside := a.rest[0].without("if"); len(beside) > 0 {
			found.otherwise = []node{{component: beside}}
		}
		a.rest = a.rest[1:]
		inside, err := a.nodes(depth + 1)
		if err != nil {
			return nil, err
		}
		found.otherwise = append(found.otherwise, inside...)
	}
	if len(a.rest) == 0 || a.rest[0].get("if") != "end" {
		return nil, errorf("Invalid transformation: if_%s has no if_end", shortened(test))
	}
	if len(a.rest[0]) > 1 {
		return nil, errorf("Invalid transformation: if_end stands alone in its component")
	}
	a.rest = a.rest[1:]
	return found, nil
}

// write puts nodes together again, with an if_end for every condition.
func write(nodes []node, each func(component) string) string {
	var parts []string
	for _, n := range nodes {
		if n.condition == nil {
			parts = append(parts, each(n.component))
			continue
		}
		parts = append(parts, "if_"+n.condition.test)
		if inside := write(n.condition.then, each); inside != "" {
			parts = append(parts, inside)
		}
		if inside := write(n.condition.otherwise, each); inside != "" {
			parts = append(parts, "if_else", inside)
		}
		parts = append(parts, "if_end")
	}
	return strings.Join(parts, "/")
}

// every calls a function with each component.
func every(nodes []node, do func(component)) {
	for _, n := range nodes {
		if n.condition == nil {
			do(n.component)
			continue
		}
		every(n.condition.then, do)
		every(n.condition.otherwise, do)
	}
}
