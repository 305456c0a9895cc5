package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/app"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/seal"
)

// patience bounds every wait for something that is going to happen.
const patience = time.Minute

// installation starts the front door and the sinks that post of an installation, whose commands then find it.
func installation(ts *testscript.TestScript, _ bool, _ []string) {
	config, err := app.LoadConfig(map[string]string{
		"RINGBACK_DATA": ts.Getenv("RINGBACK_DATA"), "RINGBACK_HTTP_ADDR": "127.0.0.1:0", "RINGBACK_NATS_ADDR": "127.0.0.1:0",
		"RINGBACK_OUTBOUND_ALLOW": "127.0.0.1",
	})
	ts.Check(err)
	ctx, stop := context.WithCancel(context.Background())
	listening, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- app.Run(ctx, config, []string{"postback", "callback", "ingest"}, slog.New(slog.DiscardHandler), app.Hooks{
			Listening: func(address string) { listening <- address },
		})
	}()
	ts.Defer(func() {
		stop()
		ts.Check(<-ended)
	})
	select {
	case address := <-listening:
		ts.Setenv("RINGBACK_HTTP_ADDR", address)
	case <-time.After(patience):
		ts.Fatalf("the installation does not start")
	}
}

// receiver starts an endpoint and sets RECEIVER to its address; answer says with which status it answers.
func receiver(ts *testscript.TestScript, _ bool, _ []string) {
	var status atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut { // from the story
			n, err := strconv.ParseInt(r.URL.Query().Get("status"), 10, 64)
			if err != nil {
				n = http.StatusBadRequest
			}
			status.Store(n)
			return
		}
		w.WriteHeader(int(status.Load()))
		_, _ = fmt.Fprint(w, "the database is down")
	}))
	status.Store(http.StatusNoContent)
	ts.Defer(server.Close)
	ts.Setenv("RECEIVER", server.URL)
}

// answer sets the status that the receiver answers with from now on.
func answer(ts *testscript.TestScript, _ bool, args []string) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPut, ts.Getenv("RECEIVER")+"/?status="+args[0], nil)
	ts.Check(err)
	reply, err := http.DefaultClient.Do(request)
	ts.Check(err)
	ts.Check(reply.Body.Close())
}

// tell ends a job of the demo application as a processor would, with a postback to an address, and sets JOB to its id, which its media item has, too.
func tell(ts *testscript.TestScript, _ bool, args []string) {
	data := ts.Getenv("RINGBACK_DATA")
	logins, err := bus.ReadLogins(data)
	ts.Check(err)
	key, err := seal.LoadOrCreateKey(filepath.Join(data, "seal.key"))
	ts.Check(err)
	b, err := bus.Dial(logins.ServicesURL(), slog.New(slog.DiscardHandler))
	ts.Check(err)
	defer func() { ts.Check(b.Close()) }()
	id := events.NewID(time.Now(), "demo", key.Derive("job ids"))
	record := job.Record{Dialect: "native", Targets: []job.Target{{Sink: job.SinkPostback, URL: args[0]}}}
	sealed, err := record.Seal(key, "demo", id)
	ts.Check(err)
	out, err := bus.Event(events.ResultSubject("demo", id.String()), events.TypeJobCompleted, "/test", id.String(),
		events.Result{ID: id.String(), State: events.StateCompleted, Outputs: []events.Output{}, Media: &events.MediaRef{ID: id.String()}})
	ts.Check(err)
	_, err = b.PublishAtomic(context.Background(), []bus.Out{{Subject: bus.RecordSubject("demo", id.String()), Data: sealed}, out})
	ts.Check(err)
	ts.Setenv("JOB", id.String())
}

// until repeats a command until what it prints matches; the first group of the pattern becomes FOUND.
func until(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile("(?m)" + args[0])
	for deadline := time.After(patience); ; {
		err := ts.Exec(args[1], args[2:]...)
		printed := ts.ReadFile("stdout")
		if match := pattern.FindStringSubmatch(printed); match != nil && err == nil {
			ts.Setenv("FOUND", match[len(match)-1])
			return
		}
		select {
		case <-deadline:
			ts.Fatalf("%v never printed %s but %s%s", args[1:], args[0], printed, ts.ReadFile("stderr"))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// words are what a story may say beside the usual.
func words(t *testing.T) map[string]func(*testscript.TestScript, bool, []string) {
	t.Helper()
	return map[string]func(*testscript.TestScript, bool, []string){
		"broker": broker, "unnewline": unnewline, "installation": installation, "receiver": receiver, "answer": answer,
		"tell": tell, "until": until, "buckets": buckets(t),
	}
}
