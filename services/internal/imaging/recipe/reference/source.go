package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// source is what the comments of package recipe say.
type source struct {
	structs map[string]structDoc
	words   map[string]string // the comment on a constant, by its value
}

// structDoc is what is said of a struct and its fields.
type structDoc struct {
	text   string
	fields []fieldDoc
}

type fieldDoc struct {
	name, json, text string
	embedded         bool
}

// readSource reads the comments of the package in the folder.
func readSource(folder fs.FS) (source, error) {
	s := source{structs: map[string]structDoc{}, words: map[string]string{}}
	names, err := fs.Glob(folder, "*.go")
	if err != nil {
		return s, fmt.Errorf("list the package: %w", err)
	}
	for _, name := range names {
		if matched, _ := path.Match("*_test.go", name); matched {
			continue
		}
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return s, fmt.Errorf("read the package: %w", err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
		if err != nil {
			return s, fmt.Errorf("parse the package: %w", err)
		}
		for _, declared := range file.Decls {
			if group, ok := declared.(*ast.GenDecl); ok {
				s.take(group)
			}
		}
	}
	return s, nil
}

func (s source) take(group *ast.GenDecl) {
	for _, spec := range group.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if made, ok := spec.Type.(*ast.StructType); ok {
				s.structs[spec.Name.Name] = structDoc{group.Doc.Text(), docsOf(made)}
			}
		case *ast.ValueSpec:
			literal, ok := first(spec.Values).(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING || spec.Doc == nil {
				continue
			}
			if value, err := strconv.Unquote(literal.Value); err == nil {
				s.words[value] = sentence(spec.Doc.Text(), spec.Names[0].Name)
			}
		}
	}
}

func first(values []ast.Expr) ast.Expr {
	if len(values) == 0 {
		return nil
	}
	return values[0]
}

// docsOf lists the comments of a struct's fields. A field without one has that of the field before, if it speaks of both.
func docsOf(made *ast.StructType) []fieldDoc {
	var list []fieldDoc
	before := ""
	for _, f := range made.Fields.List {
		text := f.Doc.Text()
		if len(f.Names) == 0 {
			if kind, ok := f.Type.(*ast.Ident); ok {
				list = append(list, fieldDoc{name: kind.Name, text: text, embedded: true})
			}
			continue
		}
		name := f.Names[0].Name
		if text == "" && regexp.MustCompile(`\b`+name+`\b`).MatchString(before) {
			text = before
		}
		before = text
		tag := ""
		if f.Tag != nil {
			unquoted, _ := strconv.Unquote(f.Tag.Value)
			tag, _, _ = strings.Cut(reflect.StructTag(unquoted).Get("json"), ",")
		}
		list = append(list, fieldDoc{name: name, json: tag, text: text})
	}
	return list
}

// of is what is said of a struct: in general, of each parameter by its name in JSON, and of what it embeds.
func (s source) of(kind string) (text string, params map[string]string, notes []string) {
	params = map[string]string{}
	names := s.names(kind)
	own := s.structs[kind]
	for _, f := range own.fields {
		if !f.embedded {
			params[f.json] = names.said(f.text, f.name)
			continue
		}
		_, inner, _ := s.of(f.name)
		maps.Copy(params, inner)
		if f.text != "" {
			notes = append(notes, names.said("The "+strings.ToLower(f.text[:1])+f.text[1:], ""))
		}
	}
	return names.said(sentence(own.text, kind), ""), params, notes
}

// naming is what the fields of a struct are called in JSON.
type naming map[string]string

func (s source) names(kind string) naming {
	names := naming{}
	for _, f := range s.structs[kind].fields {
		if f.embedded {
			maps.Copy(names, s.names(f.name))
			continue
		}
		names[f.name] = f.json
	}
	return names
}

var (
	word      = regexp.MustCompile(`\b[A-Z]\w*\b`)
	opLink    = regexp.MustCompile(`\[([A-Z]\w*)Op\]`)
	otherLink = regexp.MustCompile(`\[([A-Z]\w*)\]`)
	capital   = regexp.MustCompile(`([a-z])([A-Z])`)
)

// said is a comment for people who know the names in JSON alone, in Markdown with a paragraph a line.
func (n naming) said(text, about string) string {
	if rest, ok := strings.CutPrefix(text, about+" is "); ok && about != "" {
		text = upper(rest)
	} else if rest, ok := strings.CutPrefix(text, about+" are "); ok && about != "" {
		text = upper(rest)
	}
	text = opLink.ReplaceAllStringFunc(text, func(link string) string {
		op := strings.ToLower(capital.ReplaceAllString(opLink.FindStringSubmatch(link)[1], "${1}_$2"))
		return "[" + op + "](#" + op + ")"
	})
	text = otherLink.ReplaceAllStringFunc(text, func(link string) string {
		other := strings.ToLower(otherLink.FindStringSubmatch(link)[1])
		return "[" + other + "](#" + other + ")"
	})
	text = word.ReplaceAllStringFunc(text, func(name string) string {
		if inJSON, ok := n[name]; ok {
			return "`" + inJSON + "`"
		}
		return name
	})
	var lines []string
	for paragraph := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n\n") {
		if strings.HasPrefix(paragraph, " ") {
			paragraph = strings.ReplaceAll(paragraph, "\n ", "\n") // a list
		} else {
			paragraph = strings.ReplaceAll(paragraph, "\n", " ")
		}
		lines = append(lines, strings.TrimSpace(paragraph))
	}
	return strings.Join(lines, "\n\n")
}

// sentence takes the name away that a comment begins with.
func sentence(text, name string) string {
	return strings.TrimSpace(upper(strings.TrimPrefix(strings.TrimPrefix(text, name+" "), "is ")))
}

func upper(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

var linked = regexp.MustCompile(`\[([^\]]+)\]\(#[^)]*\)`)

// unmarked is Markdown as plain text, on one line.
func unmarked(text string) string {
	text = linked.ReplaceAllString(text, "$1")
	return strings.Join(strings.Fields(strings.ReplaceAll(text, "`", "")), " ")
}
