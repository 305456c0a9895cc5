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
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ringback/ringback/events"
)

// filterFlags choose deliveries.
type filterFlags struct {
	Endpoint string `help:"Only those to this endpoint, by its id; \"ringback endpoint list\" has them."`
	Class    string `help:"Only those whose newest attempt failed like this: timeout, refused, dns, tls, blocked, status, …"`
	From     string `placeholder:"2h" help:"Only what changed since: a time (RFC 3339), or how long ago."`
	To       string `placeholder:"1h" help:"Only what changed until: a time (RFC 3339), or how long ago."`
	Job      string `help:"Only those of this job."`
}

// values are the flags as the HTTP API takes them, without those that are not set.
func (f filterFlags) values(now time.Time) (map[string]string, error) {
	values := map[string]string{"endpoint": f.Endpoint, "class": f.Class, "job": f.Job}
	for name, text := range map[string]string{"from": f.From, "to": f.To} {
		at, err := ago(name, text, now)
		if err != nil {
			return nil, err
		}
		values[name] = at
	}
	for name, value := range values {
		if value == "" {
			delete(values, name)
		}
	}
	return values, nil
}

// ago reads a time, or how long ago it was: 90m, 2h, 3d.
func ago(name, text string, now time.Time) (string, error) {
	if text == "" {
		return "", nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.Format(time.RFC3339Nano), nil
	}
	duration, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(days, 64)
		duration = time.Duration(n * 24 * float64(time.Hour))
	}
	if err != nil || duration < 0 {
		return "", fmt.Errorf("--%s is %q, want a time such as 2026-01-31T03:00:00Z, or how long ago: 90m, 2h, 3d", name, text)
	}
	return now.Add(-duration).Format(time.RFC3339Nano), nil
}

// entry is a delivery as the log has it.
type entry struct {
	events.Delivery
	State string    `json:"state"`
	At    time.Time `json:"at"`
}

type deliveriesCommand struct {
	account
	filterFlags
	ID    string `arg:"" optional:"" help:"Show every attempt of this delivery."`
	State string `enum:",delivered,scheduled,held,exhausted" default:"" help:"Only those that are delivered, scheduled, held or exhausted."`
	Limit int    `default:"20" help:"How many at most, those that changed last first."`
	JSON  bool   `name:"json" help:"Print JSON, one delivery a line."`
}

// Run lists deliveries, or shows one.
func (c deliveriesCommand) Run(ctx context.Context, t *terminal) error {
	server, err := c.client(ctx)
	if err != nil {
		return err
	}
	if c.ID != "" {
		return c.one(ctx, t, server)
	}
	values, err := c.values(time.Now())
	if err != nil {
		return err
	}
	query := url.Values{}
	for name, value := range values {
		query.Set(name, value)
	}
	if c.State != "" {
		query.Set("state", c.State)
	}
	return listing[entry]{
		route: "/v1/deliveries", key: "deliveries", table: tabulate, none: "no such deliveries; they are kept for seven days",
		limit: c.Limit, json: c.JSON,
	}.print(ctx, t, server, query)
}

func tabulate(out io.Writer, list []entry, now time.Time) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "AGE\tSTATE\tATTEMPTS\tOUTCOME\tTARGET\tNEXT\tID")
	for _, e := range list {
		next := "-"
		if e.NextAt != nil && e.State == "scheduled" {
			next = "in " + short(e.NextAt.Sub(now))
		}
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\t%s\t%s\n", short(now.Sub(e.At)), e.State, e.Attempt, outcome(e), e.Target, next, e.ID)
	}
	return table.Flush()
}

// outcome is what came of the newest attempt, or why there was none.
func outcome(e entry) string {
	answer := e.Error
	if e.Status > 0 {
		answer = strconv.Itoa(e.Status)
		if e.Error != "" && e.Error != "status" {
			answer += " " + e.Error
		}
	}
	if e.State == "held" {
		return strings.TrimSpace(e.Reason + " " + answer)
	}
	return cmp.Or(answer, "-")
}

// short is a duration as people say it, without what does not matter.
func short(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return strconv.Itoa(int(d.Seconds())) + "s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + "m"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + "h"
	default:
		return strconv.Itoa(int(d.Hours()/24)) + "d"
	}
}

// one shows every attempt of a delivery with where its time went.
func (c deliveriesCommand) one(ctx context.Context, t *terminal, server *client) error {
	raw, err := server.do(ctx, http.MethodGet, "/v1/deliveries/"+url.PathEscape(c.ID), "", nil)
	if err != nil {
		return err
	}
	if c.JSON {
		_, err := fmt.Fprintln(t.out, indented(raw))
		return err
	}
	var found struct {
		ID, Job, State string
		Attempts       []entry
	}
	if err := json.Unmarshal(raw, &found); err != nil {
		return fmt.Errorf("read the delivery: %w", err)
	}
	newest := found.Attempts[len(found.Attempts)-1]
	fmt.Fprintf(t.out, "delivery  %s\nstate     %s\njob       %s\ntarget    %s\nendpoint  %s\n",
		found.ID, found.State, cmp.Or(found.Job, "-"), newest.Target, newest.Endpoint)
	if newest.NextAt != nil && found.State == "scheduled" {
		fmt.Fprintf(t.out, "next      %s\n", newest.NextAt.Local().Format(time.RFC3339))
	}
	for _, e := range found.Attempts {
		fmt.Fprintf(t.out, "\n%s  attempt %d  %s  %s\n", e.At.Local().Format("2006-01-02 15:04:05.000"), e.Attempt, e.State, outcome(e))
		if e.Replay != "" {
			fmt.Fprintf(t.out, "  replay  %s\n", e.Replay)
		}
		printAttempt(t.out, e.Delivery)
	}
	return nil
}

// printAttempt shows where the time of an attempt went, and what was answered.
func printAttempt(out io.Writer, d events.Delivery) {
	if d.Addr != "" {
		fmt.Fprintf(out, "  dialled %s\n", d.Addr)
	}
	if s := d.Timing; s != nil {
		fmt.Fprintf(out, "  time    dns %.1f ms, connect %.1f ms, tls %.1f ms, first byte %.1f ms, total %.1f ms\n",
			s.DNS, s.Connect, s.TLS, s.FirstByte, s.Total)
	}
	if d.Answer != "" {
		fmt.Fprintf(out, "  answer  %q\n", d.Answer)
	}
}
