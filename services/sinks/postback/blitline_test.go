package postback_test

import (
	"errors"
	"fmt"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/blitline"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// TestBlitline holds the format of a postback to the version that the job named, as old clients expect it.
func TestBlitline(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		details blitline.Details
		media   string
		json    func(body []byte) []byte
	}{
		{"FormBelow118", blitline.Details{Version: 1.17}, "application/x-www-form-urlencoded", fromForm},
		{"FormWithoutVersion", blitline.Details{}, "application/x-www-form-urlencoded", fromForm},
		{"JSONFrom118", blitline.Details{Version: 1.18}, "application/json", func(b []byte) []byte { return b }},
		{"JSONWhenAsked", blitline.Details{Version: 1, ContentTypeJSON: true}, "application/json", func(b []byte) []byte { return b }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := sinktest.Open(t)
			tt.details.Images = []blitline.Image{{Output: "a", Identifier: "MY_ID"}}
			sink := nativeSink()
			sink.Check = func(a sinktest.Arrival, _ application.Application) error {
				return errors.Join(unsigned(a), sinktest.Valid("blitline/result.json", tt.json(a.Body)))
			}
			receiver := h.Receive(sink, sinktest.FailFirst(1, 500))
			h.Start(sink, 50_000_000)
			result := h.NewResult()
			r := record(blitline.Dialect, tt.details.Encode(), receiver.URL)
			wanted := map[string]string{"X-Client-Key": "k3y: with = and ; and  spaces", "Authorization": "Basic Zm9vOmJhcg=="}
			r.Targets[0].Headers = wanted
			if err := h.Publish(result, r); err != nil {
				t.Fatal(err)
			}
			first, second := receiver.Next(t), receiver.Next(t)
			body, _ := blitline.Postback(result, tt.details)
			for _, a := range []sinktest.Arrival{first, second} {
				if diff := cmp.Diff(string(body), string(a.Body)); diff != "" {
					t.Errorf("body of attempt %d (-want +got):\n%s", a.Try, diff)
				}
				if got := a.Header.Get("Content-Type"); got != tt.media {
					t.Errorf("content type %q, want %q", got, tt.media)
				}
				for name, value := range wanted {
					if got := a.Header.Values(name); len(got) != 1 || got[0] != value {
						t.Errorf("%s: %q, want %q verbatim", name, got, value)
					}
				}
			}
			if first.ID == "" || first.ID != second.ID {
				t.Errorf("attempts came as %q and %q, want one id", first.ID, second.ID)
			}
		})
	}
}

func TestBlitline_ErrorOnlyKeepsQuietAboutSuccess(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	sink := nativeSink()
	sink.Check = func(a sinktest.Arrival, _ application.Application) error { return unsigned(a) }
	receiver := h.Receive(sink, sinktest.Accept)
	h.Start(sink)
	details := blitline.Details{Version: 1.2, PostbackErrorOnly: true}
	if err := h.Publish(h.NewResult(), record(blitline.Dialect, details.Encode(), receiver.URL)); err != nil {
		t.Fatal(err)
	}
	failed := h.NewResult()
	failed.State, failed.Outputs = events.StateFailed, []events.Output{}
	failed.Errors = []events.Failure{{Code: "source_status", Message: "the source answered 404"}}
	if err := h.Publish(failed, record(blitline.Dialect, details.Encode(), receiver.URL)); err != nil {
		t.Fatal(err)
	}
	a := receiver.Next(t)
	emptied(t, h) // a delivery of the success was stored before the one that came, and would go out beside it
	want, _ := blitline.Postback(failed, details)
	if n := len(receiver.Arrivals()); n != 1 || string(want) != string(a.Body) {
		t.Errorf("%d came, the first as %s, want the failure alone: %s", n, a.Body, want)
	}
}

// fromForm reads the JSON in a form's one field.
func fromForm(body []byte) []byte {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil
	}
	return fmt.Appendf(nil, `{"results":%s}`, form.Get("results"))
}

// unsigned demands that a format without signatures gets none.
func unsigned(a sinktest.Arrival) error {
	for _, name := range []string{events.HeaderSignature, events.HeaderTimestamp} {
		if a.Header.Get(name) != "" {
			return fmt.Errorf("header %s on a format without signatures", name)
		}
	}
	return nil
}
