package transformation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// Translate makes the recipe of one output, [OutputID]. It fails with an [Error] for what cannot be done with this picture, or
// not at all, and for named transformations that were not expanded.
func (t Transformation) Translate(r Request) (Translation, error) {
	if r.Asset.Width < 1 || r.Asset.Height < 1 {
		return Translation{}, errorf("Invalid transformation: the size of the picture is not known")
	}
	tr := &translator{request: r, variables: map[string]value{}, result: Translation{Pictures: map[string]Layer{}}}
	base := newCanvas(r.Asset)
	tr.base = base
	if err := tr.reading(t.nodes, base); err != nil {
		return Translation{}, err
	}
	if err := tr.nodes(t.nodes, base, nil, 0); err != nil {
		return Translation{}, err
	}
	if err := tr.save(base); err != nil {
		return Translation{}, err
	}
	tr.result.Recipe.Steps = base.chain(tr.saving)
	if base.lost == "" {
		tr.result.Size = base.size
	}
	if err := tr.result.Recipe.Validate(); err != nil {
		return Translation{}, asError(err)
	}
	return tr.result, nil
}

// translator walks the components of one transformation.
type translator struct {
	request   Request
	variables map[string]value
	base      *canvas
	result    Translation
	saving    recipe.Save
	format    string   // the last f_
	quality   string   // the last q_
	given     []string // the flags so far
	plays     *int     // how often an animation plays, 0 for ever
}

// nodes carries out components and conditions. Those between a layer and its fl_layer_apply are the layer's.
func (t *translator) nodes(nodes []node, on, below *canvas, depth int) error {
	if depth > maxNesting {
		return errorf("Invalid transformation: conditions and layers are nested more than %d deep", maxNesting)
	}
	for i := 0; i < len(nodes); i++ {
		n := nodes[i]
		if n.condition != nil {
			if err := t.condition(n.condition, on, below, depth); err != nil {
				return err
			}
			continue
		}
		c, err := t.call(n.component, on, below)
		if err != nil {
			return err
		}
		if key := c.params.layerKey(); key != "" {
			end := layerEnd(nodes[i:])
			l := layering{call: c, key: key, depth: depth}
			if end > 0 {
				l.inner, l.ending = nodes[i+1:i+end], nodes[i+end].component
			}
			if err := l.do(); err != nil {
				return err
			}
			i += end
			continue
		}
		if c.params.flagged("layer_apply") {
			return invalid("flag", "layer_apply without a layer")
		}
		if err := c.perform(); err != nil {
			return err
		}
	}
	return nil
}

// layerEnd is how far behind a layer's first component its fl_layer_apply is; 0 for a layer of one component.
func layerEnd(nodes []node) int {
	if nodes[0].component.flagged("layer_apply") {
		return 0
	}
	open := 0
	for i, n := range nodes {
		if n.condition != nil {
			continue
		}
		applies := n.component.flagged("layer_apply")
		switch opens := n.component.layerKey() != ""; {
		case opens && !applies:
			open++
		case applies && !opens:
			open--
		}
		if open == 0 {
			return i
		}
	}
	// There are fewer ends than layers: the first ones are of the form without.
	return 0
}

func (t *translator) condition(n *conditional, on, below *canvas, depth int) error {
	test, ok := parseCondition(n.test)
	if !ok {
		return invalid("condition", n.test)
	}
	holds, err := test.holds(&call{translator: t, on: on, below: below})
	if err != nil {
		return err
	}
	if holds {
		return t.nodes(n.then, on, below, depth+1)
	}
	return t.nodes(n.otherwise, on, below, depth+1)
}

// call is one component with the picture that it is carried out on.
type call struct {
	*translator
	params component
	on     *canvas
	below  *canvas // of a layer, the picture that it is laid over; nil for that one itself
	inDPR  bool    // dpr is being calculated
}

