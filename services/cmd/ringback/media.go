package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/ringback/ringback/events"
)

type mediaCommand struct {
	List mediaListCommand `cmd:"" help:"List media items by their ids."`
	Show mediaShowCommand `cmd:"" help:"Show everything that is known of a media item."`
}

type mediaListCommand struct {
	account
	Moderation string `enum:",unmoderated,approved,denied" default:"" help:"Only those that are unmoderated, approved or denied."`
	Trashed    bool   `help:"Those that were put away, in place of the others."`
	Limit      int    `default:"50" help:"How many at most."`
	JSON       bool   `name:"json" help:"Print JSON, one item a line."`
}

// moderations are the words for what a moderator decided, by their numbers.
var moderations = []string{"unmoderated", "approved", "denied"}

// Run lists items.
func (c mediaListCommand) Run(ctx context.Context, t *terminal) error {
	server, err := c.client(ctx)
	if err != nil {
		return err
	}
	query := url.Values{"trashed": {strconv.FormatBool(c.Trashed)}}
	for number, word := range moderations {
		if c.Moderation == word {
			query.Set("moderation", strconv.Itoa(number))
		}
	}
	return listing[events.Media]{
		route: "/v1/media", key: "media", table: tabulateMedia, none: "no such media items", limit: c.Limit, json: c.JSON,
	}.print(ctx, t, server, query)
}

func tabulateMedia(out io.Writer, list []events.Media, now time.Time) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "AGE\tSTATUS\tMODERATION\tRATING\tVOTES\tTITLE\tID")
	for _, item := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%q\t%s\n", short(now.Sub(item.ChangedAt)), mediaStatus(item.Status),
			moderations[min(max(item.Moderation.Status, 0), len(moderations)-1)], item.Votes.Rating(), item.Votes.Count, item.Title, item.ID)
	}
	return table.Flush()
}

// mediaStatus is what people call a status.
func mediaStatus(status int) string {
	words := []string{"uploading", "queued", "converting", "converted", "failed", "incomplete"}
	switch {
	case status >= 0 && status < len(words):
		return words[status]
	case status >= events.MediaDeleted:
		return "deleted"
	default:
		return "trashed"
	}
}

type mediaShowCommand struct {
	account
	ID   string `arg:"" help:"The item."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run shows an item.
func (c mediaShowCommand) Run(ctx context.Context, t *terminal) error {
	server, err := c.client(ctx)
	if err != nil {
		return err
	}
	raw, err := server.do(ctx, http.MethodGet, "/v1/media/"+url.PathEscape(c.ID), "", nil)
	if err != nil {
		return err
	}
	if c.JSON {
		_, err := fmt.Fprintln(t.out, indented(raw))
		return err
	}
	var item events.Media
	if err := json.Unmarshal(raw, &item); err != nil {
		return fmt.Errorf("read the media item: %w", err)
	}
	fmt.Fprintf(t.out, "item        %s\nstatus      %s\ntitle       %q\nmoderation  %s\nrating      %d by %d\nchanged     %s\nrevision    %d\njob         %s\n",
		item.ID, mediaStatus(item.Status), item.Title, moderations[min(max(item.Moderation.Status, 0), len(moderations)-1)], item.Votes.Rating(),
		item.Votes.Count, item.ChangedAt.Local().Format(time.RFC3339), item.Revision, cmp.Or(item.Job, "-"))
	if item.PublicURL != "" {
		fmt.Fprintf(t.out, "file        %s\n", item.PublicURL)
	}
	for _, output := range item.Outputs {
		fmt.Fprintf(t.out, "rendition   %s  %d x %d  %s\n", output.ID, output.Width, output.Height, output.URL)
	}
	return nil
}
