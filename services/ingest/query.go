package ingest

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/native"
)

// fields reads the members of a query or of a JSON object, and gathers what is wrong with them.
type fields struct {
	wrong []native.FieldError
}

func (f *fields) fail(field, value, want string) {
	f.wrong = append(f.wrong, native.FieldError{Field: field, Value: shortened([]byte(value)), Want: want})
}

// err is a problem with every field that is wrong; nil when none is.
func (f *fields) err(detail string) error {
	if f.wrong == nil {
		return nil
	}
	p := native.NewProblem(native.InvalidRequest, detail)
	p.Errors = f.wrong
	return p
}

func (f *fields) time(field, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		f.fail(field, text, "a time such as 2026-01-31T03:00:00Z")
	}
	return at
}

func (f *fields) number(field, text string, usual, most int) int {
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		f.fail(field, text, "a whole number from 1 to "+strconv.Itoa(most))
	}
	return n
}

// cursorVersion begins every cursor, so that those of an older kind can be told.
const cursorVersion = "1."

// cursor is a place in the log, as clients get it: theirs to give back, and not to look into.
func cursor(sequence uint64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorVersion + strconv.FormatUint(sequence, 36)))
}

func (f *fields) cursor(field, text string) uint64 {
	if text == "" {
		return 0
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		if digits, ok := strings.CutPrefix(string(raw), cursorVersion); ok {
			if sequence, err := strconv.ParseUint(digits, 36, 64); err == nil && sequence > 0 {
				return sequence
			}
		}
	}
	f.fail(field, text, "what a page before had under next")
	return 0
}

// query takes the members of the query that have one of the names; any other is wrong.
func (f *fields) query(c *fiber.Ctx, names ...string) map[string]string {
	query := map[string]string{}
	for name, value := range c.Queries() {
		query[strings.Clone(name)] = strings.Clone(value)
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if !slices.Contains(names, name) {
			f.fail(name, query[name], "one of "+strings.Join(names, ", "))
		}
	}
	return query
}

// object takes the members of a JSON object that are asked for, each into what it is for and with the phrase for what is
// expected; any other member is wrong. An empty document has none.
func (f *fields) object(prefix string, document []byte, members map[string]member) {
	if len(document) == 0 {
		return
	}
	var found map[string]json.RawMessage
	if err := json.Unmarshal(document, &found); err != nil || found == nil {
		f.fail(strings.TrimSuffix(prefix, "."), string(document), "a JSON object")
		return
	}
	names := slices.Sorted(maps.Keys(members))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		m, ok := members[name]
		switch {
		case !ok:
			f.fail(prefix+name, string(found[name]), "one of "+strings.Join(names, ", "))
		case string(found[name]) == "null" && !m.nullable, json.Unmarshal(found[name], m.into) != nil:
			f.fail(prefix+name, string(found[name]), m.want)
		}
	}
}

// member is where a member of an object goes, and what it is expected to be.
type member struct {
	into     any
	want     string
	nullable bool
}
