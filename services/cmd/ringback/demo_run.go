package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	_ "image/jpeg" // the demonstration opens what it made
	_ "image/png"  // as above
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	_ "golang.org/x/image/webp" // as above

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/app"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/sample"
)

// demoRecipe makes four pictures of one: a child of an output among them, and three formats. The portrait is square.
const demoRecipe = `{"steps": [
  {"op": "fit", "params": {"width": 360, "height": 360}, "save": {"id": "large", "format": "webp"},
   "steps": [{"op": "grayscale", "save": {"id": "gray", "format": "jpeg"}}]},
  {"op": "fill", "params": {"width": 150, "height": 100, "gravity": "attention"}, "save": {"id": "thumb", "format": "png"}},
  {"op": "sepia", "steps": [{"op": "rotate", "params": {"degrees": 90}, "save": {"id": "sepia", "format": "jpeg"}}]}]}`

// demoSizes is what the recipe asks for.
var demoSizes = map[string]image.Point{"large": {360, 360}, "gray": {360, 360}, "thumb": {150, 100}}

// demoRun is one demonstration.
type demoRun struct {
	out     io.Writer
	config  app.Config
	logins  bus.Logins
	server  *client
	secrets []string
	folder  string
	item    string
	seen    map[string]events.Result
}

func (r *demoRun) all(ctx context.Context) error {
	r.seen = map[string]events.Result{}
	r.item = fmt.Sprintf("portrait-%d", time.Now().UnixMilli())
	r.folder = filepath.Join(r.config.Data, "demo")
	if err := os.MkdirAll(r.folder, 0o700); err != nil {
		return fmt.Errorf("make the folder for pictures: %w", err)
	}
	subscriber, err := r.subscribe(ctx)
	if err != nil {
		return err
	}
	defer subscriber.stop()
	id, err := r.submit(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(r.out, "\n── Live, as it happens")
	stop := r.follow(ctx, subscriber, id)
	result, raw, err := await(ctx, r.server, id)
	stop()
	if err != nil {
		return err
	}
	r.seen["the polled status"] = result
	r.station("Polled: GET /v1/jobs/"+id+"?wait=60", string(raw))
	for _, step := range []func(context.Context, string) error{r.postback, subscriber.event, r.callback} {
		if err := step(ctx, id); err != nil {
			return err
		}
	}
	if err := r.agree(); err != nil {
		return err
	}
	return r.pictures(ctx, result)
}

func (r *demoRun) station(title, body string) {
	fmt.Fprintf(r.out, "\n── %s\n%s\n", title, indented([]byte(body)))
}

// submit uploads the photograph.
func (r *demoRun) submit(ctx context.Context) (id string, err error) {
	document := map[string]any{
		"recipe": json.RawMessage(demoRecipe), "media": map[string]string{"id": r.item},
		"metadata": map[string]string{"order": "A-17"},
		"notify": []any{
			map[string]any{"postback": map[string]string{"url": r.server.base + "/inbox/" + r.item}},
			map[string]any{"callback": map[string]string{"url": r.server.base + "/inbox/" + r.item + "-xml"}},
		},
	}
	contentType, body, err := form(document, sample.Portrait)
	if err != nil {
		return "", err
	}
	shown, err := json.Marshal(document)
	if err != nil {
		return "", fmt.Errorf("encode the job: %w", err)
	}
	r.station("Submitted: POST /v1/jobs, a photograph and this job", string(shown))
	raw, err := r.server.do(ctx, http.MethodPost, "/v1/jobs", contentType, body)
	if err != nil {
		return "", err
	}
	r.station("Accepted: 202, once the job is on disk", string(raw))
	var reply events.Result
	if err := json.Unmarshal(raw, &reply); err != nil {
		return "", fmt.Errorf("read the reply: %w", err)
	}
	return reply.ID, nil
}

// arrival is what an inbox lists.
type arrival struct {
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
}

// inbox waits for the first arrival in an inbox.
func (r *demoRun) inbox(ctx context.Context, name string) (arrival, error) {
	for {
		raw, err := r.server.do(ctx, http.MethodGet, "/inbox/"+name, "", nil)
		if err != nil {
			return arrival{}, err
		}
		var list []arrival
		if err := json.Unmarshal(raw, &list); err != nil {
			return arrival{}, fmt.Errorf("read the inbox: %w", err)
		}
		if len(list) > 0 {
			return list[0], nil
		}
		select {
		case <-ctx.Done():
			return arrival{}, fmt.Errorf("wait for inbox %s: %w", name, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (r *demoRun) postback(ctx context.Context, _ string) error {
	got, err := r.inbox(ctx, r.item)
	if err != nil {
		return err
	}
	if err := events.VerifyPostback(r.secrets, headerOf(got), []byte(got.Body), time.Now()); err != nil {
		return fmt.Errorf("the postback's signature: %w", err)
	}
	r.station("Postback as received, its signature verified ("+headerOf(got).Get(events.HeaderSignature)+")", got.Body)
	var body struct {
		Data events.Result `json:"data"`
	}
	if err := json.Unmarshal([]byte(got.Body), &body); err != nil {
		return fmt.Errorf("read the postback: %w", err)
	}
	r.seen["the postback"] = body.Data
	return nil
}

func headerOf(a arrival) http.Header {
	header := http.Header{}
	for name, value := range a.Header {
		header.Set(name, value)
	}
	return header
}

// subscriber is a program of somebody else's that listens with the SDK, as the read-only user.
type subscriber struct {
	run    *demoRun
	events chan event.Event // stored results
	live   chan event.Event // what happens, as it happens
	stop   func()
}

// follow prints what is live of a job until its end was printed, or until stop is called.
func (r *demoRun) follow(ctx context.Context, s *subscriber, id string) (stop func()) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-s.live:
				if e.Subject() != id {
					continue
				}
				var p events.Progress
				_ = json.Unmarshal(e.Data(), &p) // other events have no stage
				fmt.Fprintf(r.out, "   %s  %-30s %s\n", e.Time().Local().Format("15:04:05.000"), e.Type(), percent(p))
				if e.Type() == events.TypeJobCompleted || e.Type() == events.TypeJobFailed || e.Type() == events.TypeJobPartial {
					return
				}
			}
		}
	}()
	return func() { <-finished; cancel() }
}

func percent(p events.Progress) string {
	if p.Stage == "" {
		return ""
	}
	return fmt.Sprintf("%3d %% %s", p.Percent, p.Stage)
}

func (r *demoRun) subscribe(ctx context.Context) (*subscriber, error) {
	nc, err := bus.ConnectReader(r.logins)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &subscriber{
		run: r, events: make(chan event.Event, 100), live: make(chan event.Event, 100), stop: func() { cancel(); nc.Close() },
	}
	handle := func(_ context.Context, e event.Event) error { s.events <- e; return nil }
	go func() {
		_ = events.Subscribe(ctx, nc, handle, events.WithApplication("demo"), events.WithSince(time.Now().Add(-time.Second)))
	}()
	go func() {
		_ = events.SubscribeLive(ctx, nc, func(_ context.Context, e event.Event) { s.live <- e }, events.WithApplication("demo"))
	}()
	return s, nil
}

func (s *subscriber) event(ctx context.Context, id string) error {
	for {
		select {
		case e := <-s.events:
			if e.Subject() != id {
				continue
			}
			raw, err := json.Marshal(e)
			if err != nil {
				return fmt.Errorf("encode the event: %w", err)
			}
			s.run.station("CloudEvent as a subscriber got it on "+events.ResultSubject("demo", id), string(raw))
			result, err := events.DecodeResult(e)
			s.run.seen["the CloudEvent"] = result
			return err
		case <-ctx.Done():
			return fmt.Errorf("wait for the CloudEvent: %w", ctx.Err())
		}
	}
}

func (r *demoRun) callback(ctx context.Context, id string) error {
	fmt.Fprintf(r.out, "\n   waiting for the end of the item's window (%s here, 5 minutes by default) …\n", r.config.Callback.Window)
	got, err := r.inbox(ctx, r.item+"-xml")
	if err != nil {
		return err
	}
	if err := events.VerifyPostback(r.secrets, headerOf(got), []byte(got.Body), time.Now()); err != nil {
		return fmt.Errorf("the callback's signature: %w", err)
	}
	r.station("XML callback as received, once in a window", got.Body)
	return r.readCallback(got.Body, id)
}

// pictures downloads every output, opens it and compares its size with what was asked for.
func (r *demoRun) pictures(ctx context.Context, result events.Result) error {
	before := filepath.Join(r.folder, "before.jpg")
	if err := os.WriteFile(before, sample.Portrait, 0o600); err != nil {
		return fmt.Errorf("save the photograph: %w", err)
	}
	fmt.Fprintf(r.out, "\n── Pictures\nbefore  %s\n", before)
	for _, output := range result.Outputs {
		data, err := r.server.do(ctx, http.MethodGet, output.URL[len(r.server.base):], "", nil)
		if err != nil {
			return fmt.Errorf("output %s: %w", output.ID, err)
		}
		opened, format, err := image.Decode(bytes.NewReader(data))
		if err != nil {
			return fmt.Errorf("output %s cannot be opened: %w", output.ID, err)
		}
		size := opened.Bounds().Size()
		want, asked := demoSizes[output.ID]
		if size != (image.Point{X: output.Width, Y: output.Height}) || (asked && size != want) || format != output.Format {
			return fmt.Errorf("output %s is a %s of %v: the result says a %s of %d x %d", output.ID, format, size,
				output.Format, output.Width, output.Height)
		}
		path := filepath.Join(r.folder, "after-"+output.ID+"."+format)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return fmt.Errorf("save output %s: %w", output.ID, err)
		}
		fmt.Fprintf(r.out, "after   %s  %d x %d\n", path, size.X, size.Y)
	}
	fmt.Fprintln(r.out, "\nAll four agree, and every picture opens in the size that was asked for.")
	return nil
}

// freeAddress is the address, or any free port of its host when the port is taken.
func freeAddress(address string) string {
	listener, err := net.Listen("tcp", address) //nolint:noctx // bound and closed at once
	if err == nil {
		_ = listener.Close()
		return address
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return address // the service names what is wrong with it
	}
	return net.JoinHostPort(host, "0")
}
