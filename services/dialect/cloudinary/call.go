package cloudinary

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/services/internal/asset"
)

// Rename asks for another public id of an asset.
type Rename struct {
	From, To, Type, ToType, NotificationURL string
	Overwrite                               bool
}

// ParseRename reads a call of rename. It fails with an [Error].
func ParseRename(p Params) (Rename, error) {
	r := Rename{
		From: p.Get("from_public_id"), To: p.Get("to_public_id"), Type: orElse(p.Get("type"), asset.Upload),
		NotificationURL: p.Get("notification_url"), Overwrite: p.Bool("overwrite", false),
	}
	r.ToType = orElse(p.Get("to_type"), r.Type)
	if r.From == "" || r.To == "" {
		return r, badRequest("Missing required parameter - from_public_id and to_public_id")
	}
	return r, checkPublicID(r.To)
}

// Destroy asks for an asset to be deleted.
type Destroy struct{ PublicID, Type, NotificationURL string }

// ParseDestroy reads a call of destroy. It fails with an [Error].
func ParseDestroy(p Params) (Destroy, error) {
	d := Destroy{PublicID: p.Get("public_id"), Type: orElse(p.Get("type"), asset.Upload), NotificationURL: p.Get("notification_url")}
	if d.PublicID == "" {
		return d, badRequest("Missing required parameter - public_id")
	}
	return d, nil
}

// Command is what becomes of tags, or of context.
type Command string

// The commands.
const (
	Add          Command = "add"
	Remove       Command = "remove"
	Replace      Command = "replace"
	SetExclusive Command = "set_exclusive"
	RemoveAll    Command = "remove_all"
)

// Edit changes tags or context of assets.
type Edit struct {
	Command         Command
	Tags            []string
	Context         map[string]string
	PublicIDs       []string
	Type            string
	NotificationURL string
}

// maxEdited bounds how many assets one call may change.
const maxEdited = 1000

// ParseTags reads a call of tags. It fails with an [Error].
func ParseTags(p Params) (Edit, error) {
	e, err := parseEdit(p)
	if err != nil {
		return e, err
	}
	e.Tags = p.All("tag")
	if len(e.Tags) == 0 && e.Command != RemoveAll && e.Command != Replace {
		return e, badRequest("Missing required parameter - tag")
	}
	return e, checkTags(e.Tags)
}

// ParseContext reads a call of context. It fails with an [Error].
func ParseContext(p Params) (Edit, error) {
	e, err := parseEdit(p)
	e.Context = pairs(p.Get("context"))
	if err == nil && e.Command != Add && e.Command != RemoveAll {
		err = badRequest("Invalid command " + string(e.Command))
	}
	return e, err
}

func parseEdit(p Params) (Edit, error) {
	e := Edit{
		Command: Command(p.Get("command")), PublicIDs: p.All("public_ids"), Type: orElse(p.Get("type"), asset.Upload),
		NotificationURL: p.Get("notification_url"),
	}
	if !slices.Contains([]Command{Add, Remove, Replace, SetExclusive, RemoveAll}, e.Command) {
		return e, badRequest("Invalid command " + string(e.Command))
	}
	if len(e.PublicIDs) == 0 || len(e.PublicIDs) > maxEdited {
		return e, badRequest(fmt.Sprintf("Missing required parameter - public_ids, 1 to %d of them", maxEdited))
	}
	return e, nil
}

// ApplyTags changes the tags of an asset.
func (e Edit) ApplyTags(a *asset.Asset) error {
	switch e.Command {
	case Add, SetExclusive:
		for _, tag := range e.Tags {
			if !slices.Contains(a.Tags, tag) {
				a.Tags = append(a.Tags, tag)
			}
		}
	case Remove:
		return e.Without(a)
	case Replace:
		a.Tags = e.Tags
	case RemoveAll:
		a.Tags = nil
	}
	return checkTags(a.Tags)
}

// Without takes the tags away from an asset.
func (e Edit) Without(a *asset.Asset) error {
	a.Tags = slices.DeleteFunc(a.Tags, func(tag string) bool { return slices.Contains(e.Tags, tag) })
	return nil
}

// ApplyContext changes what is noted of an asset.
func (e Edit) ApplyContext(a *asset.Asset) error {
	changed := map[string]string{}
	if e.Command == Add {
		maps.Copy(changed, a.Context)
		maps.Copy(changed, e.Context)
	}
	a.Context = changed
	return nil
}

