package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// markdown is services/docs/OPERATIONS.md.
func (r reference) markdown() []byte {
	var out bytes.Buffer
	p := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	p("%s", markdownHead)
	p("| family | operations |\n|---|---|")
	for _, f := range r.families {
		var links []string
		for _, op := range f.operations {
			links = append(links, "["+op.name+"](#"+op.name+")")
		}
		p("| %s | %s |", f.title, strings.Join(links, ", "))
	}
	p("\n## The recipe\n\n%s\n", recipeText)
	table(&out, append(r.recipe.params, param{field{name: "steps"}, shape{words: "list; each a step"}}), []string{"steps"}, r.recipeSaid)
	p("\n%s", stepText)
	p("\n## Save\n\nA step with a `save` makes an output. What a format has no use for is ignored: a PNG has no quality.\n")
	table(&out, r.save.params, r.save.required(), r.saveSaid)
	rules(&out, r.save.notes(), nil)
	p("\n%s", destinationsText)
	p("\n%s", valuesText)
	p("\n### Gravities\n\n%s\n\n%s", quoted(recipe.Gravities), gravityText)
	p("\n### Blends\n\n%s", "How a layer's colours meet those below, by W3C Compositing and Blending Level 1; and five that use the layer as a stencil.\n")
	r.listWords(&out, recipe.Blends)
	p("\n### Inspections\n\n%s", quoted(recipe.Inspections)+".\n\n"+inspectionText)
	for _, f := range r.families {
		p("\n## %s", f.title)
		for _, op := range f.operations {
			p("\n### %s\n\n%s", op.name, op.text)
			op.write(&out)
		}
	}
	p("\n%s", refusedText)
	return out.Bytes()
}

// write writes the operation's parameters, its rules and its example.
func (op operationDescribed) write(out *bytes.Buffer) {
	if len(op.params) > 0 {
		out.WriteByte('\n')
		table(out, op.params, op.required(), op.said)
	}
	rules(out, op.description.notes(), op.notes)
	step := object{{"op", op.name}}
	if len(op.example) > 0 {
		shown := object{}
		for _, p := range op.params {
			if value, ok := op.example[p.name]; ok {
				shown = append(shown, member{p.name, value})
			}
		}
		step = append(step, member{"params", shown})
	}
	fmt.Fprintf(out, "\n```json\n%s\n```\n", spaced(encode(step)))
}

func rules(out *bytes.Buffer, notes, said []string) {
	if all := slices.Concat(said, notes); len(all) > 0 {
		fmt.Fprintf(out, "\n%s\n", strings.Join(all, " "))
	}
}

func table(out *bytes.Buffer, params []param, required []string, said map[string]string) {
	fmt.Fprintf(out, "| parameter | value | |\n|---|---|---|\n")
	for i := 0; i < len(params); i++ {
		p := params[i]
		names := []string{"`" + p.name + "`"}
		for i+1 < len(params) && params[i+1].words == p.words && said[params[i+1].name] == said[p.name] {
			i++
			names = append(names, "`"+params[i].name+"`")
		}
		if slices.Contains(required, p.name) {
			names = append(names, "required")
		}
		cells := []string{strings.Join(names, ", "), linkedWords(p.words), strings.ReplaceAll(p.text(said), "\n\n", " ")}
		for i, cell := range cells {
			cells[i] = strings.ReplaceAll(cell, "|", `\|`)
		}
		fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
	}
}

// linkedWords are a parameter's words, or where they are listed.
func linkedWords(words string) string {
	for list, link := range map[string]string{
		quoted(recipe.Gravities): "[gravity](#gravities)", quoted(places()): "[gravity](#gravities), one of the places",
		quoted(recipe.Blends): "[blend](#blends)", quoted(recipe.Inspections): "[inspection](#inspections)",
	} {
		if before, found := strings.CutSuffix(words, list); found {
			return before + link
		}
	}
	return words
}

// places are the gravities that look at nothing.
func places() []recipe.Gravity {
	return slices.DeleteFunc(slices.Clone(recipe.Gravities), func(g recipe.Gravity) bool {
		return g == recipe.Attention || g == recipe.Entropy || g == recipe.Faces
	})
}

// listWords writes words with what is said of them.
func (r reference) listWords(out *bytes.Buffer, words []recipe.Blend) {
	var bare []string
	var rest []string
	for _, word := range words {
		if text := r.words[string(word)]; text != "" {
			rest = append(rest, fmt.Sprintf("- `%s`: %s", word, strings.ToLower(text[:1])+text[1:]))
			continue
		}
		bare = append(bare, "`"+string(word)+"`")
	}
	fmt.Fprintf(out, "- %s\n%s\n", strings.Join(bare, ", "), strings.Join(rest, "\n"))
}

func quoted[T ~string](words []T) string {
	list := make([]string, len(words))
	for i, word := range words {
		list[i] = "`" + string(word) + "`"
	}
	return strings.Join(list, ", ")
}

// spaced is JSON on one line with blanks after commas and colons.
func spaced(text []byte) string {
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", ""); err != nil {
		panic(err) // what was just encoded is JSON
	}
	var line strings.Builder
	for part := range strings.SplitSeq(out.String(), "\n") {
		line.WriteString(part)
		if strings.HasSuffix(part, ",") {
			line.WriteByte(' ')
		}
	}
	return line.String()
}
