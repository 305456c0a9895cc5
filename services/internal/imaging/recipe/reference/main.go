// Reference writes what people and programs can know of recipes: services/docs/OPERATIONS.md,
// schemas/native/operations.json, and an example of it with every operation. The names and types of parameters are those
// of package recipe, found by reflection; the words are its comments; and ranges, choices and rules are found by trying,
// with [recipe.Recipe.Validate] as the judge. Only the order of the operations and an example for each are written down
// here, in catalogue.go.
//
// Run it in the folder of the repository: `go tool task generate`.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write() error {
	made, err := build(os.DirFS("services/internal/imaging/recipe"))
	if err != nil {
		return err
	}
	for name, body := range made.files() {
		err = errors.Join(err, os.WriteFile(name, body, 0o644)) //nolint:gosec // a file of the repository
	}
	return err
}

// reference is all that is written.
type reference struct {
	families             []described
	save, recipe         description
	saveSaid, recipeSaid map[string]string
	words                map[string]string
}

// files are the contents of all files by their paths.
func (r reference) files() map[string][]byte {
	return map[string][]byte{
		"services/docs/OPERATIONS.md":                                   r.markdown(),
		"schemas/native/operations.json":                                r.schemaFile(),
		"schemas/examples/native/operations/valid-every-operation.json": r.exampleFile(),
	}
}

type described struct {
	title      string
	operations []operationDescribed
}

// operationDescribed is an operation with what its comments say.
type operationDescribed struct {
	description

	text  string
	said  map[string]string
	notes []string
	// layer tells that it can be applied to a further picture.
	layer bool
}

// build finds out everything. The folder is that of package recipe. It fails when the catalogue lacks an operation, and
// when the code refuses a parameter in words that are not understood.
func build(folder fs.FS) (reference, error) {
	r := reference{}
	comments, err := readSource(folder)
	if err != nil {
		return r, err
	}
	r.words = comments.words
	missing := maps.Clone(recipe.Operations)
	for _, f := range families {
		list := described{title: f.title}
		for _, e := range f.operations {
			delete(missing, e.op)
			op, err := describeOperation(e, comments)
			if err != nil {
				return r, err
			}
			list.operations = append(list.operations, op)
		}
		r.families = append(r.families, list)
	}
	if len(missing) > 0 {
		return r, fmt.Errorf("catalogue.go lacks %s", strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
	if r.save, err = saving().describe(); err != nil {
		return r, err
	}
	if r.recipe, err = reading().describe(); err != nil {
		return r, err
	}
	_, r.saveSaid, _ = comments.of("Save")
	_, r.recipeSaid, _ = comments.of("Recipe")
	return r, nil
}

func describeOperation(e entry, comments source) (operationDescribed, error) {
	s, err := operation(e)
	if err != nil {
		return operationDescribed{}, err
	}
	made, err := s.describe()
	if err != nil {
		return operationDescribed{}, err
	}
	op := operationDescribed{description: made}
	op.text, op.said, op.notes = comments.of(fmt.Sprintf("%T", recipe.Operations[e.op]())[len("*recipe."):])
	op.layer = recipe.Recipe{Steps: []recipe.Step{{
		Op: "overlay", Save: &recipe.Save{ID: "a"},
		Params: encode(object{{"picture", "a"}, {"steps", []any{object{{"op", e.op}, {"params", s.example}}}}}),
	}}}.Validate() == nil
	return op, nil
}
