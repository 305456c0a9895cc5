package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"
	"time"

	"github.com/ringback/ringback/services/internal/app"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/telemetry"
)

type runCommand struct {
	Services []string `arg:"" optional:"" name:"service" help:"Services to run; all of them when none is named."`
	List     bool     `help:"List the services and exit."`
}

// Run runs services until the process is told to stop.
func (c runCommand) Run(ctx context.Context, t *terminal) error {
	if c.List {
		return listServices(t.out)
	}
	config, err := settings()
	if err != nil {
		return err
	}
	log := telemetry.NewLogger(t.err, config.Log.Level, config.Log.Format)
	return app.Run(ctx, config, c.Services, log, app.Hooks{
		FirstApplication: func(a application.Application) { greet(t.out, a) },
	})
}

func listServices(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, row := range app.Services {
		fmt.Fprintf(table, "%s\t%s\n", row.Name, row.Summary)
	}
	return table.Flush()
}

// greet tells the credentials of the application that was made on the first start.
func greet(out io.Writer, a application.Application) {
	fmt.Fprintf(out, `First start: made the application %q.
  token           %s
  api_key         %s
  api_secret      %s
  webhook_secret  %s
"ringback app show %s --secrets" prints them again.
`, a.ID, a.Secrets.Token.Reveal(), a.Secrets.APIKey.Reveal(), a.Secrets.APISecret.Reveal(),
		a.Secrets.WebhookSecret.Reveal(), a.ID)
}

type healthCommand struct{}

// Run asks /readyz on the HTTP address of the environment.
func (healthCommand) Run(ctx context.Context, t *terminal) error {
	config, err := settings()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+config.Ingest.Addr+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("RINGBACK_HTTP_ADDR: %w", err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("nobody answers on RINGBACK_HTTP_ADDR: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 4096))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", body)
	}
	_, err = t.out.Write(body)
	return err
}
