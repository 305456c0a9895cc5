package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// listing is a list that the server gives away in pages.
type listing[T any] struct {
	// route is where the list is, and key the field of a page that holds its items.
	route, key string
	// limit is how many items are shown at most.
	limit int
	// json has them printed one a line, as they are.
	json bool
	// table prints them for people, and none is said when there are none.
	table func(out io.Writer, list []T, now time.Time) error
	none  string
}

// pageMost is how many items are asked for at a time.
const pageMost = 500

// print prints what the server has for a query.
func (l listing[T]) print(ctx context.Context, t *terminal, server *client, query url.Values) error {
	list, more, err := l.read(ctx, server, query)
	if err != nil {
		return err
	}
	if l.json {
		encoder := json.NewEncoder(t.out)
		encoder.SetEscapeHTML(false)
		for _, item := range list {
			if err := encoder.Encode(item); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		fmt.Fprintln(t.err, l.none)
		return nil
	}
	if err := l.table(t.out, list, time.Now()); err != nil {
		return err
	}
	if more {
		fmt.Fprintf(t.err, "there are more than %d: --limit shows them\n", l.limit)
	}
	return nil
}

// read reads pages until there are enough items.
func (l listing[T]) read(ctx context.Context, server *client, query url.Values) (list []T, more bool, err error) {
	for {
		query.Set("limit", strconv.Itoa(min(max(l.limit-len(list), 1), pageMost)))
		raw, err := server.do(ctx, http.MethodGet, l.route+"?"+query.Encode(), "", nil)
		if err != nil {
			return nil, false, err
		}
		items, next, err := l.page(raw)
		if err != nil {
			return nil, false, fmt.Errorf("read the %s: %w", l.key, err)
		}
		list = append(list, items...)
		if next == "" || len(list) >= l.limit {
			return list, next != "", nil
		}
		query.Set("after", next)
	}
}

// page takes a page apart: its items, and where the next one begins.
func (l listing[T]) page(raw []byte) (items []T, next string, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, "", err
	}
	if text, ok := fields["next"]; ok {
		if err := json.Unmarshal(text, &next); err != nil {
			return nil, "", err
		}
	}
	err = json.Unmarshal(fields[l.key], &items)
	return items, next, err
}
