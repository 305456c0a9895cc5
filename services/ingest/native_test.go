package ingest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/job"
)

func TestPostJob_ByURL(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	answer := h.post(`{"source":{"url":"http://127.0.0.1:1/a.jpg"},
		"recipe":{"steps":[{"op":"grayscale","save":{"id":"a/../b","format":"webp"},"steps":[{"save":{"id":"same"}}]}]},
		"notify":[{"postback":{"url":"http://127.0.0.1:1/hook","headers":{"X-Key":"s3cret"}}},{"eventbridge":{}}],
		"metadata":{"order":"A-17"},"media":{"id":"m 1"}}`)
	accepted := read[acceptedReply](h, answer, http.StatusAccepted)

	j, record, message := h.newest(job.Standard, "demo")
	if j.ID.String() != accepted.ID || message.Header.Get("Nats-Msg-Id") != accepted.ID {
		t.Errorf("the bus has %s (message id %s), the client was told %s", j.ID, message.Header.Get("Nats-Msg-Id"), accepted.ID)
	}
	if !j.ID.Valid(h.deps.Key.Derive("job ids")) || j.ID.Tag() != events.Tag("demo") {
		t.Errorf("%s does not prove itself", j.ID)
	}
	files := h.url + "/files/demo/" + accepted.ID
	want := acceptedReply{ID: accepted.ID, State: "queued", Outputs: []struct{ ID, URL string }{
		{"a/../b", files + "/0-a----b.webp"}, {"same", files + "/1-same"},
	}}
	want.Links.Self = h.url + "/v1/jobs/" + accepted.ID
	if diff := cmp.Diff(want, accepted); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}
	if got := answer.Header.Get("Location"); got != want.Links.Self {
		t.Errorf("Location is %q, want %q", got, want.Links.Self)
	}
	wantJob := job.Job{
		ID: j.ID, Application: "demo", Class: job.Standard, AcceptedAt: j.ID.Time(), Recipe: j.Recipe,
		Source: job.Source{URL: "http://127.0.0.1:1/a.jpg"}, Media: &events.MediaRef{ID: "m 1"}, Metadata: json.RawMessage(`{"order":"A-17"}`),
		Locations: []job.Location{
			{Key: "out/demo/" + accepted.ID + "/0-a----b.webp", URL: files + "/0-a----b.webp"},
			{Key: "out/demo/" + accepted.ID + "/1-same", URL: files + "/1-same"},
		},
	}
	if diff := cmp.Diff(wantJob, j); diff != "" {
		t.Errorf("job (-want +got):\n%s", diff)
	}
	wantRecord := job.Record{Dialect: "native", Targets: []job.Target{
		{Sink: job.SinkPostback, URL: "http://127.0.0.1:1/hook", Headers: map[string]string{"X-Key": "s3cret"}},
		{Sink: job.SinkEventBridge},
	}}
	if diff := cmp.Diff(wantRecord, record); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if bytes.Contains(message.Data, []byte("s3cret")) || strings.Contains(string(message.Data), "hook") {
		t.Error("the record is on the bus in clear")
	}
}

func TestPostJob_WithThePicture(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	const recipe = `"recipe":{"steps":[{"save":{"id":"a"}}]}`
	picture := []byte("\x89PNG not really")
	form, formType := formOf(t, part{"job", "application/json", "{" + recipe + "}"}, part{"file", "image/png", string(picture)})
	tests := []struct {
		name string
		send func(*house) reply
	}{
		{"Upload", func(h *house) reply {
			return h.send(http.MethodPost, "/v1/jobs", bytes.NewReader(form), "Content-Type", formType)
		}},
		{"UploadInChunks", func(h *house) reply {
			return h.send(http.MethodPost, "/v1/jobs", struct{ *bytes.Reader }{bytes.NewReader(form)}, "Content-Type", formType)
		}},
		{"DataURI", func(h *house) reply {
			return h.post(`{"source":{"data":"data:image/png;base64,` + base64.StdEncoding.EncodeToString(picture) + `"},` + recipe + `}`)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := h.in(t)
			accepted := read[acceptedReply](h, tt.send(h), http.StatusAccepted)
			j, _, _ := h.newest(job.Standard, "demo")
			if j.ID.String() != accepted.ID || !cmp.Equal(j.Source, job.Source{Blob: "sources/demo/" + accepted.ID}) {
				t.Errorf("%s has source %+v, want the upload of %s", j.ID, j.Source, accepted.ID)
			}
			data, contentType, err := h.store.Get(t.Context(), j.Source.Blob)
			if err != nil || !bytes.Equal(data, picture) || contentType != "image/png" {
				t.Errorf("stored %q as %s (%v), want the picture", data, contentType, err)
			}
		})
	}
}

