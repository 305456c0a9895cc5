package filemobile

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/media"
)

// kind is how the text of a parameter is read.
type kind int

const (
	asText kind = iota
	asWords
	asNumber
	asDecimal
	asMoment
)

// property is a parameter that says something of an item, and the field of the record that it goes to.
type property struct {
	name, field string
	kind        kind
}

// properties are those that an upload and media.updateFile take.
var properties = []property{
	{"injector", "injector", asText},
	{"hits", "hits", asNumber},
	{"message", "message", asText},
	{"date", "created_at", asMoment},
	{"title", "title", asText},
	{"tags", "tags", asWords},
	{"sender", "sender", asText},
	{"uid", "uploader.id", asNumber},
	{"privacy", "privacy", asNumber},
	{"moderationstatus", "moderation.status", asNumber},
	{"offensive", "offensive", asNumber},
	{"autoblog", "autoblog", asNumber},
	{"commentcount", "comments.count", asNumber},
	{"approvedcomments", "comments.approved", asNumber},
	{"notdeniedcomments", "comments.not_denied", asNumber},
	{"parentid", "parent", asNumber},
	{"user_name", "uploader.name", asText},
	{"user_country", "uploader.country", asText},
	{"user_city", "uploader.city", asText},
	{"user_state", "uploader.state", asText},
	{"user_nickname", "uploader.nickname", asText},
	{"user_firstname", "uploader.firstname", asText},
	{"user_lastname", "uploader.lastname", asText},
	{"url", "url", asText},
	{"rotation", "rotation", asNumber},
	{"language", "language", asText},
	{"channel", "channel.id", asNumber},
	{"channel_shortname", "channel.shortname", asText},
	{"channel_name", "channel.name", asText},
	{"geo_latitude", "place.latitude", asDecimal},
	{"geo_longitude", "place.longitude", asDecimal},
	{"moderationdeniedid", "moderation.denied_id", asNumber},
}

// Describe makes a JSON merge patch for [media.Patch] of the parameters that say something of an item, by their names or
// within one of the arrays, such as newProperties[title]. An empty one forgets what was said. meta[…] and metadata[…] are
// the client's own, with any nesting. It fails with an [*Error] that names the parameter that cannot be read.
func Describe(call Call, arrays ...string) ([]byte, error) {
	patch := map[string]any{}
	for _, p := range properties {
		for _, name := range within(p.name, arrays) {
			if !call.Params.Has(name) {
				continue
			}
			value, err := p.read(call.Params.Get(name))
			if err != nil {
				return nil, err
			}
			put(patch, p.field, value)
		}
	}
	if place, ok := patch["place"].(map[string]any); ok {
		switch {
		case len(place) != 2 || (place["latitude"] == nil) != (place["longitude"] == nil):
			return nil, invalid("geo_latitude and geo_longitude have to be given together")
		case place["latitude"] == nil:
			patch["place"] = nil
		}
	}
	if fields := metadata(call, arrays); len(fields) > 0 {
		patch["metadata"] = fields
	}
	return json.Marshal(patch)
}

// within are the names that a parameter may have: its own, and as an element of each of the arrays.
func within(name string, arrays []string) []string {
	names := []string{name}
	for _, array := range arrays {
		names = append(names, array+"["+name+"]")
	}
	return names
}

// put sets a field of an object by its path, of at most two steps.
func put(object map[string]any, path string, value any) {
	outer, inner, nested := strings.Cut(path, ".")
	if !nested {
		object[outer] = value
		return
	}
	within, _ := object[outer].(map[string]any) // none yet
	if within == nil {
		within = map[string]any{}
		object[outer] = within
	}
	within[inner] = value
}

// read makes of a text what JSON has for it; nil of an empty one.
func (p property) read(value string) (any, error) {
	value, isText := strings.TrimSpace(value), p.kind == asText
	switch {
	case value == "":
		return nil, nil
	case isText:
		return validText(p.name, value)
	}
	switch p.kind {
	case asWords:
		if _, err := validText(p.name, value); err != nil {
			return nil, err
		}
		return strings.Fields(value), nil
	case asNumber:
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return n, nil
		}
		return nil, invalid("%s has to be an integer", p.name)
	case asDecimal:
		if d, err := strconv.ParseFloat(value, 64); err == nil && d == d && d-d == 0 { //nolint:gocritic // neither NaN nor infinite
			return d, nil
		}
		return nil, invalid("%s has to be a number", p.name)
	default:
		if at, err := time.Parse(time.DateTime, value); err == nil {
			return at.UTC(), nil
		}
		return nil, invalid("%s has to be a date such as 2009-01-31 22:11:18", p.name)
	}
}

// validText refuses what JSON would silently write otherwise: its encoder replaces what is not UTF-8.
func validText(name, value string) (any, error) {
	if flaw := media.Flaw(value, len(value)); flaw != "" {
		return nil, invalid("%s has to be text: %s", name, flaw)
	}
	return value, nil
}

// metadata are the client's own fields: those of meta[user][href] are under user.href.
func metadata(call Call, arrays []string) map[string]any {
	fields := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(call.Params)) {
		for _, array := range append(within("meta", arrays), within("metadata", arrays)...) {
			inner, ok := strings.CutPrefix(name, array+"[")
			if !ok || !strings.HasSuffix(inner, "]") {
				continue
			}
			key := strings.ReplaceAll(strings.TrimSuffix(inner, "]"), "][", ".")
			fields[key] = call.Params.Get(name)
		}
	}
	return fields
}

// Explain is the error of the record, [media.FieldErrors], in the words of the format: each field by the name that its
// parameter has. Any other error stays as it is.
func Explain(err error) error {
	fields := media.FieldErrors(err)
	if len(fields) == 0 {
		return err
	}
	var all []string
	for _, f := range fields {
		all = append(all, fmt.Sprintf("%s has to be other: %s", parameter(f.Field), f.Want))
	}
	return invalid("%s", strings.Join(all, "; "))
}

func parameter(field string) string {
	for _, p := range properties {
		if p.field == field {
			return p.name
		}
	}
	if field == "metadata" {
		return "meta"
	}
	return field
}
