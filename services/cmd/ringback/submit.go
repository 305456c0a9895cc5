package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
)

// defaultRecipe is what becomes of a picture that is submitted without a recipe.
const defaultRecipe = `{"steps": [
  {"op": "fit", "params": {"width": 1600, "height": 1200}, "save": {"id": "large", "format": "jpeg"}},
  {"op": "fill", "params": {"width": 150, "height": 100, "gravity": "attention"}, "save": {"id": "thumb", "format": "jpeg"}}]}`

type submitCommand struct {
	account
	Source   string        `arg:"" name:"file-or-url" help:"The picture: a file, or an address that the installation may fetch."`
	Recipe   string        `type:"existingfile" help:"File with a recipe in JSON; by default a large picture and a thumbnail."`
	Postback []string      `help:"Address to post the result to; may be given again."`
	Callback string        `help:"Address for the XML callback of the media item; needs --media."`
	Media    string        `help:"Media item that the picture belongs to."`
	Key      string        `name:"idempotency-key" help:"The same key gives the same job, for a day."`
	Wait     bool          `help:"Wait for the result, with a progress bar."`
	Timeout  time.Duration `default:"5m" help:"How long to wait."`
	JSON     bool          `name:"json" help:"Print JSON: the reply, or with --wait the result."`
}

// Run hands a picture over.
func (c submitCommand) Run(ctx context.Context, t *terminal) error {
	server, err := c.client(ctx)
	if err != nil {
		return err
	}
	contentType, body, err := c.request()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	raw, err := server.do(ctx, http.MethodPost, "/v1/jobs", contentType, body)
	if err != nil {
		return err
	}
	var reply events.Result
	if err := json.Unmarshal(raw, &reply); err != nil {
		return fmt.Errorf("read the reply: %w", err)
	}
	if !c.Wait {
		if c.JSON {
			_, err = fmt.Fprintln(t.out, indented(raw))
			return err
		}
		fmt.Fprintf(t.out, "accepted %s\n", reply.ID)
		for _, output := range reply.Outputs {
			fmt.Fprintf(t.out, "  %s  %s\n", output.ID, output.URL)
		}
		fmt.Fprintf(t.out, "\"ringback status %s --wait\" waits for the result.\n", reply.ID)
		return nil
	}
	stop := c.showProgress(ctx, t, reply.ID)
	result, raw, err := await(ctx, server, reply.ID)
	stop()
	if err != nil {
		return err
	}
	return printResult(t, result, raw, c.JSON)
}

// request writes the body of POST /v1/jobs: JSON for an address, a form for a file.
func (c submitCommand) request() (contentType string, body []byte, err error) {
	recipe := []byte(defaultRecipe)
	if c.Recipe != "" {
		if recipe, err = os.ReadFile(c.Recipe); err != nil {
			return "", nil, fmt.Errorf("read the recipe: %w", err)
		}
	}
	document := map[string]any{"recipe": json.RawMessage(recipe)}
	var notify []any
	for _, url := range c.Postback {
		notify = append(notify, map[string]any{"postback": map[string]string{"url": url}})
	}
	if c.Callback != "" {
		notify = append(notify, map[string]any{"callback": map[string]string{"url": c.Callback}})
	}
	if notify != nil {
		document["notify"] = notify
	}
	if c.Media != "" {
		document["media"] = map[string]string{"id": c.Media}
	}
	if strings.HasPrefix(c.Source, "http://") || strings.HasPrefix(c.Source, "https://") {
		document["source"] = map[string]string{"url": c.Source}
		body, err = json.Marshal(document)
		return "application/json", body, err
	}
	picture, err := os.ReadFile(c.Source)
	if err != nil {
		return "", nil, fmt.Errorf("read the picture: %w", err)
	}
	return form(document, picture)
}

// form writes a job and its picture as multipart/form-data.
func form(document map[string]any, picture []byte) (contentType string, body []byte, err error) {
	raw, err := json.Marshal(document)
	if err != nil {
		return "", nil, fmt.Errorf("encode the job: %w", err)
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, part := range []struct {
		name string
		data []byte
	}{{"job", raw}, {"file", picture}} {
		field, err := w.CreateFormFile(part.name, part.name)
		if err != nil {
			return "", nil, fmt.Errorf("encode the form: %w", err)
		}
		if _, err := field.Write(part.data); err != nil {
			return "", nil, fmt.Errorf("encode the form: %w", err)
		}
	}
	err = w.Close() // writes the end of the form
	return w.FormDataContentType(), b.Bytes(), err
}

// showProgress draws a bar from the live progress of a job, where the broker is on this machine. Without it the wait is
// the same, only less to look at.
func (c submitCommand) showProgress(ctx context.Context, t *terminal, id string) (stop func()) {
	config, err := settings()
	if err != nil || c.JSON || c.Token != "" {
		return func() {}
	}
	logins, err := bus.ReadLogins(config.Data)
	if err != nil {
		return func() {}
	}
	return progressBar(ctx, logins, t.err, c.App, id)
}

func progressBar(ctx context.Context, logins bus.Logins, out io.Writer, application, id string) (stop func()) {
	nc, err := bus.ConnectReader(logins)
	if err != nil {
		return func() {}
	}
	bar := progressbar.NewOptions(100, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription("waiting"),
		progressbar.OptionSetWidth(40), progressbar.OptionClearOnFinish())
	watching, cancel := context.WithCancel(ctx)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		follow := followJob(id, func(p events.Progress) {
			bar.Describe(p.Stage)
			_ = bar.Set(p.Percent)
		})
		_ = events.SubscribeLive(watching, nc, follow, events.WithApplication(application))
	}()
	return func() {
		cancel()
		<-finished
		_ = bar.Finish()
		nc.Close()
	}
}

// await polls until the job has ended. Who asks too often, beside others of the same application, waits for its turn.
func await(ctx context.Context, server *client, id string) (events.Result, []byte, error) {
	for {
		raw, err := server.do(ctx, http.MethodGet, "/v1/jobs/"+id+"?wait=60", "", nil)
		if later, ok := errors.AsType[*laterError](err); ok {
			select {
			case <-time.After(later.wait):
				continue
			case <-ctx.Done():
			}
		}
		if err != nil {
			return events.Result{}, nil, err
		}
		var result events.Result
		if err := json.Unmarshal(raw, &result); err != nil {
			return result, nil, fmt.Errorf("read the status: %w", err)
		}
		if result.State != events.StateQueued {
			return result, raw, nil
		}
	}
}

var errJobFailed = errors.New("the job failed")

// printResult shows a result, and fails when the job did.
func printResult(t *terminal, result events.Result, raw []byte, asJSON bool) error {
	if asJSON {
		fmt.Fprintln(t.out, indented(raw))
	} else {
		fmt.Fprintf(t.out, "%s %s\n", result.State, result.ID)
		for _, o := range result.Outputs {
			fmt.Fprintf(t.out, "  %s  %d x %d %s, %d bytes  %s\n", o.ID, o.Width, o.Height, o.Format, o.Bytes, o.URL)
		}
		for _, e := range result.Errors {
			fmt.Fprintf(t.out, "  %s  %s: %s\n", e.Output, e.Code, e.Message)
		}
	}
	if result.State == events.StateFailed {
		return fmt.Errorf("%w: %s", errJobFailed, result.ID)
	}
	return nil
}