func TestPostJob_Priority(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	for priority, class := range map[string]job.Class{"high": job.High, "standard": job.Standard, "bulk": job.Bulk} {
		id := h.submit(`{"recipe":{"steps":[]},"priority":"` + priority + `"}`)
		if j, _, _ := h.newest(class, "demo"); j.ID != id || j.Class != class {
			t.Errorf("%s: the newest %s job is %s of class %s", priority, class, j.ID, j.Class)
		}
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	count := func(t *testing.T) uint64 {
		t.Helper()
		_, _, message := h.in(t).newest(job.Standard, "demo")
		return message.Sequence
	}

	t.Run("SameKeySameJob", func(t *testing.T) {
		h := h.in(t)
		first := h.post(native, "Idempotency-Key", "one")
		stored := count(t)
		second := h.post(native, "Idempotency-Key", "one")
		if first.body != second.body || first.StatusCode != second.StatusCode || first.Header.Get("Location") != second.Header.Get("Location") {
			t.Errorf("the repeat got %d %s, want %d %s", second.StatusCode, second.body, first.StatusCode, first.body)
		}
		if first.Header.Get("Idempotency-Replayed") != "" || second.Header.Get("Idempotency-Replayed") != "true" {
			t.Error("Idempotency-Replayed does not tell the repeat from the first")
		}
		if count(t) != stored {
			t.Error("the repeat is a second job")
		}
	})

	t.Run("AnotherRequestIsAConflict", func(t *testing.T) {
		h := h.in(t)
		h.submit(native, "Idempotency-Key", "two")
		wantProblem(t, h.post(strings.Replace(native, `"gray"`, `"grey"`, 1), "Idempotency-Key", "two"), "idempotency-conflict")
	})

	t.Run("KeysBelongToTheirApplication", func(t *testing.T) {
		h := h.in(t)
		first := h.submit(native, "Idempotency-Key", "three")
		other := h.submit(native, "Idempotency-Key", "three", "Authorization", "Bearer "+h.other.Secrets.Token.Reveal())
		if first == other {
			t.Error("another application got the job of the first")
		}
	})

	t.Run("AfterTheResult", func(t *testing.T) {
		h := h.in(t)
		id := h.submit(native, "Idempotency-Key", "four")
		h.publish("demo", id, job.Record{}, events.Result{State: events.StateCompleted})
		h.submit(native) // so that the first is not the newest any more
		stored := count(t)
		if again := h.submit(native, "Idempotency-Key", "four"); again != id || count(t) != stored {
			t.Errorf("the repeat is %s and the newest job %d, want %s and %d", again, count(t), id, stored)
		}
	})

	t.Run("AfterALostAnswer", func(t *testing.T) {
		h := h.in(t)
		// The key is written and the process dies before the job is: here by filling in for the first request.
		id := h.newID("demo")
		h.promise("demo", "five", id, native)
		if got := h.submit(native, "Idempotency-Key", "five"); got != id {
			t.Errorf("got %s, want the promised %s", got, id)
		}
		if j, _, _ := h.newest(job.Standard, "demo"); j.ID != id {
			t.Error("the promised job is not on the bus")
		}
	})

	t.Run("UploadsCountAsPartOfTheRequest", func(t *testing.T) {
		h := h.in(t)
		send := func(picture string) reply {
			form, formType := formOf(t, part{"job", "", `{"recipe":{"steps":[]}}`}, part{"file", "", picture})
			return h.send(http.MethodPost, "/v1/jobs", bytes.NewReader(form), "Content-Type", formType, "Idempotency-Key", "six")
		}
		first, same := send("one"), send("one")
		if first.body != same.body {
			t.Errorf("got %s, then %s", first.body, same.body)
		}
		wantProblem(t, send("two"), "idempotency-conflict")
	})

	t.Run("TooLong", func(t *testing.T) {
		wantProblem(t, h.post(native, "Idempotency-Key", strings.Repeat("k", 256)), "invalid-request")
	})
}

// TestPostJob_KeepsNoUploadOfARefusedJob is about pictures that nobody would ever remove.
func TestPostJob_KeepsNoUploadOfARefusedJob(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	h.fill("demo", job.Standard)
	id := h.newID("demo")
	h.promise("demo", "key", id, `{"recipe":{"steps":[]}}picture`)
	form, formType := formOf(t, part{"job", "", `{"recipe":{"steps":[]}}`}, part{"file", "", "picture"})
	post := func(header ...string) reply {
		return h.send(http.MethodPost, "/v1/jobs", bytes.NewReader(form), append(header, "Content-Type", formType)...)
	}
	wantProblem(t, post("Idempotency-Key", "key"), "queue-full")
	if _, err := h.store.Stat(t.Context(), "sources/demo/"+id.String()); err != nil {
		t.Errorf("the upload of a job that may have been accepted before is gone: %v", err)
	}
	fresh := open(t, nil) // without the memory of the refusal
	fresh.fill("demo", job.Standard)
	wantProblem(t, fresh.send(http.MethodPost, "/v1/jobs", bytes.NewReader(form), "Content-Type", formType), "queue-full")
	if left := fresh.blobs(); len(left) > 0 {
		t.Errorf("left in the store: %v", left)
	}
}

// part is one part of a form; a file when it has a content type other than the document's.
type part struct{ name, contentType, body string }

// formOf writes multipart/form-data.
func formOf(tb testing.TB, parts ...part) (body []byte, contentType string) {
	tb.Helper()
	var buffer bytes.Buffer
	form := multipart.NewWriter(&buffer)
	for _, p := range parts {
		header := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + p.name + `"; filename="x"`}}
		if p.contentType != "" {
			header.Set("Content-Type", p.contentType)
		}
		w, err := form.CreatePart(header)
		if err == nil {
			_, err = w.Write([]byte(p.body))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		tb.Fatal(err)
	}
	return buffer.Bytes(), form.FormDataContentType()
}