// Set is what a sheet, an animation or a document is to be made of.
type Set struct {
	Tag             string
	URLs            []string
	Transformation  string
	Format          string
	Async           bool
	NotificationURL string
}

// ParseSet reads a call of sprite or multi. It fails with an [Error].
func ParseSet(p Params) (Set, error) {
	s := Set{
		Tag: p.Get("tag"), URLs: p.All("urls"), Transformation: p.Get("transformation"), Format: p.Get("format"),
		Async: p.Bool("async", false), NotificationURL: p.Get("notification_url"),
	}
	switch {
	case s.Tag == "" && len(s.URLs) == 0:
		return s, badRequest("Missing required parameter - tag or urls")
	case s.Tag != "":
		s.URLs = nil
		return s, checkPublicID(s.Tag)
	}
	return s, nil
}

// Explode asks for a picture of each page of a document.
type Explode struct{ PublicID, Type, Transformation, Format, NotificationURL string }

// ParseExplode reads a call of explode. It fails with an [Error].
func ParseExplode(p Params) (Explode, error) {
	e := Explode{
		PublicID: p.Get("public_id"), Type: orElse(p.Get("type"), asset.Upload), Transformation: orElse(p.Get("transformation"), "pg_all"),
		Format: orElse(p.Get("format"), "png"), NotificationURL: p.Get("notification_url"),
	}
	if e.PublicID == "" {
		return e, badRequest("Missing required parameter - public_id")
	}
	if strings.Count(e.Transformation, "pg_all") != 1 {
		return e, badRequest("Transformation must contain pg_all exactly once")
	}
	return e, nil
}

// List asks for assets.
type List struct {
	Type, Prefix, After string
	PublicIDs           []string
	Most                int
}

const (
	listMost    = 500
	listWithout = 10
)

// ParseList reads a question for assets of a type. It fails with an [Error].
func ParseList(kind string, p Params) (List, error) {
	l := List{
		Type: orElse(orElse(kind, p.Get("type")), asset.Upload), Prefix: p.Get("prefix"), After: p.Get("next_cursor"),
		PublicIDs: p.All("public_ids"), Most: listWithout,
	}
	if given := p.Get("max_results"); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil || n < 1 || n > listMost {
			return l, badRequest(fmt.Sprintf("Invalid max_results %s: 1 to %d", given, listMost))
		}
		l.Most = n
	}
	if len(l.PublicIDs) > 100 {
		return l, badRequest("Too many public_ids: there may be 100")
	}
	return l, nil
}

// ParseDeleteResources reads which assets are to be deleted. It fails with an [Error].
func ParseDeleteResources(p Params) ([]string, error) {
	ids := p.All("public_ids")
	if len(ids) == 0 || len(ids) > 100 {
		return nil, badRequest("Missing required parameter - public_ids, 1 to 100 of them")
	}
	return ids, nil
}

// Chunk is a piece of an upload: the bytes from Start to End, both included, of Total, which is -1 as long as the client does
// not know.
type Chunk struct {
	ID                string
	Start, End, Total int64
}

const maxChunkID = 255

// ChunkOf reads the headers of a piece of an upload: an id of the client's, and "bytes 0-5999999/12000000". It fails with an
// [Error].
func ChunkOf(uploadID, contentRange string) (Chunk, error) {
	c := Chunk{ID: uploadID}
	wrong := &Error{Status: http.StatusBadRequest, Message: "Invalid Content-Range: " + strings.ToValidUTF8(contentRange, "?")}
	rest, ok := strings.CutPrefix(contentRange, "bytes ")
	bounds, total, found := strings.Cut(rest, "/")
	start, end, dash := strings.Cut(bounds, "-")
	if !ok || !found || !dash || uploadID == "" || len(uploadID) > maxChunkID {
		return c, wrong
	}
	for _, number := range []struct {
		text string
		at   *int64
	}{{start, &c.Start}, {end, &c.End}, {total, &c.Total}} {
		n, err := strconv.ParseInt(number.text, 10, 64)
		if err != nil {
			return c, wrong
		}
		*number.at = n
	}
	if c.Start < 0 || c.End < c.Start || c.Total < -1 || c.Total != -1 && c.End >= c.Total {
		return c, wrong
	}
	return c, nil
}
