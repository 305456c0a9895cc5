package main

import (
	"context"
	"encoding/json"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/ringback/ringback/services/internal/application"
)

// appCommand looks after applications.
type appCommand struct {
	Add    appAddCommand    `cmd:"" help:"Make an application with fresh secrets and print them."`
	List   appListCommand   `cmd:"" help:"List the applications."`
	Show   appShowCommand   `cmd:"" help:"Show one application."`
	Rotate appRotateCommand `cmd:"" help:"Give an application fresh secrets; its old webhook secret signs along for a day."`
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
			shown := make([]map[string]string, len(list))
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
	ID   string `arg:"" help:"The application."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run gives an application fresh secrets.
func (c appRotateCommand) Run(ctx context.Context, t *terminal) error {
	return withStore(ctx, func(store *application.Store) error {
		a, err := store.Rotate(ctx, c.ID)
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

func fields(a application.Application, secrets bool) map[string]string {
	shown := map[string]string{
		"id": a.ID, "created_at": a.CreatedAt.Format(time.RFC3339), "rotated_at": a.RotatedAt.Format(time.RFC3339),
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
	for _, name := range []string{"id", "token", "api_key", "api_secret", "webhook_secret", "created_at", "rotated_at"} {
		if value, ok := shown[name]; ok {
			fmt.Fprintf(table, "%s\t%s\n", name, value)
		}
	}
	return table.Flush()
}

func printJSON(t *terminal, value any) error {
	encoder := json.NewEncoder(t.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