// call sets the component's variables and replaces them in its values.
func (t *translator) call(c component, on, below *canvas) (*call, error) {
	made := &call{translator: t, on: on, below: below}
	for _, p := range c {
		if !strings.HasPrefix(p.key, "$") {
			continue
		}
		e, ok := parseExpression(p.value)
		if !ok {
			return nil, invalid("variable value", p.value)
		}
		v, err := e.evaluate(made)
		if err != nil {
			return nil, err
		}
		t.variables[p.key] = v
	}
	for _, p := range c {
		if strings.HasPrefix(p.key, "$") {
			continue
		}
		p, err := t.replaced(p)
		if err != nil {
			return nil, err
		}
		made.params = append(made.params, p)
	}
	return made, nil
}

// replaced puts the texts of variables into a value that is no expression.
func (t *translator) replaced(p parameter) (parameter, error) {
	kind := keys[p.key]
	if kind.refused != "" {
		return p, unsupported(kind.name, p.value, kind.refused)
	}
	isText := (p.key == "l" || p.key == "u") && strings.HasPrefix(p.value, "text:")
	if !strings.Contains(p.value, "$") || slices.Contains(expressed, p.key) || isText {
		return p, nil
	}
	var text strings.Builder
	for rest := p.value; rest != ""; {
		at := strings.IndexByte(rest, '$')
		if at < 0 {
			text.WriteString(rest)
			break
		}
		end := at + 1
		for end < len(rest) && isVariable(rest[at:end+1]) {
			end++
		}
		v, err := t.variable(rest[at:end])
		if err != nil {
			return p, err
		}
		text.WriteString(rest[:at])
		text.WriteString(v.String())
		rest = rest[end:]
	}
	p.value = text.String()
	if p.value == "" {
		return p, invalid(kind.name, p.value)
	}
	return p, checks[p.key](p.value)
}

// variable is the value of a variable that was set before.
func (t *translator) variable(name string) (value, error) {
	v, set := t.variables[name]
	if !set {
		return value{}, errorf("Undefined variable in transformation: %s", shortened(name))
	}
	return v, nil
}

// known is the value of a variable, or of what is known of the picture at hand.
func (c *call) known(t term) (value, error) {
	asset := c.on.original
	switch {
	case t.variable != "":
		return c.variable(t.variable)
	case t.context != "":
		return textValue(asset.Context[t.context]), nil
	case t.metadata != "":
		return textValue(asset.Metadata[t.metadata]), nil
	case unknowable[t.name] != "":
		return value{}, unsupported("expression", t.name, unknowable[t.name])
	}
	name := predefined[t.name]
	if strings.Contains("w h ar", name) && c.on.lost != "" {
		return value{}, c.unknown(t.name)
	}
	if strings.Contains("iw ih iar", name) && asset.Width < 1 {
		return value{}, c.unknown(t.name)
	}
	switch name {
	case "w":
		return numberValue(float64(c.on.size.Width)), nil
	case "h":
		return numberValue(float64(c.on.size.Height)), nil
	case "ar":
		return numberValue(float64(c.on.size.Width) / float64(c.on.size.Height)), nil
	case "iw":
		return numberValue(float64(asset.Width)), nil
	case "ih":
		return numberValue(float64(asset.Height)), nil
	case "iar":
		return numberValue(float64(asset.Width) / float64(asset.Height)), nil
	case "pc":
		return numberValue(float64(max(asset.Pages, 1))), nil
	case "cp":
		return numberValue(float64(c.page())), nil
	case "fc":
		return numberValue(float64(len(asset.Faces))), nil
	case "tags":
		return listValue(asset.Tags), nil
	default: // dpr
		dpr, err := c.dpr()
		return numberValue(dpr), err
	}
}

// unknown is the refusal of what needs a size that is not known.
func (c *call) unknown(what string) error {
	return unsupported("expression", what, fmt.Sprintf("the size of the picture is not known after %s", c.on.lost))
}
