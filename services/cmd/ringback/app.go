package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/ringback/ringback/services/internal/application"
)

// appCommand looks after applications.
type appCommand struct {
	Add    appAddCommand    `cmd:"" help:"Make an application with fresh secrets and print them."`
	List   appListCommand   `cmd:"" help:"List the applications."`
	Show   appShowCommand   `cmd:"" help:"Show one application: its settings, its public key, and with --secrets the secrets."`
	Set    appSetCommand    `cmd:"" help:"Give an application settings of its own, or take them back: ringback app set shop --poll-rate 20"`
	Rotate appRotateCommand `cmd:"" help:"Give an application fresh secrets; what signed before signs along for a while."`
}

type appAddCommand struct {
	ID   string `arg:"" help:"Lower-case letters, digits, - and _: it becomes part of addresses."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run makes an application.
func (c appAddCommand) Run(ctx context.Context, t *terminal) error {
	return withStore(ctx, func(store *application.Store) error {
		a, err := store.Add(ctx, c.ID)
		if err != nil {
			return err
		}
		return showApplication(t, a, c.JSON, true)
	})
}

type appListCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists the applications.
func (c appListCommand) Run(ctx context.Context, t *terminal) error {
	return withStore(ctx, func(store *application.Store) error {
		list, err := store.List(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			shown := make([]map[string]any, len(list))
			for i, a := range list {
				shown[i] = fields(a, false)
			}
			return printJSON(t, shown)
		}
		table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
		for _, a := range list {
			fmt.Fprintf(table, "%s\tsince %s\n", a.ID, a.CreatedAt.Format(time.DateOnly))
		}
		return table.Flush()
	})
}

type appShowCommand struct {
	ID      string `arg:"" help:"The application."`
	Secrets bool   `help:"Show the secrets, too."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// Run shows one application.
func (c appShowCommand) Run(ctx context.Context, t *terminal) error {
	return withStore(ctx, func(store *application.Store) error {
		a, err := store.Get(ctx, c.ID)
		if err != nil {
			return err
		}
		return showApplication(t, a, c.JSON, c.Secrets)
	})
}

type appRotateCommand struct {
	ID      string         `arg:"" help:"The application."`
	Only    string         `enum:"everything,webhook,token,api,signing" default:"everything" help:"Replace one of them alone: ${enum}."`
	Overlap *time.Duration `help:"How long what signed before signs along, 0s to 168h; 24h when not given. With 0s all of it stops at once."`
	JSON    bool           `name:"json" help:"Print JSON."`
}

// errNoOverlap is returned for an overlap of what has none.
var errNoOverlap = errors.New("a token and an API pair are refused from the moment they are replaced: leave --overlap out")

// Run gives an application fresh secrets.
func (c appRotateCommand) Run(ctx context.Context, t *terminal) error {
	part, overlap := application.Part(c.Only), application.DefaultOverlap
	if c.Overlap != nil {
		if part == application.Token || part == application.APIPair {
			return errNoOverlap
		}
		overlap = *c.Overlap
	}
	return withStore(ctx, func(store *application.Store) error {
		a, err := store.Rotate(ctx, c.ID, part, overlap)
		if err != nil {
			return err
		}
		return showApplication(t, a, c.JSON, true)
	})
}

func withStore(ctx context.Context, use func(*application.Store) error) error {
	config, err := settings()
	if err != nil {
		return err
	}
	store, done, err := openStore(ctx, config)
	if err != nil {
		return err
	}
	defer done()
	return use(store)
}

// fields is what is shown of an application, as JSON. The key that signs is never shown: nobody else needs it.
func fields(a application.Application, secrets bool) map[string]any {
	now := time.Now()
	shown := map[string]any{
		"id": a.ID, "created_at": a.CreatedAt.Format(time.RFC3339), "rotated_at": a.RotatedAt.Format(time.RFC3339),
		"settings": a.Settings,
	}
	if keys := a.PublicKeys(now); len(keys) > 0 {
		shown["public_key"] = keys[0]
	}
	if end, ok := a.OverlapEnds(now); ok {
		shown["overlap_ends_at"] = end.Format(time.RFC3339)
	}
	if secrets {
		shown["token"] = a.Secrets.Token.Reveal()
		shown["api_key"] = a.Secrets.APIKey.Reveal()
		shown["api_secret"] = a.Secrets.APISecret.Reveal()
		shown["webhook_secret"] = a.Secrets.WebhookSecret.Reveal()
	}
	return shown
}

func showApplication(t *terminal, a application.Application, asJSON, secrets bool) error {
	shown := fields(a, secrets)
	if asJSON {
		return printJSON(t, shown)
	}
	table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	for _, name := range []string{
		"id", "token", "api_key", "api_secret", "webhook_secret", "public_key", "created_at", "rotated_at", "overlap_ends_at",
	} {
		if value, ok := shown[name]; ok {
			fmt.Fprintf(table, "%s\t%s\n", name, value)
		}
	}
	for _, line := range settingLines(a.Settings) {
		fmt.Fprintf(table, "%s\t%s\n", line[0], line[1])
	}
	return table.Flush()
}

func printJSON(t *terminal, value any) error {
	encoder := json.NewEncoder(t.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
