package recipe

import "fmt"

// Notes says where an output will differ from what a client may expect, one sentence for each such step in the order of
// the recipe. A recipe that does not pass [Recipe.Validate] has none for its wrong steps.
func (r Recipe) Notes() []string {
	var notes []string
	var walk func([]Step, string)
	walk = func(steps []Step, path string) {
		for i, step := range steps {
			here := fmt.Sprintf("%s[%d]", path, i)
			op, err := step.Operation()
			if noted, ok := op.(interface{ note() string }); ok && err == nil {
				if note := noted.note(); note != "" {
					notes = append(notes, here+": "+note)
				}
			}
			walk(step.Steps, here+".steps")
		}
	}
	walk(r.Steps, "recipe.steps")
	return notes
}

// note tells of a gravity that is not what it says.
func (p Placement) note() string {
	if p.Gravity == Faces {
		return "there is no detector of faces here: gravity attention was used instead"
	}
	return ""
}
