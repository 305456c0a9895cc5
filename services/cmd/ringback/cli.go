package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/ringback/ringback/services/internal/app"
)

// commands is the command line. Settings of the services are not flags: they come from the environment alone, and
// `ringback config` lists them.
type commands struct {
	Run         runCommand         `cmd:"" help:"Run services: all of them, or those that are named."`
	Demo        demoCommand        `cmd:"" help:"Start everything and see one photograph go through it."`
	Submit      submitCommand      `cmd:"" help:"Hand over a picture: ringback submit photo.jpg --wait"`
	Status      statusCommand      `cmd:"" help:"Tell how a job is."`
	Watch       watchCommand       `cmd:"" help:"Print events as they happen."`
	App         appCommand         `cmd:"" help:"Look after applications: add, list, show, set, rotate."`
	Storage     storageCommand     `cmd:"" help:"Look after the accounts that buckets are read and written with: add, list, test, remove."`
	Source      sourceCommand      `cmd:"" help:"Look after the places that pictures come from: add, list, test, remove."`
	Destination destinationCommand `cmd:"" help:"Look after the places that pictures go to: add, list, test, remove."`
	Deliveries  deliveriesCommand  `cmd:"" help:"List what became of notifications, or every attempt of one."`
	Media       mediaCommand       `cmd:"" help:"Look at media items: list, show."`
	Replay      replayCommand      `cmd:"" help:"Make deliveries again: ringback replay --endpoint ID --from 2h --wait"`
	Endpoint    endpointCommand    `cmd:"" help:"Look after where notifications go: list, show, pause, resume, test, set."`
	Sign        signCommand        `cmd:"" help:"Sign a body as a delivery would be, to try a receiver: ringback sign body.json --app shop --curl URL"`
	Verify      verifyCommand      `cmd:"" help:"Check a signed request as a receiver should, and say what is wrong."`
	TLS         tlsCommand         `cmd:"" name:"tls" help:"Make a certificate for development, by an authority of your own."`
	Nats        natsCommand        `cmd:"" help:"Print the context for the nats command line."`
	Config      configCommand      `cmd:"" help:"Print every setting, its value and where that came from."`
	Health      healthCommand      `cmd:"" help:"Ask a running process whether it is ready; exit 0 or 1."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// terminal is where a command reads and writes.
type terminal struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

const description = `Asynchronous image processing that calls you back.

Start with "ringback run", or see it all at work with "ringback demo". Settings come from the environment;
"ringback config" lists them with their values.`

// run executes one command line and returns the exit code: 0 done, 1 failed, 2 cannot be understood.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var cli commands
	exit := -1
	parser, err := kong.New(&cli,
		kong.Name("ringback"), kong.Description(description), kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(&terminal{in: os.Stdin, out: stdout, err: stderr}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "ringback:", err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if exit >= 0 {
		return exit // help was printed
	}
	if err != nil {
		fmt.Fprintf(stderr, "ringback: %v\nTry \"ringback --help\".\n", err)
		return 2
	}
	if err := command.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintf(stderr, "ringback: %v\n", err)
		return 1
	}
	return 0
}

// settings reads the environment.
func settings() (app.Config, error) { return app.LoadConfig(environment()) }

func environment() map[string]string {
	environ := map[string]string{}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		environ[name] = value
	}
	return environ
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(t *terminal) error {
	_, err := fmt.Fprintln(t.out, app.Version())
	return err
}
