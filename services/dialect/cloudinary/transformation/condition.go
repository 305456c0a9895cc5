package transformation

// comparison compares two expressions.
type comparison struct {
	left, right expression
	operator    string
}

// condition holds when all comparisons of one of its alternatives do: and binds tighter than or.
type condition [][]comparison

// parseCondition reads what stands behind if_.
func parseCondition(text string) (condition, bool) {
	tokens := words(text)
	found := condition{nil}
	for {
		var c comparison
		var ok bool
		if c.left, tokens, ok = takeExpression(tokens); !ok || len(tokens) < 2 || !comparisons[tokens[0]] {
			return nil, false
		}
		c.operator = tokens[0]
		if c.right, tokens, ok = takeExpression(tokens[1:]); !ok {
			return nil, false
		}
		last := len(found) - 1
		found[last] = append(found[last], c)
		if len(tokens) == 0 {
			return found, true
		}
		switch tokens[0] {
		case "or":
			found = append(found, nil)
		case "and":
		default:
			return nil, false
		}
		tokens = tokens[1:]
	}
}

func checkCondition(text string) error {
	if _, ok := parseCondition(text); !ok && text != "else" && text != "end" {
		return invalid("condition", text)
	}
	return nil
}

// checkAssignment checks the value of a variable.
func checkAssignment(text string) error {
	if _, ok := parseExpression(text); !ok {
		return invalid("variable value", text)
	}
	return nil
}

// holds evaluates the condition as far as it has to. It fails with an [Error] where a value is not known.
func (c condition) holds(in surroundings) (bool, error) {
	for _, alternative := range c {
		all := true
		for _, one := range alternative {
			holds, err := one.holds(in)
			if err != nil {
				return false, err
			}
			if all = holds; !all {
				break
			}
		}
		if all {
			return true, nil
		}
	}
	return false, nil
}

func (c comparison) holds(in surroundings) (bool, error) {
	left, err := c.left.evaluate(in)
	if err != nil {
		return false, err
	}
	right, err := c.right.evaluate(in)
	if err != nil {
		return false, err
	}
	holds, ok := left.compare(c.operator, right)
	if !ok {
		return false, errorf("Invalid condition in transformation: %s cannot be compared with %s by %s",
			shortened(left.String()), shortened(right.String()), c.operator)
	}
	return holds, nil
}
