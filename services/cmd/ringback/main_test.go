package main

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/storage/s3test"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"ringback": func() { os.Exit(untilStopped()) },
	})
}

// TestCommandLine tells the stories in testdata against the real command line.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("RINGBACK_DATA", env.WorkDir+"/data")
			return nil
		},
		Cmds: words(t),
	})
}

// broker starts the embedded broker of an installation whose services nobody needs in the story.
func broker(ts *testscript.TestScript, _ bool, _ []string) {
	config := bus.DefaultConfig()
	config.Addr = "127.0.0.1:0"
	b, err := bus.Open(context.Background(), config, ts.Getenv("RINGBACK_DATA"), slog.New(slog.DiscardHandler))
	ts.Check(err)
	ts.Defer(func() { ts.Check(b.Close()) })
}

// unnewline copies a file without the newline at its end.
func unnewline(ts *testscript.TestScript, _ bool, args []string) {
	text := strings.TrimSuffix(ts.ReadFile(args[0]), "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// buckets starts a server of buckets, and lays its secret into the file secret.
func buckets(t *testing.T) func(*testscript.TestScript, bool, []string) {
	t.Helper()
	return func(ts *testscript.TestScript, _ bool, names []string) {
		account := s3test.Start(t, names...).Account("")
		ts.Setenv("S3_URL", account.Endpoint)
		ts.Setenv("S3_REGION", account.Region)
		ts.Setenv("S3_KEY", account.AccessKeyID)
		ts.Setenv("S3_SECRET", account.SecretAccessKey.Reveal())
		ts.Check(os.WriteFile(ts.MkAbs("secret"), []byte(account.SecretAccessKey.Reveal()+"\n"), 0o600))
	}
}
