package postback_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/sinks/postback"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

func TestSink(t *testing.T) {
	t.Parallel()
	sinktest.Run(t, nativeSink())
}

// TestHostile has the machine to itself, because it measures memory.
func TestHostile(t *testing.T) { //nolint:paralleltest // as above
	sinktest.Hostile(t, nativeSink())
}

// nativeSink is the sink with native jobs.
func nativeSink() sinktest.Sink {
	return sinktest.Sink{
		New: newSink, EventKind: "event", DeliveryKind: "hook", GoneHolds: true,
		Record: func(urls ...string) job.Record { return record(native.Dialect, nil, urls...) },
		About:  func(a sinktest.Arrival) string { return body(a).Data.ID },
		Check:  checkNative,
	}
}

func newSink(deps sinktest.Deps) (sinktest.Runner, error) {
	config := postback.DefaultConfig()
	config.Timeout, config.Grace = 4*time.Second, time.Second
	return postback.New(config, postback.Deps{
		Bus: deps.Bus, Applications: deps.Applications, Key: deps.Key, Poster: deps.Poster, Metrics: deps.Metrics,
		Log: deps.Log, Schedule: deps.Schedule,
	})
}

func record(dialect string, details json.RawMessage, urls ...string) job.Record {
	r := job.Record{Dialect: dialect, Details: details}
	for _, url := range urls {
		r.Targets = append(r.Targets, job.Target{Sink: job.SinkPostback, URL: url})
	}
	return r
}

type nativeBody struct {
	Type      string        `json:"type"`
	Timestamp time.Time     `json:"timestamp"`
	Data      events.Result `json:"data"`
}

func body(a sinktest.Arrival) nativeBody {
	var b nativeBody
	_ = json.Unmarshal(a.Body, &b) // what cannot be read is about nothing, and the schema says so
	return b
}

// checkNative judges a native postback by its schema, by our own verification and by the standard's library.
func checkNative(a sinktest.Arrival, app application.Application) error {
	errs := []error{
		sinktest.Valid("native/postback.json", a.Body),
		events.VerifyPostback(app.SigningSecrets(a.At), a.Header, a.Body, a.At),
	}
	for _, secret := range app.SigningSecrets(a.At) {
		verifier, err := webhooks.NewWebhook(secret)
		if err != nil {
			return err
		}
		errs = append(errs, verifier.Verify(a.Body, a.Header))
	}
	if got := a.Header.Get("Content-Type"); got != native.PostbackMedia {
		errs = append(errs, fmt.Errorf("content type %q", got))
	}
	return errors.Join(errs...)
}
