package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/app"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/seal"
)

// openStore connects to the running broker as the services do, to read and change applications. Only somebody who can
// read the data folder, or has the cluster's credentials, gets this far.
func openStore(ctx context.Context, config app.Config) (*application.Store, func(), error) {
	url := config.Bus.URL.Reveal()
	if url == "" {
		logins, err := bus.ReadLogins(config.Data)
		if err != nil {
			return nil, nil, err
		}
		url = logins.ServicesURL()
	}
	key, err := seal.LoadOrCreateKey(config.SealKeyFile)
	if err != nil {
		return nil, nil, fmt.Errorf("RINGBACK_SEAL_KEY_FILE: %w", err)
	}
	b, err := bus.Dial(url, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, nil, fmt.Errorf("%w; is \"ringback run\" running?", err)
	}
	bucket, err := b.Bucket(ctx, bus.ApplicationBucket)
	if err != nil {
		_ = b.Close()
		return nil, nil, err
	}
	return application.NewStore(bucket, key), func() { _ = b.Close() }, nil
}

// account is which application a command speaks for.
type account struct {
	App   string `default:"demo" help:"Application to speak for; its token is read from the running installation."`
	Token string `env:"RINGBACK_TOKEN" help:"Token of the application, where the installation is on another machine."`
	URL   string `name:"server" help:"Address of the installation; by default RINGBACK_PUBLIC_URL or RINGBACK_HTTP_ADDR."`
}

// client speaks the native API.
type client struct {
	base  string
	token string
}

func (a account) client(ctx context.Context) (*client, error) {
	config, err := settings()
	if err != nil {
		return nil, err
	}
	c := &client{base: strings.TrimSuffix(a.URL, "/"), token: a.Token}
	if c.base == "" {
		c.base = address(config)
	}
	if c.token != "" {
		return c, nil
	}
	store, done, err := openStore(ctx, config)
	if err != nil {
		return nil, err
	}
	defer done()
	found, err := store.Get(ctx, a.App)
	if err != nil {
		return nil, fmt.Errorf("%w; \"ringback app list\" names them", err)
	}
	c.token = found.Secrets.Token.Reveal()
	return c, nil
}

// address is where the installation of the environment serves HTTP.
func address(config app.Config) string {
	if config.Ingest.PublicURL != "" {
		return config.Ingest.PublicURL
	}
	host, port, err := net.SplitHostPort(config.Ingest.Addr)
	if err == nil && (host == "" || host == "0.0.0.0" || host == "::") {
		return "http://" + net.JoinHostPort("127.0.0.1", port)
	}
	return "http://" + config.Ingest.Addr
}

// do sends a request and returns the answer's body; an answer that is no success becomes an error that says what the
// server said.
func (c *client) do(ctx context.Context, method, path, contentType string, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("request %s: %w", path, err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("nobody answers at %s; is \"ringback run\" running? (%w)", c.base, err)
	}
	defer answer.Body.Close()
	reply, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		err := refusal(answer.Status, reply)
		if seconds, plain := strconv.Atoi(answer.Header.Get("Retry-After")); plain == nil && answer.StatusCode == http.StatusTooManyRequests {
			err = &laterError{err, time.Duration(seconds) * time.Second}
		}
		return nil, err
	}
	return reply, nil
}

// laterError is a refusal that is over after a while.
type laterError struct {
	error
	wait time.Duration
}

// refusal reads a problem document into a sentence with the fields that are wrong.
func refusal(status string, body []byte) error {
	var problem struct {
		Detail string `json:"detail"`
		Errors []struct {
			Field, Value, Expected string
		} `json:"errors"`
	}
	if err := json.Unmarshal(body, &problem); err != nil || problem.Detail == "" {
		return fmt.Errorf("the server answered %s", status)
	}
	var text strings.Builder
	text.WriteString(problem.Detail)
	for _, e := range problem.Errors {
		fmt.Fprintf(&text, "\n  %s: %s expected %s", e.Field, e.Value, e.Expected)
	}
	return fmt.Errorf("%s", text.String())
}

// indented is JSON as people read it.
func indented(raw []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return string(raw)
	}
	return b.String()
}

func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
