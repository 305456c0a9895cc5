package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/ringback/ringback/services/internal/app"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/telemetry"
)

// demoWindow gathers changes for seconds: nobody waits five minutes for a demonstration.
const demoWindow = 3 * time.Second

type demoCommand struct {
	Stay bool `help:"Stay up afterwards, to look around, until Ctrl-C."`
}

// Run starts everything in this process, runs one photograph through a recipe, and shows what each way of being told
// shows.
func (c demoCommand) Run(ctx context.Context, t *terminal) (err error) {
	config, log, done, err := demoSettings()
	if err != nil {
		return err
	}
	defer done()
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	listening, ready, ended := make(chan string, 1), make(chan struct{}), make(chan error, 1)
	begun := time.Now()
	go func() {
		ended <- app.Run(serving, config, nil, log, app.Hooks{
			Listening: func(address string) { listening <- address }, Ready: func() { close(ready) },
		})
	}()
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()
	select {
	case <-ready:
	case failure := <-ended:
		ended <- nil
		return failure
	}
	address := <-listening
	fmt.Fprintf(t.out, "Ringback %s is up on http://%s after %d ms; its log is %s\n",
		app.Version(), address, time.Since(begun).Milliseconds(), filepath.Join(config.Data, demoLog))
	if err := c.show(ctx, t, config, "http://"+address); err != nil {
		return err
	}
	if c.Stay {
		fmt.Fprintf(t.out, "\nStaying up. Look around from another terminal, and stop with Ctrl-C:\n"+
			"  ringback submit photo.jpg --wait\n  ringback nats > ringback.json && nats --context ./ringback.json sub 'ringback.live.>'\n")
		<-ctx.Done()
	}
	return nil
}

const demoLog = "demo.log"

// demoSettings are those of the environment, with an inbox, a short window, and loopback as a place that may be posted
// to. Addresses that are taken give way to any free ones.
func demoSettings() (app.Config, *slog.Logger, func(), error) {
	config, err := settings()
	if err != nil {
		return config, nil, nil, err
	}
	config.Ingest.Inbox = true
	config.Outbound.Allow = append(config.Outbound.Allow, "127.0.0.1")
	config.Callback.Window = demoWindow
	config.Ingest.Addr = freeAddress(config.Ingest.Addr)
	config.Bus.Addr = freeAddress(config.Bus.Addr)
	if err := os.MkdirAll(config.Data, 0o700); err != nil {
		return config, nil, nil, fmt.Errorf("RINGBACK_DATA: make the folder: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(config.Data, demoLog), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return config, nil, nil, fmt.Errorf("open the log: %w", err)
	}
	return config, telemetry.NewLogger(file, slog.LevelInfo, telemetry.FormatText), func() { _ = file.Close() }, nil
}

// show runs the job and prints every station.
func (c demoCommand) show(ctx context.Context, t *terminal, config app.Config, base string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	logins, err := bus.ReadLogins(config.Data)
	if err != nil {
		return err
	}
	store, done, err := openStore(ctx, config)
	if err != nil {
		return err
	}
	defer done()
	application, err := store.Get(ctx, "demo")
	if err != nil {
		return err
	}
	run := &demoRun{
		out: t.out, config: config, logins: logins,
		server: &client{base: base, token: application.Secrets.Token.Reveal()}, secrets: application.SigningSecrets(time.Now()),
	}
	return run.all(ctx)
}
