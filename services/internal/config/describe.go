package config

import (
	"encoding"
	"fmt"
	"net/url"
	"reflect"
	"strings"
)

// The origins of a value.
const (
	OriginDefault     = "default"
	OriginEnvironment = "environment"
)

// Setting is one setting as it is shown to people. Secrets are masked in all of it.
type Setting struct {
	// Name is the environment variable.
	Name string
	// Value is what is in force.
	Value string
	// Default is what would be in force without the variable.
	Default string
	// Origin is [OriginDefault] or [OriginEnvironment].
	Origin string
	// Doc is the sentence in the field's doc tag.
	Doc string
}

// Describe lists the settings of target, which holds the defaults and is not changed, as environ would set them. A value
// that [Load] would refuse is listed as it was given, because Describe is what a person looks at to find it.
func Describe(target any, environ map[string]string) []Setting {
	var settings []Setting
	for _, f := range walk(reflect.ValueOf(target)) {
		def := f.shown(format(f.value))
		s := Setting{Name: f.name, Value: def, Default: def, Origin: OriginDefault, Doc: f.doc}
		if text := environ[f.name]; text != "" {
			s.Origin = OriginEnvironment
			if value, err := f.parse(text); err == nil {
				text = format(value)
			}
			s.Value = f.shown(text)
		}
		settings = append(settings, s)
	}
	return settings
}

// Markdown writes the settings as a table of names, defaults and meanings. Values are left out: the file is the same on
// every machine.
func Markdown(settings []Setting) string {
	var b strings.Builder
	b.WriteString("| Variable | Default | Meaning |\n|---|---|---|\n")
	for _, s := range settings {
		def := ""
		if s.Default != "" {
			def = "`" + s.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, cell(def), cell(s.Doc))
	}
	return b.String()
}

// cell keeps a text within one cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
}

// format writes a value the way the environment would hold it.
func format(v reflect.Value) string {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return ""
	}
	if secret, ok := reflect.TypeAssert[Secret](v); ok {
		return secret.Reveal()
	}
	if m, ok := reflect.TypeAssert[encoding.TextMarshaler](v); ok {
		// A value without a text, such as the zero network, is shown as nothing.
		text, _ := m.MarshalText()
		return string(text)
	}
	if v.Kind() == reflect.Slice {
		items := make([]string, v.Len())
		for i := range items {
			items[i] = format(v.Index(i))
		}
		return strings.Join(items, ",")
	}
	return fmt.Sprint(v.Interface())
}

// shown is text as it may be seen: a secret masked unless it is empty, which is worth knowing, and a password in an
// address masked too.
func (f field) shown(text string) string {
	if text == "" {
		return ""
	}
	if f.sf.Type == reflect.TypeFor[Secret]() || f.sf.Type == reflect.TypeFor[[]Secret]() {
		return mask
	}
	items := strings.Split(text, ",")
	for i, item := range items {
		items[i] = withoutPassword(item)
	}
	return strings.Join(items, ",")
}

func withoutPassword(text string) string {
	if !strings.Contains(text, "://") || !strings.Contains(text, "@") {
		return text
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return mask
	}
	if u.User == nil {
		return text
	}
	// A lone user name may be a token, as in nats://token@host, so all of it goes.
	u.User = url.User("xxxxx")
	return u.String()
}
