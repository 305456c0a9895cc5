package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/storage"
)

var errNoKey = errors.New("the secure key is missing: give it on the standard input")

// destinationCommand looks after the places that pictures go to.
type destinationCommand struct {
	Add    destinationAddCommand    `cmd:"" help:"Give an application a destination: ringback destination add shop archive --bucket results"`
	List   destinationListCommand   `cmd:"" help:"List the destinations of an application."`
	Test   destinationTestCommand   `cmd:"" help:"Write, read and remove a small object at a destination."`
	Remove destinationRemoveCommand `cmd:"" help:"Take a destination away."`
}

type destinationAddCommand struct {
	App       string            `arg:"" help:"The application."`
	Name      string            `arg:"" help:"Name of the destination: lower-case letters, digits, - and _. One of the same name is replaced."`
	Bucket    string            `required:"" help:"Bucket that pictures go to."`
	Account   string            `help:"Storage account to write it with; by default the one for the bucket."`
	Prefix    string            `help:"Folder within, which is put before every key."`
	Header    map[string]string `help:"Header that is sent with every object, such as Cache-Control=max-age=60; may be given again." mapsep:"none"`
	PublicURL string            `help:"Address that keys are put behind in results; by default the service's own."`
	Manual    bool              `help:"Only for jobs that name it, and not for every background process."`
}

// Run adds a destination.
func (c destinationAddCommand) Run(ctx context.Context, t *terminal) error {
	return withStore(ctx, func(store *application.Store) error {
		a, err := store.ChangeDestination(ctx, c.App, c.Name, func(d *application.Destination) error {
			*d = application.Destination{
				Name: c.Name, Bucket: c.Bucket, Account: c.Account, Prefix: c.Prefix, Headers: c.Header, PublicURL: c.PublicURL, Manual: c.Manual,
			}
			return nil
		})
		if err != nil {
			return err
		}
		return listDestinations(t, a, false)
	})
}

type destinationListCommand struct {
	App  string `arg:"" help:"The application."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run lists the destinations.
func (c destinationListCommand) Run(ctx context.Context, t *terminal) error {
	return withApplication(ctx, c.App, func(a application.Application) error { return listDestinations(t, a, c.JSON) })
}

type destinationTestCommand struct {
	App  string `arg:"" help:"The application."`
	Name string `arg:"" help:"The destination."`
}

// Run tries a destination from here, through the same guard as the services.
func (c destinationTestCommand) Run(ctx context.Context, t *terminal) error {
	return withGuarded(ctx, c.App, func(client *outbound.Client, a application.Application) error {
		d, ok := a.Destination(c.Name)
		if !ok {
			return fmt.Errorf("%w destination: %q", application.ErrNoPlace, c.Name)
		}
		if err := storage.TestDestination(ctx, client, a, d); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "%s can be written, read and cleaned up\n", c.Name)
		return nil
	})
}

type destinationRemoveCommand struct {
	App  string `arg:"" help:"The application."`
	Name string `arg:"" help:"The destination."`
}

// Run takes a destination away.
func (c destinationRemoveCommand) Run(ctx context.Context, t *terminal) error {
	return withStore(ctx, func(store *application.Store) error {
		a, err := store.RemoveDestination(ctx, c.App, c.Name)
		if err != nil {
			return err
		}
		return listDestinations(t, a, false)
	})
}

func listDestinations(t *terminal, a application.Application, asJSON bool) error {
	destinations := append([]application.Destination{}, a.Secrets.Destinations...)
	if asJSON {
		return printJSON(t, destinations)
	}
	if len(destinations) == 0 {
		fmt.Fprintln(t.err, "no destinations")
		return nil
	}
	table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tWHERE\tACCOUNT\tPUBLIC\tUSED")
	for _, d := range destinations {
		used := "for every process"
		if d.Manual {
			used = "where it is named"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", d.Name, within(d.Bucket, d.Prefix), orDash(d.Account), orDash(d.PublicURL), used)
	}
	return table.Flush()
}
