package callback_test

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/schemas"
	"github.com/ringback/ringback/schemas/xsd"
	"github.com/ringback/ringback/services/dialect/filemobile"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/sinks/callback"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

func TestSink(t *testing.T) {
	t.Parallel()
	sinktest.Run(t, sink(time.Second))
}

// TestHostile has the machine to itself, because it measures memory.
func TestHostile(t *testing.T) { //nolint:paralleltest // as above
	sinktest.Hostile(t, sink(time.Second))
}

// sink is the sink with a short window.
func sink(window time.Duration) sinktest.Sink {
	return sinktest.Sink{
		New: func(deps sinktest.Deps) (sinktest.Runner, error) {
			config := callback.DefaultConfig()
			config.Window, config.Timeout, config.Grace = window, 4*time.Second, time.Second
			return callback.New(config, callback.Deps{
				Bus: deps.Bus, Applications: deps.Applications, Key: deps.Key, Poster: deps.Poster, Metrics: deps.Metrics,
				Log: deps.Log, Schedule: deps.Schedule,
			})
		},
		EventKind: "media", DeliveryKind: "media", GoneHolds: true, Record: record, Check: check,
		About: func(a sinktest.Arrival) string { return fields(a)["id"] },
		Width: func(a sinktest.Arrival) int {
			width, _ := strconv.Atoi(fields(a)["width"])
			return width
		},
	}
}

// record wants callbacks at the first address: an item has one place to call.
func record(urls ...string) job.Record {
	return job.Record{Dialect: native.Dialect, Targets: []job.Target{{Sink: job.SinkCallback, URL: urls[0]}}}
}

func fields(a sinktest.Arrival) map[string]string {
	_, texts, _ := sinktest.Fields(a.Body) // what cannot be read has no fields, and check says so
	return texts
}

// check judges a callback of an item that is only what a job made: by what is true of all, and to the byte.
func check(a sinktest.Arrival, app application.Application) error {
	err := checkForm(a, app)
	if err != nil {
		return err
	}
	_, texts, err := sinktest.Fields(a.Body)
	if err != nil {
		return err
	}
	if golden := rewritten(texts); !bytes.Equal(golden, a.Body) {
		return fmt.Errorf("body:\n%s\nwant, as the dialect writes it:\n%s", a.Body, golden)
	}
	return nil
}

// checkForm judges a callback by its schema, its headers and its signature.
func checkForm(a sinktest.Arrival, app application.Application) error {
	schema, err := callbackSchema()
	if err != nil {
		return err
	}
	errs := []error{events.VerifyPostback(app.SigningSecrets(a.At), a.Header, a.Body, a.At), schema.Validate(a.Body)}
	if got := a.Header.Get("Content-Type"); got != filemobile.ContentType {
		errs = append(errs, fmt.Errorf("content type %q", got))
	}
	return errors.Join(errs...)
}

// rewritten is the document that the dialect, which its own golden files hold to the format, makes of these fields.
func rewritten(texts map[string]string) []byte {
	number := func(name string) int { n, _ := strconv.Atoi(texts[name]); return n }
	converted, _ := time.Parse(time.DateTime, texts["converttime"])
	uploaded, _ := time.Parse(time.DateTime, texts["upload"])
	took, _ := time.ParseDuration(texts["conversiontime"] + "s")
	media := events.Media{ID: texts["id"], Status: number("status"), UploadedAt: uploaded, ConvertedAt: converted, ConversionMS: took.Milliseconds()}
	if texts["publicUrl"] != "" {
		media.Outputs = []events.Output{{
			ID: "a", URL: texts["publicUrl"], Width: number("width"), Height: number("height"),
			Format: path.Base(texts["contenttype"]), Bytes: int64(number("filesize")),
		}}
	}
	document := filemobile.FromMedia(media)
	document.Vhost = sinktest.Application
	return filemobile.MarshalResult(document)
}

// callbackSchema is the XML schema of the callback.
var callbackSchema = sync.OnceValues(func() (*xsd.Schema, error) {
	raw, err := schemas.Lookup("filemobile/callback.xsd")
	if err != nil {
		return nil, err
	}
	return xsd.Parse(raw)
})
