package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image"
	_ "image/jpeg" // the stories open what was made
	_ "image/png"  // as above
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/cloudevents/sdk-go/v2/event"
	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/sample"
)

// twoPictures makes two pictures of one: a large one, and a grey one of that.
var twoPictures = map[string]any{"steps": []any{
	map[string]any{
		"op": "fit", "params": map[string]any{"width": 300, "height": 300}, "save": map[string]any{"id": "large", "format": "png"},
		"steps": []any{map[string]any{"op": "grayscale", "save": map[string]any{"id": "gray", "format": "jpeg"}}},
	},
	map[string]any{
		"op": "fill", "params": map[string]any{"width": 150, "height": 100}, "save": map[string]any{"id": "thumb", "format": "jpeg"},
	},
}}

func postbackTo(url string) map[string]any {
	return map[string]any{"postback": map[string]any{"url": url}}
}

func callbackTo(url string) map[string]any {
	return map[string]any{"callback": map[string]any{"url": url}}
}

func TestPhotographIsMadeAndEverybodyIsTold(t *testing.T) {
	t.Parallel()
	everyTopology(t, func(t *testing.T, in *installation) {
		credentials := in.secrets()
		client := receive(t, nil)
		subscribed := subscribe(t, in)
		accepted := in.submit(credentials.Token, map[string]any{
			"recipe": twoPictures, "media": map[string]any{"id": "portrait.1 of us"}, "metadata": map[string]any{"order": "A-17"},
			"notify": []any{postbackTo(client.url + "/postback"), callbackTo(client.url + "/callback")},
		}, sample.Portrait)

		polled := in.await(credentials.Token, accepted.ID)
		if polled.State != events.StateCompleted || string(polled.Metadata) != `{"order":"A-17"}` {
			t.Fatalf("the job ended as %+v", polled)
		}
		posted := client.wait(t, "postback", 1)[0]
		verify(t, credentials, posted)
		var body struct{ Data events.Result }
		if err := json.Unmarshal([]byte(posted.body), &body); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(polled, body.Data); diff != "" {
			t.Errorf("the postback says otherwise than the status (-status +postback):\n%s", diff)
		}
		seen := <-subscribed
		if diff := cmp.Diff(polled, seen); diff != "" {
			t.Errorf("the CloudEvent says otherwise than the status (-status +event):\n%s", diff)
		}
		callback := client.wait(t, "callback", 1)[0]
		verify(t, credentials, callback)
		var item struct {
			ID     string `xml:"id"`
			Status int    `xml:"status"`
			Width  int    `xml:"width"`
			URL    string `xml:"publicUrl"`
		}
		if err := xml.Unmarshal([]byte(callback.body), &item); err != nil {
			t.Fatal(err)
		}
		if item.ID != "portrait.1 of us" || item.Status != 3 || item.Width != 300 || item.URL != polled.Outputs[0].URL {
			t.Errorf("the callback says %+v, the status %+v", item, polled.Outputs[0])
		}
		pictures(t, in, polled, map[string]image.Point{"large": {300, 300}, "gray": {300, 300}, "thumb": {150, 100}})
	})
}

// verify checks a signature as a receiver would.
func verify(tb testing.TB, credentials secrets, a arrival) {
	tb.Helper()
	if err := events.VerifyPostback([]string{credentials.WebhookSecret}, a.header, []byte(a.body), time.Now()); err != nil {
		tb.Errorf("signature: %v", err)
	}
}

// subscribe listens for results with the SDK: as the reader where there is one, else as the services.
func subscribe(tb testing.TB, in *installation) <-chan events.Result {
	tb.Helper()
	nc := in.connect()
	results := make(chan events.Result, 100)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- events.Subscribe(ctx, nc, func(_ context.Context, e event.Event) error {
			result, err := events.DecodeResult(e)
			results <- result
			return err
		}, events.WithApplication("demo"), events.WithFromStart())
	}()
	tb.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Errorf("subscriber: %v", err)
		}
		nc.Close()
	})
	return results
}

func (in *installation) connect() *nats.Conn {
	in.tb.Helper()
	for _, setting := range in.environ {
		if urls, ok := strings.CutPrefix(setting, "RINGBACK_NATS_URL="); ok {
			nc, err := nats.Connect(urls)
			if err != nil {
				in.tb.Fatal(err)
			}
			return nc
		}
	}
	logins, err := bus.ReadLogins(in.data)
	if err != nil {
		in.tb.Fatal(err)
	}
	nc, err := bus.ConnectReader(logins)
	if err != nil {
		in.tb.Fatal(err)
	}
	return nc
}

