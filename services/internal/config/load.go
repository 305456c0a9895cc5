package config

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// prefix is what the name of every variable of ours begins with. Any variable that does is either known or a mistake.
const prefix = "RINGBACK_"

// Load overwrites the fields of target, a pointer to a struct of structs filled with defaults, with what environ sets.
// It reports every mistake at once: each value that does not parse, with its variable and what was expected, and each
// RINGBACK_ variable that nobody knows, with the name that was probably meant. Fields whose variables are good are set
// even then.
func Load(target any, environ map[string]string) error {
	fields := walk(reflect.ValueOf(target))
	known := make(map[string]bool, len(fields))
	var errs []error
	for _, f := range fields {
		known[f.name] = true
		text := environ[f.name]
		if text == "" {
			continue
		}
		value, err := f.parse(text)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		f.value.Set(value)
	}
	return errors.Join(append(errs, unknown(known, environ)...)...)
}

// field is one setting: where it is kept and the variable that sets it.
type field struct {
	name  string
	doc   string
	sf    reflect.StructField
	value reflect.Value
}

// walk lists the settings below v in the order of the source. It panics when v is not a pointer to a struct or two
// settings share a name: both are mistakes in the program.
func walk(v reflect.Value) []field {
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("config: target is %s, not a pointer to a struct", v.Type()))
	}
	var fields []field
	seen := map[string]bool{}
	collect(v.Elem(), func(f field) {
		if seen[f.name] {
			panic("config: " + f.name + " is the name of two settings")
		}
		seen[f.name] = true
		fields = append(fields, f)
	})
	return fields
}

func collect(v reflect.Value, add func(field)) {
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		if !sf.IsExported() {
			continue
		}
		name, tagged := sf.Tag.Lookup("env")
		if tagged {
			add(field{name: name, doc: sf.Tag.Get("doc"), sf: sf, value: v.Field(i)})
		} else if sf.Type.Kind() == reflect.Struct {
			collect(v.Field(i), add)
		}
	}
}

// parse reads text as the field's type. The library names the Go field in its errors, never the variable, and stops
// knowing which of two equally named fields it was; so it is given a struct of this one field at a time.
func (f field) parse(text string) (reflect.Value, error) {
	one := reflect.New(reflect.StructOf([]reflect.StructField{{Name: f.sf.Name, Type: f.sf.Type, Tag: f.sf.Tag}}))
	err := env.ParseWithOptions(one.Interface(), env.Options{
		Environment: map[string]string{f.name: text},
		FuncMap: map[reflect.Type]env.ParserFunc{
			reflect.TypeFor[[]string](): func(v string) (any, error) { return list(v), nil },
			reflect.TypeFor[url.URL]():  absoluteURL,
		},
	})
	if err != nil {
		return reflect.Value{}, fmt.Errorf("%s=%q: %s", f.name, f.shown(text), expectation(f.sf.Type, err))
	}
	return one.Elem().Field(0), nil
}

// list splits at commas, and forgives the spaces and the trailing comma that people leave in lists.
func list(text string) []string {
	var items []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

func absoluteURL(text string) (any, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" {
		// The cause is left out: it would quote the address with whatever password is in it.
		return nil, errors.New("not an absolute address")
	}
	return *u, nil
}

// expectation says what a value of type t looks like.
func expectation(t reflect.Type, err error) string {
	switch t {
	case reflect.TypeFor[bool]():
		return "expected true or false"
	case reflect.TypeFor[int]():
		return "expected a whole number"
	case reflect.TypeFor[time.Duration]():
		return "expected a duration such as 500ms, 30s or 5m"
	case reflect.TypeFor[ByteSize]():
		return ErrByteSize.Error()
	case reflect.TypeFor[slog.Level]():
		return "expected debug, info, warn or error"
	case reflect.TypeFor[netip.Prefix](), reflect.TypeFor[[]netip.Prefix]():
		return "expected networks such as 10.0.0.0/8"
	case reflect.TypeFor[*url.URL](), reflect.TypeFor[url.URL]():
		return "expected an absolute address such as nats://127.0.0.1:4222"
	}
	// A type of another package says in its own error what it expects; the library's words around it name Go fields.
	if parse, ok := errors.AsType[env.ParseError](err); ok {
		err = parse.Err
	}
	return err.Error()
}

// unknown reports each RINGBACK_ variable that is no setting, in order of name.
func unknown(known map[string]bool, environ map[string]string) []error {
	names := slices.Sorted(maps.Keys(known))
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(environ)) {
		if !strings.HasPrefix(name, prefix) || known[name] {
			continue
		}
		// The value is not repeated: nobody knows whether it is a secret.
		if near := nearest(name, names); near != "" {
			errs = append(errs, fmt.Errorf("%s: no such setting; did you mean %s?", name, near))
			continue
		}
		errs = append(errs, fmt.Errorf("%s: no such setting; `ringback config` lists them all", name))
	}
	return errs
}
