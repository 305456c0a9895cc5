package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/ringback/ringback/services/internal/app"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/storage"
)

// sourceCommand looks after the places that pictures come from.
type sourceCommand struct {
	Add    sourceAddCommand    `cmd:"" help:"Give an application a source: ringback source add shop photos --bucket pictures"`
	List   sourceListCommand   `cmd:"" help:"List the sources of an application."`
	Test   sourceTestCommand   `cmd:"" help:"Read a picture of a source."`
	Remove sourceRemoveCommand `cmd:"" help:"Take a source away."`
}

type sourceAddCommand struct {
	App     string `arg:"" help:"The application."`
	Name    string `arg:"" help:"Name of the source: lower-case letters, digits, - and _. One of the same name is replaced, and keeps its id."`
	ID      string `name:"id" help:"Id that clients know already, 24 hexadecimal digits; by default one is made."`
	Bucket  string `xor:"where" required:"" help:"Bucket that its pictures are in."`
	Account string `help:"Storage account to read it with; by default the one for the bucket."`
	URL     string `name:"url" xor:"where" required:"" help:"Address that keys are put behind, in the place of a bucket."`
	Prefix  string `help:"Folder within, which is put before every key."`
	Host    string `help:"Host that its pictures are seen at."`
	Secure  bool   `help:"Let addresses of its pictures need a signature, by a key of the first line of the standard input."`
}

// Run adds a source.
func (c sourceAddCommand) Run(ctx context.Context, t *terminal) error {
	key := ""
	if c.Secure {
		fmt.Fprintln(t.err, "secure key:")
		line, _ := bufio.NewReader(t.in).ReadString('\n') // what is there counts, with or without a newline
		if key = strings.TrimSpace(line); key == "" {
			return errNoKey
		}
	}
	return withStore(ctx, func(store *application.Store) error {
		a, err := store.ChangeSource(ctx, c.App, c.Name, func(s *application.Source) error {
			id := s.ID
			if c.ID != "" {
				id = c.ID
			}
			*s = application.Source{
				ID: id, Bucket: c.Bucket, Account: c.Account, URL: c.URL, Prefix: c.Prefix, Host: c.Host, SecureKey: config.Secret(key),
			}
			return nil
		})
		if err != nil {
			return err
		}
		return listSources(t, a, false)
	})
}

type sourceListCommand struct {
	App  string `arg:"" help:"The application."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run lists the sources, without their keys.
func (c sourceListCommand) Run(ctx context.Context, t *terminal) error {
	return withApplication(ctx, c.App, func(a application.Application) error { return listSources(t, a, c.JSON) })
}

type sourceTestCommand struct {
	App    string `arg:"" help:"The application."`
	Source string `arg:"" help:"The source: its name or its id."`
	Key    string `arg:"" help:"Key of a picture in it."`
}

// Run reads a picture from here, through the same guard as the services.
func (c sourceTestCommand) Run(ctx context.Context, t *terminal) error {
	return withGuarded(ctx, c.App, func(client *outbound.Client, a application.Application) error {
		source, ok := a.Source(c.Source)
		if !ok {
			return fmt.Errorf("%w source: %q", application.ErrNoPlace, c.Source)
		}
		size, err := storage.TestSource(ctx, client, a, source, c.Key)
		if err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%s can be read: %d bytes\n", c.Key, size)
		return nil
	})
}

type sourceRemoveCommand struct {
	App    string `arg:"" help:"The application."`
	Source string `arg:"" help:"The source: its name or its id."`
}

// Run takes a source away.
func (c sourceRemoveCommand) Run(ctx context.Context, t *terminal) error {
	return withStore(ctx, func(store *application.Store) error {
		a, err := store.RemoveSource(ctx, c.App, c.Source)
		if err != nil {
			return err
		}
		return listSources(t, a, false)
	})
}

func listSources(t *terminal, a application.Application, asJSON bool) error {
	sources := append([]application.Source{}, a.Secrets.Sources...)
	if asJSON {
		return printJSON(t, sources)
	}
	if len(sources) == 0 {
		fmt.Fprintln(t.err, "no sources")
		return nil
	}
	table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tWHERE\tACCOUNT\tHOST\tSIGNED")
	for _, s := range sources {
		where := s.URL
		if s.Bucket != "" {
			where = s.Bucket
		}
		signed := "no"
		if s.Secured {
			signed = "yes"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", s.ID, s.Name, within(where, s.Prefix), orDash(s.Account), orDash(s.Host), signed)
	}
	return table.Flush()
}

// within shows a bucket or an address with the folder in it.
func within(where, prefix string) string {
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		return strings.TrimSuffix(where, "/") + "/" + prefix
	}
	return where
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// withApplication reads one application.
func withApplication(ctx context.Context, id string, use func(application.Application) error) error {
	return withStore(ctx, func(store *application.Store) error {
		a, err := store.Get(ctx, id)
		if err != nil {
			return err
		}
		return use(a)
	})
}

// withGuarded reads one application, and lends what reaches outside, through the same guard as the services.
func withGuarded(ctx context.Context, id string, use func(*outbound.Client, application.Application) error) error {
	settings, err := settings()
	if err != nil {
		return err
	}
	client, err := outbound.New(settings.Outbound, outbound.Deps{Version: app.Version()})
	if err != nil {
		return err
	}
	defer client.Close()
	return withApplication(ctx, id, func(a application.Application) error { return use(client, a) })
}
