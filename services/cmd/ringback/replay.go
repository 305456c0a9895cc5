package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// replayCommand makes deliveries again.
type replayCommand struct {
	Start  replayStartCommand  `cmd:"" default:"withargs" help:"Make deliveries again: by their ids, or all that a filter chooses."`
	Show   replayShowCommand   `cmd:"" help:"Tell how far a replay is."`
	Cancel replayCancelCommand `cmd:"" help:"End a replay; what was sent by then goes on."`
}

type replayStartCommand struct {
	account
	filterFlags
	IDs    []string `arg:"" optional:"" name:"id" help:"Deliveries, whatever became of them."`
	State  string   `enum:",exhausted,delivered" default:"" help:"With a filter: those that are exhausted, which is usual, or delivered."`
	Rate   int      `help:"Deliveries a second; 50 when not given, 1000 at most."`
	DryRun bool     `help:"Say how many there are, and begin nothing."`
	Wait   bool     `help:"Show how it goes until it has ended."`
	JSON   bool     `name:"json" help:"Print JSON."`
}

// Help says what the flags have no room for.
func (replayStartCommand) Help() string {
	return `A delivery that is made again keeps its id, so a receiver can drop what it has. It is signed with the secrets of now, goes
out although its endpoint is paused, and says nothing about the endpoint's health. Everything that is exhausted:
ringback replay --state exhausted`
}

// replay is what the HTTP API says of one.
type replay struct {
	ID        string    `json:"id"`
	State     string    `json:"state"`
	Rate      int       `json:"rate"`
	Sent      int       `json:"sent"`
	Skipped   int       `json:"skipped"`
	CreatedAt time.Time `json:"created_at"`
	ChangedAt time.Time `json:"changed_at"`
}

var errNoDeliveries = errors.New("name deliveries, or give a filter such as --state exhausted or --from 2h")

// Run counts the deliveries and begins.
func (c replayStartCommand) Run(ctx context.Context, t *terminal) error {
	order, err := c.order()
	if err != nil {
		return err
	}
	server, err := c.client(ctx)
	if err != nil {
		return err
	}
	var counted struct {
		Count int  `json:"count"`
		More  bool `json:"more"`
	}
	order["dry_run"] = true
	raw, err := ask(ctx, server, http.MethodPost, "/v1/replays", order, &counted)
	if err != nil {
		return err
	}
	many := fmt.Sprint(counted.Count)
	if counted.More {
		many += " or more"
	}
	if c.DryRun && c.JSON {
		_, err := fmt.Fprintln(t.out, indented(raw))
		return err
	}
	if c.DryRun || counted.Count == 0 {
		_, err := fmt.Fprintf(t.out, "%s deliveries would be made again\n", many)
		return err
	}
	delete(order, "dry_run")
	var begun replay
	if raw, err = ask(ctx, server, http.MethodPost, "/v1/replays", order, &begun); err != nil {
		return err
	}
	if !c.Wait {
		if c.JSON {
			_, err := fmt.Fprintln(t.out, indented(raw))
			return err
		}
		_, err := fmt.Fprintf(t.out, "%s deliveries, %d a second: replay %s\n"+
			"\"ringback replay show %s\" tells how it goes, \"ringback replay cancel %s\" ends it\n", many, begun.Rate, begun.ID, begun.ID, begun.ID)
		return err
	}
	fmt.Fprintf(t.err, "%s deliveries, %d a second: replay %s\n", many, begun.Rate, begun.ID)
	return c.follow(ctx, t, server, begun.ID)
}

// order is the request's body.
func (c replayStartCommand) order() (map[string]any, error) {
	filter, err := c.values(time.Now())
	if err != nil {
		return nil, err
	}
	if c.State != "" {
		filter["state"] = c.State
	}
	order := map[string]any{}
	if len(c.IDs) > 0 {
		order["ids"] = c.IDs
	}
	if len(filter) > 0 {
		order["filter"] = filter
	}
	if len(order) == 0 {
		return nil, errNoDeliveries
	}
	if c.Rate != 0 {
		order["rate"] = c.Rate
	}
	return order, nil
}

// followEvery is how often a replay that is waited for is looked at: it makes a step a second.
const followEvery = 500 * time.Millisecond

// follow shows how a replay goes until it has ended. Whoever stops looking does not stop the replay.
func (c replayStartCommand) follow(ctx context.Context, t *terminal, server *client, id string) error {
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	for last := -1; ; {
		var now replay
		raw, err := ask(ctx, server, http.MethodGet, "/v1/replays/"+id, nil, &now)
		if ctx.Err() != nil {
			fmt.Fprintf(t.err, "the replay goes on; \"ringback replay cancel %s\" ends it\n", id)
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		if now.State != "running" {
			if c.JSON {
				_, err := fmt.Fprintln(t.out, indented(raw))
				return err
			}
			return now.print(t)
		}
		if done := now.Sent + now.Skipped; done != last {
			fmt.Fprintf(t.err, "%d sent, %d skipped\n", now.Sent, now.Skipped)
			last = done
		}
		select {
		case <-ctx.Done(): // the next question says so
		case <-ticker.C:
		}
	}
}

func (r replay) print(t *terminal) error {
	_, err := fmt.Fprintf(t.out, "replay %s  %s  %d sent, %d skipped, %d a second, begun %s ago\n",
		r.ID, r.State, r.Sent, r.Skipped, r.Rate, short(time.Since(r.CreatedAt)))
	return err
}

type replayShowCommand struct {
	account
	ID   string `arg:"" help:"The replay."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run tells how far a replay is.
func (c replayShowCommand) Run(ctx context.Context, t *terminal) error {
	return c.replay(ctx, t, http.MethodGet, c.ID, c.JSON)
}

type replayCancelCommand struct {
	account
	ID   string `arg:"" help:"The replay."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run ends a replay.
func (c replayCancelCommand) Run(ctx context.Context, t *terminal) error {
	return c.replay(ctx, t, http.MethodDelete, c.ID, c.JSON)
}

func (a account) replay(ctx context.Context, t *terminal, method, id string, asJSON bool) error {
	server, err := a.client(ctx)
	if err != nil {
		return err
	}
	var found replay
	raw, err := ask(ctx, server, method, "/v1/replays/"+url.PathEscape(id), nil, &found)
	if err != nil {
		return err
	}
	if asJSON {
		_, err := fmt.Fprintln(t.out, indented(raw))
		return err
	}
	return found.print(t)
}

// ask sends a document, or nothing when it is nil, and reads the answer.
func ask(ctx context.Context, server *client, method, path string, document, answer any) (raw []byte, err error) {
	var body []byte
	if document != nil {
		if body, err = json.Marshal(document); err != nil {
			return nil, fmt.Errorf("encode the request: %w", err)
		}
	}
	contentType := map[bool]string{true: "application/json"}[document != nil]
	if raw, err = server.do(ctx, method, path, contentType, body); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, answer); err != nil {
		return nil, fmt.Errorf("read the answer of %s %s: %w", method, cmp.Or(path, "/"), err)
	}
	return raw, nil
}
