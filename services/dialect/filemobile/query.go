package filemobile

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/media"
)

// maxLimit is the most items of one page.
const maxLimit = 500

// Query is what media.getFiles asks for.
type Query struct {
	Start, Limit int
	// Fields are the elements that are wanted of each item; all when it is empty.
	Fields []string
	// Descending turns the order round.
	Descending bool

	key  func(Item) int64
	keep []func(Item) bool
}

// Wanted tells whether an item is among those that the query asks for.
func (q Query) Wanted(i Item) bool {
	return !slices.ContainsFunc(q.keep, func(keep func(Item) bool) bool { return !keep(i) })
}

// Key is what the items are ordered by.
func (q Query) Key(i Item) int64 { return q.key(i) }

// orders are the fields that a list can be ordered by.
var orders = map[string]func(Item) int64{
	"upload":    func(i Item) int64 { return i.Upload.UnixMilli() },
	"date":      func(i Item) int64 { return i.Date.UnixMilli() },
	"rating":    func(i Item) int64 { return int64(i.Rating) },
	"votecount": func(i Item) int64 { return i.VoteCount },
	"hits":      func(i Item) int64 { return i.Hits },
	"id":        func(i Item) int64 { n, _ := strconv.ParseInt(i.ID, 10, 64); return n },
}

// filters are the numbers that a list can be narrowed to.
var filters = map[string]func(Item) int64{
	"status":   func(i Item) int64 { return int64(i.Status) },
	"filetype": func(i Item) int64 { return int64(i.Filetype) },
	"channel":  func(i Item) int64 { return i.Channel.ID },
	"uid":      func(i Item) int64 { return i.UID },
	"parentid": func(i Item) int64 { return i.ParentID },
}

// moderations are the words for what a moderator decided, and the values that they stand for.
var moderations = map[string][]int{
	"unmoderated": {events.MediaUnmoderated}, "approved": {events.MediaApproved}, "denied": {events.MediaDenied},
	"notdenied": {events.MediaUnmoderated, events.MediaApproved}, "moderated": {events.MediaApproved, events.MediaDenied},
	"all": {events.MediaUnmoderated, events.MediaApproved, events.MediaDenied},
	"0":   {events.MediaUnmoderated}, "1": {events.MediaApproved}, "2": {events.MediaDenied},
}

// ParseQuery reads a call of media.getFiles: sort, filters[…], start, limit and fields[]. What was trashed is left out
// unless filters[status] asks for it. It fails with an [*Error] for an order or a filter that there is not.
func ParseQuery(call Call) (Query, error) {
	var q Query
	var err error
	if q.Start, err = call.Number("start", 0, 0, 1<<30); err != nil {
		return q, err
	}
	if q.Limit, err = call.Number("limit", 25, 0, 1<<30); err != nil {
		return q, err
	}
	if size := call.Get("pageSize"); size != "" {
		if q.Limit, err = call.Number("pageSize", 0, 0, 1<<30); err != nil {
			return q, err
		}
	}
	q.Limit = min(q.Limit, maxLimit)
	field, direction, _ := strings.Cut(call.Get("sort"), " ")
	if field == "" {
		field, direction = "upload", "DESC"
	}
	q.key, q.Descending = orders[field], strings.EqualFold(direction, "DESC")
	if q.key == nil {
		return q, invalid("sort has to be one of %s", strings.Join(slices.Sorted(maps.Keys(orders)), ", "))
	}
	q.Fields = append(append([]string{}, call.Params["fields[]"]...), call.Params["fields"]...)
	err = q.filter(call)
	return q, err
}

func (q *Query) filter(call Call) error {
	if !call.Params.Has("filters[status]") {
		q.keep = append(q.keep, func(i Item) bool { return !media.Trashed(i.Status) })
	}
	for _, param := range slices.Sorted(maps.Keys(call.Params)) {
		inner, ok := strings.CutPrefix(param, "filters[")
		if !ok {
			continue
		}
		name, value := strings.TrimSuffix(inner, "]"), call.Params.Get(param)
		if name == "moderationstatus" {
			wanted, ok := moderations[value]
			if !ok {
				return invalid("filters[moderationstatus] has to be one of %s", strings.Join(slices.Sorted(maps.Keys(moderations)), ", "))
			}
			q.keep = append(q.keep, func(i Item) bool { return slices.Contains(wanted, i.ModerationStatus) })
			continue
		}
		of, ok := filters[name]
		n, err := strconv.ParseInt(value, 10, 64)
		if !ok || err != nil {
			return invalid("filters[%s] has to be a number of one of %s", name, strings.Join(slices.Sorted(maps.Keys(filters)), ", "))
		}
		q.keep = append(q.keep, func(i Item) bool { return of(i) == n })
	}
	return nil
}
