package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ringback/ringback/events"
)

// endpointCommand looks after where deliveries go.
type endpointCommand struct {
	List   endpointListCommand   `cmd:"" help:"List the endpoints, how they are, and what is held for them."`
	Show   endpointShowCommand   `cmd:"" help:"Show one endpoint and the deliveries that changed last."`
	Pause  endpointPauseCommand  `cmd:"" help:"Hold what comes for an endpoint until it is resumed."`
	Resume endpointResumeCommand `cmd:"" help:"Let go what is held, whoever paused or disabled the endpoint."`
	Test   endpointTestCommand   `cmd:"" help:"Send one signed test to an address, as a delivery would be sent."`
	Set    endpointSetCommand    `cmd:"" help:"Give an endpoint limits of its own: ringback endpoint set ID --rate 10"`
}

// place is an endpoint as the HTTP API has it.
type place struct {
	ID         string    `json:"id"`
	URL        string    `json:"url"`
	Mode       string    `json:"mode"`
	Failing    bool      `json:"failing"`
	Reason     string    `json:"reason"`
	Since      time.Time `json:"since"`
	Rate       float64   `json:"rate"`
	InFlight   int       `json:"in_flight"`
	Held       int       `json:"held"`
	Deliveries []entry   `json:"deliveries"`
}

// mode is one word for how the endpoint is.
func (p place) mode() string {
	if p.Failing && p.Mode == "active" {
		return "failing"
	}
	return p.Mode
}

type endpointListCommand struct {
	account
	JSON bool `name:"json" help:"Print JSON."`
}

// Run lists the endpoints.
func (c endpointListCommand) Run(ctx context.Context, t *terminal) error {
	server, err := c.client(ctx)
	if err != nil {
		return err
	}
	var found struct{ Endpoints []place }
	raw, err := ask(ctx, server, http.MethodGet, "/v1/endpoints", nil, &found)
	if err != nil {
		return err
	}
	if c.JSON {
		_, err := fmt.Fprintln(t.out, indented(raw))
		return err
	}
	if len(found.Endpoints) == 0 {
		fmt.Fprintln(t.err, "no endpoints yet: one is known from the first attempt on")
		return nil
	}
	table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tMODE\tSINCE\tHELD\tADDRESS\tREASON")
	for _, p := range found.Endpoints {
		since := "-"
		if !p.Since.IsZero() {
			since = short(time.Since(p.Since))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\n", p.ID, p.mode(), since, p.Held, p.URL, p.Reason)
	}
	return table.Flush()
}

// endpointFlags name one endpoint.
type endpointFlags struct {
	account
	ID   string `arg:"" help:"The endpoint's id."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// do asks for something to be done with the endpoint, and shows what it is then.
func (f endpointFlags) do(ctx context.Context, t *terminal, method, what string, document any) error {
	server, err := f.client(ctx)
	if err != nil {
		return err
	}
	var found place
	raw, err := ask(ctx, server, method, "/v1/endpoints/"+url.PathEscape(f.ID)+what, document, &found)
	if err != nil {
		return err
	}
	if f.JSON {
		_, err := fmt.Fprintln(t.out, indented(raw))
		return err
	}
	table := tabwriter.NewWriter(t.out, 0, 4, 2, ' ', 0)
	line := func(name, format string, value any, shown bool) {
		if shown {
			fmt.Fprintf(table, "%s\t"+format+"\n", name, value)
		}
	}
	line("id", "%s", found.ID, true)
	line("address", "%s", found.URL, found.URL != "")
	line("mode", "%s", found.mode(), true)
	line("since", "%s", found.Since.Local().Format(time.RFC3339), !found.Since.IsZero())
	line("reason", "%s", found.Reason, found.Reason != "")
	line("rate", "%g a second", found.Rate, found.Rate > 0)
	line("in flight", "%d", found.InFlight, found.InFlight > 0)
	line("held", "%d", found.Held, true)
	if err := table.Flush(); err != nil || len(found.Deliveries) == 0 {
		return err
	}
	fmt.Fprintln(t.out)
	return tabulate(t.out, found.Deliveries, time.Now())
}

type endpointShowCommand struct{ endpointFlags }

// Run shows one endpoint.
func (c endpointShowCommand) Run(ctx context.Context, t *terminal) error {
	return c.do(ctx, t, http.MethodGet, "", nil)
}

type endpointPauseCommand struct {
	endpointFlags
	Reason string `help:"Why, for those who find it paused."`
}

// Run pauses an endpoint.
func (c endpointPauseCommand) Run(ctx context.Context, t *terminal) error {
	return c.do(ctx, t, http.MethodPost, "/pause", map[string]string{"reason": c.Reason})
}

type endpointResumeCommand struct{ endpointFlags }

// Run resumes an endpoint.
func (c endpointResumeCommand) Run(ctx context.Context, t *terminal) error {
	return c.do(ctx, t, http.MethodPost, "/resume", nil)
}

type endpointSetCommand struct {
	endpointFlags
	Rate     *float64 `help:"Attempts a second."`
	InFlight *int     `help:"Attempts at a time."`
	Reset    []string `enum:"rate,in-flight" help:"Limit to make as the installation has it: rate or in-flight; may be given again."`
}

var errNoLimit = errors.New("nothing to set: see \"ringback endpoint set --help\"")

// Run gives an endpoint limits of its own.
func (c endpointSetCommand) Run(ctx context.Context, t *terminal) error {
	document := map[string]any{}
	for _, name := range c.Reset {
		document[strings.ReplaceAll(name, "-", "_")] = nil
	}
	if c.Rate != nil {
		document["rate"] = *c.Rate
	}
	if c.InFlight != nil {
		document["in_flight"] = *c.InFlight
	}
	if len(document) == 0 {
		return errNoLimit
	}
	return c.do(ctx, t, http.MethodPatch, "", document)
}

type endpointTestCommand struct {
	account
	Address string `arg:"" name:"url" help:"The address."`
	Form    string `enum:"plain,structured,binary" default:"plain" help:"How it is written: as a native postback, or as a CloudEvent over HTTP (${enum})."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

var errTestFailed = errors.New("the endpoint did not take the test")

// Run sends a test, and fails when the endpoint does not take it.
func (c endpointTestCommand) Run(ctx context.Context, t *terminal) error {
	server, err := c.client(ctx)
	if err != nil {
		return err
	}
	var got struct {
		OK      bool
		Message string
		events.Delivery
	}
	raw, err := ask(ctx, server, http.MethodPost, "/v1/endpoints/test", map[string]string{"url": c.Address, "form": c.Form}, &got)
	if err != nil {
		return err
	}
	if c.JSON {
		fmt.Fprintln(t.out, indented(raw))
	} else {
		fmt.Fprintf(t.out, "%s  %s\n", got.ID, cmp.Or(outcome(entry{Delivery: got.Delivery}), "-"))
		printAttempt(t.out, got.Delivery)
	}
	if !got.OK {
		return fmt.Errorf("%w: %s", errTestFailed, got.Message)
	}
	return nil
}
