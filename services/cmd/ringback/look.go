package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/cloudevents/sdk-go/v2/event"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/app"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/imaging"
)

type statusCommand struct {
	account
	ID   string `arg:"" help:"The job."`
	Wait bool   `help:"Wait until the job has ended."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run tells how a job is.
func (c statusCommand) Run(ctx context.Context, t *terminal) error {
	server, err := c.client(ctx)
	if err != nil {
		return err
	}
	if c.Wait {
		result, raw, err := await(ctx, server, c.ID)
		if err != nil {
			return err
		}
		return printResult(t, result, raw, c.JSON)
	}
	raw, err := server.do(ctx, http.MethodGet, "/v1/jobs/"+c.ID, "", nil)
	if err != nil {
		return err
	}
	var result events.Result
	if err := json.Unmarshal(raw, &result); err != nil {
		return fmt.Errorf("read the status: %w", err)
	}
	return printResult(t, result, raw, c.JSON)
}

type watchCommand struct {
	App  string `help:"Only what happens in one application."`
	JSON bool   `name:"json" help:"Print each event as a CloudEvent in JSON, one a line."`
}

// Run prints live events until it is stopped.
func (c watchCommand) Run(ctx context.Context, t *terminal) error {
	settings, err := settings()
	if err != nil {
		return err
	}
	logins, err := bus.ReadLogins(settings.Data)
	if err != nil {
		return err
	}
	nc, err := bus.ConnectReader(logins)
	if err != nil {
		return err
	}
	defer nc.Close()
	var options []events.Option
	if c.App != "" {
		options = append(options, events.WithApplication(c.App))
	}
	fmt.Fprintln(t.err, "watching; stop with Ctrl-C")
	return events.SubscribeLive(ctx, nc, func(_ context.Context, e event.Event) { c.print(t, e) }, options...)
}

func (c watchCommand) print(t *terminal, e event.Event) {
	if c.JSON {
		if raw, err := json.Marshal(e); err == nil {
			fmt.Fprintln(t.out, string(raw))
		}
		return
	}
	fmt.Fprintf(t.out, "%s  %-36s %s  %s\n", e.Time().Local().Format("15:04:05.000"), e.Type(), e.Subject(), told(e))
}

// told is what an event says: a sentence where it is about an endpoint, and its data otherwise.
func told(e event.Event) string {
	switch e.Type() {
	case events.TypeEndpointFailing, events.TypeEndpointRecovered, events.TypeEndpointDisabled:
		var place events.Endpoint
		if json.Unmarshal(e.Data(), &place) == nil {
			return strings.TrimSuffix(place.URL+": "+place.Reason, ": ")
		}
	case events.TypeDeliveryExhausted:
		var d events.Delivery
		if json.Unmarshal(e.Data(), &d) == nil {
			return fmt.Sprintf("%s: no attempt is left after %d, the last was %s; endpoint %s",
				d.Target, d.Attempt, outcome(entry{Delivery: d}), d.Endpoint)
		}
	}
	return string(e.Data())
}

// followJob passes on the progress of one job.
func followJob(id string, show func(events.Progress)) events.LiveHandler {
	return func(_ context.Context, e event.Event) {
		var p events.Progress
		if e.Type() == events.TypeJobProgress && e.Subject() == id && json.Unmarshal(e.Data(), &p) == nil {
			show(p)
		}
	}
}

type natsCommand struct {
	Save bool `help:"Save the context as \"ringback\" where the nats command line looks for it."`
}

// Run prints the context for the nats command line: its user may look and subscribe.
func (c natsCommand) Run(t *terminal) error {
	settings, err := settings()
	if err != nil {
		return err
	}
	logins, err := bus.ReadLogins(settings.Data)
	if err != nil {
		return err
	}
	raw, err := logins.Context()
	if err != nil {
		return fmt.Errorf("encode the context: %w", err)
	}
	if !c.Save {
		fmt.Fprintln(t.err, `Save this as ringback.json and use it:  nats --context ./ringback.json sub 'ringback.live.>'`)
		_, err = fmt.Fprintln(t.out, string(raw))
		return err
	}
	folder, err := os.UserConfigDir()
	if err != nil {
		return fmt.Errorf("find the folder for contexts: %w", err)
	}
	path := filepath.Join(folder, "nats", "context", "ringback.json")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("save the context: %w", err)
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("save the context: %w", err)
	}
	_, err = fmt.Fprintf(t.out, "saved %s\nuse it: nats --context ringback sub 'ringback.live.>'\n", path)
	return err
}

type configCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
	Doc  bool `help:"Print the reference of all settings as Markdown."`
}

// Run prints what is set, where it came from, and how well pictures are kept apart here.
func (c configCommand) Run(t *terminal) error {
	defaults := app.DefaultConfig()
	if c.Doc {
		_, err := fmt.Fprint(t.out, app.SettingsReference())
		return err
	}
	inForce, err := settings()
	if err != nil {
		return err
	}
	list := config.Describe(&defaults, environment())
	held, err := isolation(inForce)
	if c.JSON {
		return printJSON(t, map[string]any{"settings": list, "isolation": held})
	}
	table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	for _, setting := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\n", setting.Name, setting.Value, setting.Origin)
	}
	fmt.Fprintln(table)
	for _, measure := range held {
		fmt.Fprintf(table, "renderer: %s\t%s\t\n", measure.Name, kept(measure))
	}
	if err != nil {
		fmt.Fprintf(table, "renderer: cannot be started here\t%v\t\n", err)
	}
	return table.Flush()
}

// isolation starts one renderer to see what keeps it apart from the rest of this machine.
func isolation(inForce app.Config) ([]imaging.Measure, error) {
	inForce.Render.Workers = 1
	pool, err := imaging.NewPool(inForce.Render, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	return pool.Isolation(), nil
}

func kept(measure imaging.Measure) string {
	if measure.Held {
		return "holds"
	}
	return "does not hold: " + measure.Why
}
