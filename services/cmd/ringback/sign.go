package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/signing"
)

// keyFlags say with whose secrets something is signed or checked.
type keyFlags struct {
	Scheme string   `enum:"standard,cloudinary,pixta,none" default:"standard" help:"How it is signed: ${enum}."`
	Secret []string `sep:"none" placeholder:"SECRET" help:"What to sign or to check with; @FILE reads it from a file; may be given again."`
	App    string   `help:"Take the secrets of this application of the running installation instead."`
}

var (
	errNoKeys  = errors.New("nothing to work with: give --secret or --app")
	errTwoKeys = errors.New("--secret and --app are both given: want one of them")
)

// keys reads the secrets; public takes an application's public keys in the place of those that sign.
func (f keyFlags) keys(ctx context.Context, now time.Time, public bool) (signing.Keys, error) {
	scheme := signing.Scheme(f.Scheme)
	switch {
	case scheme == signing.None:
		return signing.Keys{}, nil
	case f.App != "" && f.Secret != nil:
		return signing.Keys{}, errTwoKeys
	case f.App == "" && f.Secret == nil:
		return signing.Keys{}, errNoKeys
	case f.App != "":
		return keysOfApplication(ctx, f.App, scheme, now, public)
	}
	var keys signing.Keys
	for _, text := range f.Secret {
		if name, isFile := strings.CutPrefix(text, "@"); isFile {
			raw, err := os.ReadFile(name)
			if err != nil {
				return keys, fmt.Errorf("read --secret: %w", err)
			}
			text = strings.TrimSpace(string(raw))
		}
		keys.Secrets = append(keys.Secrets, text)
	}
	return keys, nil
}

func keysOfApplication(ctx context.Context, id string, scheme signing.Scheme, now time.Time, public bool) (signing.Keys, error) {
	var keys signing.Keys
	err := withStore(ctx, func(store *application.Store) error {
		a, err := store.Get(ctx, id)
		if err != nil {
			return fmt.Errorf("%w; \"ringback app list\" names them", err)
		}
		keys = signing.KeysOf(scheme, a, now)
		if public && scheme == signing.Standard {
			keys.Secrets = append(a.WebhookSecrets(now), a.PublicKeys(now)...)
		}
		return nil
	})
	return keys, err
}

// signCommand makes the headers that an attempt of a delivery would have.
type signCommand struct {
	keyFlags
	File   string    `arg:"" optional:"" help:"The body; standard input when it is missing or -."`
	ID     string    `name:"id" default:"test_1" help:"The delivery's id."`
	At     time.Time `format:"2006-01-02T15:04:05Z07:00" placeholder:"TIME" help:"When it is signed, such as 2026-11-21T08:00:00Z; now when not given."`
	SHA256 bool      `name:"sha256" help:"With --scheme cloudinary: SHA-256 instead of SHA-1."`
	Curl   string    `placeholder:"URL" help:"Print a curl command that posts the body there, instead of the headers; needs the body in a file."`
	JSON   bool      `name:"json" help:"Print JSON."`
}

// Help says what the flags have no room for.
func (signCommand) Help() string { return keysHelp }

// keysHelp says what a secret is.
const keysHelp = `A secret is what "ringback app show --secrets" prints. The scheme standard takes webhook secrets (whsec_…) and Ed25519
keys: those that sign begin with whsk_, those that verify with whpk_. cloudinary takes the API secret, pixta the webhook
secret as it is written. Secrets in arguments can be seen by other users of the machine: prefer @FILE or --app.`

var errCurlNeedsFile = errors.New("--curl needs the body in a file: the command reads it from there")

// Run signs a body.
func (c signCommand) Run(ctx context.Context, t *terminal) error {
	if c.Curl != "" && (c.File == "" || c.File == "-") {
		return errCurlNeedsFile
	}
	at := c.At
	if at.IsZero() {
		at = time.Now()
	}
	keys, err := c.keys(ctx, at, false)
	if err != nil {
		return err
	}
	keys.SHA256 = keys.SHA256 || c.SHA256
	body, err := readBody(t.in, c.File)
	if err != nil {
		return err
	}
	header, err := signing.SignWith(signing.Scheme(c.Scheme), keys, c.ID, at, body)
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		flat := map[string]string{}
		for _, name := range headerNames(header) {
			flat[name] = header.Get(name)
		}
		return printJSON(t, flat)
	case c.Curl != "":
		_, err = fmt.Fprintln(t.out, curlCommand(c.Curl, c.File, body, header))
		return err
	}
	for _, name := range headerNames(header) {
		fmt.Fprintf(t.out, "%s: %s\n", name, header.Get(name))
	}
	return nil
}

// curlCommand posts the file as it is: --data-binary keeps its line ends, which -d would not.
func curlCommand(url, file string, body []byte, header http.Header) string {
	media := "application/json"
	if !json.Valid(body) {
		media = "application/octet-stream"
	}
	var command strings.Builder
	command.WriteString("curl -X POST")
	for _, name := range headerNames(header) {
		command.WriteString(" -H " + quoted(strings.ToLower(name)+": "+header.Get(name)))
	}
	command.WriteString(" -H " + quoted("content-type: "+media) + " --data-binary " + quoted("@"+file) + " " + quoted(url))
	return command.String()
}

// quoted is a word for a shell.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

func headerNames(header http.Header) []string {
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func readBody(stdin io.Reader, file string) ([]byte, error) {
	if file == "" || file == "-" {
		body, err := io.ReadAll(stdin)
		if err != nil {
			return nil, fmt.Errorf("read the body from standard input: %w", err)
		}
		return body, nil
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	return body, nil
}