// pictures opens every output and compares its size.
func pictures(tb testing.TB, in *installation, result events.Result, want map[string]image.Point) {
	tb.Helper()
	got := map[string]image.Point{}
	for _, output := range result.Outputs {
		status, data, err := in.do(http.MethodGet, strings.TrimPrefix(output.URL, in.base), "", "", nil)
		if err != nil || status != http.StatusOK {
			tb.Fatalf("output %s: %d %v", output.ID, status, err)
		}
		picture, format, err := image.Decode(bytes.NewReader(data))
		if err != nil || format != output.Format || int64(len(data)) != output.Bytes {
			tb.Fatalf("output %s: a %s of %d bytes, %v; the result says %+v", output.ID, format, len(data), err, output)
		}
		got[output.ID] = picture.Bounds().Size()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("sizes (-want +got):\n%s", diff)
	}
}

func TestUnknownBlitlineFunctionIsAcceptedAndReported(t *testing.T) {
	t.Parallel()
	everyTopology(t, func(t *testing.T, in *installation) {
		token := in.secrets().Token
		client := receive(t, nil)
		job := fmt.Sprintf(`{"application_id":%q,"v":1.21,"src":"http://127.0.0.1:1/x.jpg","postback_url":%q,`+
			`"functions":[{"name":"blu3r","params":{},"save":{"image_identifier":"MY_CLIENT_ID"}}]}`, token, client.url+"/blitline")
		status, raw, err := in.do(http.MethodPost, "/job", "application/json", "", []byte(job))
		if err != nil || status != http.StatusOK {
			t.Fatalf("submit: %d %s %v", status, raw, err)
		}
		reply := parse[struct {
			Results struct {
				JobID string `json:"job_id"`
			}
		}](t, raw)
		want := `{"results":{"original_meta":{},"images":[],"job_id":"` + reply.Results.JobID +
			`","errors":["Image processing failed. Unknown function named 'blu3r'"],"failed_image_identifiers":["MY_CLIENT_ID"]}}`
		if got := client.wait(t, "blitline", 1)[0].body; got != want {
			t.Errorf("postback\n%s, want\n%s", got, want)
		}
		_, polled, err := in.do(http.MethodGet, "/listen/"+reply.Results.JobID, "", "", nil)
		if err != nil || string(polled) != want {
			t.Errorf("polled\n%s (%v), want\n%s", polled, err, want)
		}
	})
}

func TestBlitlineFormJobFromAnotherServer(t *testing.T) {
	t.Parallel()
	everyTopology(t, func(t *testing.T, in *installation) {
		source := pictureServer(t)
		client := receive(t, nil)
		job := fmt.Sprintf(`{"application_id":%q,"src":%q,"postback_url":%q,"functions":[{"name":"resize_to_fit",`+
			`"params":{"width":"200"},"save":{"image_identifier":"small"},"functions":[{"name":"sepia_tone","save":{"image_identifier":"old"}}]}]}`,
			in.secrets().Token, source+"/portrait.jpg", client.url+"/form")
		status, raw, err := in.do(http.MethodPost, "/job", "application/x-www-form-urlencoded", "",
			[]byte(url.Values{"json": {job}}.Encode()))
		if err != nil || status != http.StatusOK {
			t.Fatalf("submit: %d %s %v", status, raw, err)
		}
		fields, err := url.ParseQuery(client.wait(t, "form", 1)[0].body)
		if err != nil {
			t.Fatal(err)
		}
		result := parse[struct {
			Images []struct {
				Identifier string `json:"image_identifier"`
				URL        string `json:"s3_url"`
				Meta       struct{ Width, Height int }
			}
		}](t, []byte(fields.Get("results")))
		if len(result.Images) != 2 || result.Images[0].Meta.Width != 200 || result.Images[1].Identifier != "old" {
			t.Fatalf("results %s", fields.Get("results"))
		}
		status, _, err = in.do(http.MethodGet, strings.TrimPrefix(result.Images[1].URL, in.base), "", "", nil)
		if err != nil || status != http.StatusOK {
			t.Errorf("picture: %d %v", status, err)
		}
	})
}

func TestFailedPostbackIsRepeatedUnderOneID(t *testing.T) {
	t.Parallel()
	everyTopology(t, func(t *testing.T, in *installation) {
		client := receive(t, func(_ string, n int) int {
			if n == 1 {
				return http.StatusServiceUnavailable
			}
			return http.StatusNoContent
		})
		credentials := in.secrets()
		in.submit(credentials.Token, map[string]any{
			"recipe": map[string]any{"steps": []any{}}, "notify": []any{postbackTo(client.url + "/hook")},
		}, nil)
		got := client.wait(t, "hook", 2)
		if got[0].id() == "" || got[0].id() != got[1].id() || got[0].body != got[1].body {
			t.Errorf("two attempts with ids %q and %q", got[0].id(), got[1].id())
		}
		if pause := got[1].at.Sub(got[0].at); pause < 5*time.Second {
			t.Errorf("repeated after %s, want 5 s or more", pause)
		}
		verify(t, credentials, got[1])
	})
}
