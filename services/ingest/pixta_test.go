package ingest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/pixta"
	"github.com/ringback/ringback/services/ingest"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
)

const (
	pixtaPath = "/api/processes/v1/background_processes"
	sourceID  = "62ec7b0041e66d000146c60a"
	process   = `{"source_id":"` + sourceID + `","object_key":"000/018/083/18083.jpg","parameters":{"w":1600,"h":1600},` +
		`"destination_object_key":"000/018/083/18083.jpg"}`
)

// pixtaHouse has a source and two destinations, and one more that only jobs go to that name it.
func pixtaHouse(t *testing.T) *house {
	t.Helper()
	h := open(t, nil)
	for route, body := range map[string]string{
		"sources/photos":         `{"id":"` + sourceID + `","bucket":"pictures","prefix":"/live/","secure_key":"wakanda123@"}`,
		"sources/web":            `{"url":"https://example.com/pictures/"}`,
		"destinations/a-first":   `{"bucket":"example-bucket-name"}`,
		"destinations/b-second":  `{"bucket":"example-2-bucket-name","prefix":"p","headers":{"Cache-Control":"max-age=60"},"public_url":"https://cdn.example.com/"}`,
		"destinations/z-archive": `{"bucket":"archive","manual":true}`,
	} {
		if got := h.send(http.MethodPatch, "/v1/application/"+route, strings.NewReader(body), "Content-Type", "application/json"); got.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s", route, got.StatusCode, got.body)
		}
	}
	bucket, err := h.deps.Bus.Bucket(t.Context(), bus.ApplicationBucket)
	h.must(err)
	_, err = application.NewStore(bucket, h.deps.Key).ChangeSource(t.Context(), "demo", "photos", func(s *application.Source) error {
		s.Host = "img.example.com"
		return nil
	})
	h.must(err)
	if got := h.send(http.MethodPatch, "/v1/application/settings", strings.NewReader(`{"pixta":{"webhook_urls":["https://example.com/hook"]}}`),
		"Content-Type", "application/json"); got.StatusCode != http.StatusOK {
		t.Fatalf("settings: %s", got.body)
	}
	return h // the answer came once the directory knew the last change, and so all before it
}

func (h *house) process(body string, header ...string) reply {
	h.Helper()
	key := []string{"x-api-key", h.app.Secrets.Token.Reveal(), "Authorization", "", "Content-Type", "application/json"}
	return h.send(http.MethodPost, pixtaPath, strings.NewReader(body), append(key, header...)...)
}

func (h *house) poll(id string) reply {
	h.Helper()
	return h.send(http.MethodGet, pixtaPath+"/"+id, nil, "x-api-key", h.app.Secrets.Token.Reveal(), "Authorization", "")
}

type pixtaReply struct {
	StatusCode int `json:"status_code"`
	Message    string
	Response   struct {
		SourceID string `json:"source_id"`
		JobID    string `json:"job_id"`
	}
}

func TestPixta_Process(t *testing.T) {
	t.Parallel()
	h := pixtaHouse(t)
	got := read[pixtaReply](h, h.process(process), http.StatusOK)
	id, err := events.ParsePixtaID(got.Response.JobID, "demo")
	if err != nil || !id.Valid(h.deps.Key.Derive("job ids")) || got.Response.SourceID != sourceID || got.StatusCode != 200 {
		t.Errorf("got %+v, %v", got, err)
	}
	j, record, _ := h.newest(job.Standard, "demo")
	if j.ID != id {
		t.Errorf("the job is %s, and the client was told %s", j.ID, id)
	}
	wantSource := job.Source{Object: &job.Object{Bucket: "pictures", Key: "live/000/018/083/18083.jpg"}, Place: "photos"}
	if diff := cmp.Diff(wantSource, j.Source); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
	wantTo := [][]job.Destination{{
		{Kind: job.DestinationS3, Name: "a-first", Bucket: "example-bucket-name", Key: "000/018/083/18083.jpg"},
		{
			Kind: job.DestinationS3, Name: "b-second", Bucket: "example-2-bucket-name", Key: "p/000/018/083/18083.jpg",
			Base: "https://cdn.example.com/", Headers: map[string]string{"Cache-Control": "max-age=60"},
		},
	}}
	if diff := cmp.Diff(wantTo, record.Destinations); diff != "" {
		t.Errorf("destinations (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]job.Target{{Sink: job.SinkPostback, URL: "https://example.com/hook"}}, record.Targets); diff != "" || record.Dialect != pixta.Dialect {
		t.Errorf("targets of %s (-want +got):\n%s", record.Dialect, diff)
	}

	if got := read[pixtaReply](h, h.poll(id.Pixta()), http.StatusAccepted); got.StatusCode != 202 || got.Response.JobID != id.Pixta() {
		t.Errorf("before it is done: %+v", got)
	}
	h.publish("demo", id, record, events.Result{State: events.StateCompleted, Outputs: []events.Output{{
		ID: "image", URL: "https://example.com/a.jpg", Width: 2, Height: 1, Format: "jpeg", Bytes: 170_000,
		Stored: []events.Stored{{Name: "a-first", Bucket: "example-bucket-name", Key: "k"}},
	}}})
	want := `{"status_code":200,"message":"Success","response":{"source_id":"` + sourceID + `","job_id":"` + id.Pixta() +
		`","object_puts":[{"bucket":"example-bucket-name","key":"k"}],"mime":"image/jpeg","size":"170000"}}`
	if got := h.poll(id.Pixta()); got.body != want || got.StatusCode != http.StatusOK {
		t.Errorf("once it is done: %d %s", got.StatusCode, got.body)
	}
}

func TestPixta_Refuses(t *testing.T) {
	t.Parallel()
	h := pixtaHouse(t)
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	with := func(old, new string) string { return strings.Replace(process, old, new, 1) }
	for name, row := range map[string]struct {
		body   string
		header []string
		status int
		want   string
	}{
		"NoKey":         {process, []string{"x-api-key", ""}, 401, "x-api-key"},
		"WrongKey":      {process, []string{"x-api-key", "rb_x"}, 401, "x-api-key"},
		"NoJSON":        {`[]`, nil, 400, "not a JSON object"},
		"ValuesLost":    {"source_id=a&object_key=b&destination_object_key=c&parameters=w&parameters=h", form, 400, "json=payload"},
		"UnknownSource": {with(sourceID, "000000000000000000000000"), nil, 404, "no source 0000"},
		"KeyLeadsOut":   {with("000/018", "../018"), nil, 422, "object_key: invalid key"},
		"OwnKeyLeads":   {with(`"destination_object_key":"000`, `"destination_object_key":"a/..`), nil, 422, "destination_object_key: invalid key"},
		"Unknown":       {with(`"w":1600`, `"zoom":1,"blurr":2`), nil, 422, "Unknown parameters: blurr, zoom."},
		"Refused":       {with(`"w":1600`, `"faces":1`), nil, 422, "there is no detector of faces here"},
		"Wrong":         {with(`"w":1600`, `"w":"wide"`), nil, 422, "Invalid parameter w=wide"},
		"MarkLeadsOut":  {with(`"w":1600`, `"mark":"../logo.png"`), nil, 422, "mark: invalid key"},
		"TooLarge":      {with("18083", strings.Repeat("x", 1<<20)), nil, 413, "1 MiB"},
	} {
		got := read[pixtaReply](h, h.process(row.body, row.header...), row.status)
		if got.StatusCode != row.status || !strings.Contains(got.Message, row.want) {
			t.Errorf("%s: %d %q, want %q", name, got.StatusCode, got.Message, row.want)
		}
	}
	// An application without destinations, and what was never given out.
	other := []string{"x-api-key", h.other.Secrets.Token.Reveal()}
	if got := read[pixtaReply](h, h.process(process, other...), 404); !strings.Contains(got.Message, "no source") {
		t.Errorf("another's source: %q", got.Message)
	}
	for _, id := range []string{"2cade2860ffd188f2c4bd89e", "x", events.NewShortID(time.Now(), "other", h.deps.Key.Derive("job ids")).Pixta()} {
		read[pixtaReply](h, h.poll(id), http.StatusNotFound)
	}
	for _, method := range []string{http.MethodPut, http.MethodGet} {
		request, err := http.NewRequestWithContext(t.Context(), method, h.url+pixtaPath, nil)
		h.must(err)
		read[pixtaReply](h, h.do(request), http.StatusNotFound)
	}
}

func TestPixta_IgnoresUnknown(t *testing.T) {
	t.Parallel()
	h := pixtaHouse(t)
	h.send(http.MethodPatch, "/v1/application/settings", strings.NewReader(`{"pixta":{"ignore_unknown":true}}`), "Content-Type", "application/json")
	h.until(func() bool { app, _ := h.deps.Applications.ByID("demo"); return app.Settings.Pixta.IgnoreUnknown })
	body := strings.Replace(process, `"w":1600`, `"zoom":1,"faces":1,"mark":"logo.png"`, 1)
	read[pixtaReply](h, h.process(body), http.StatusOK)
	j, _, _ := h.newest(job.Standard, "demo")
	want := map[string]job.Source{"mark": {Object: &job.Object{Bucket: "pictures", Key: "live/logo.png"}, Place: "photos"}}
	if diff := cmp.Diff(want, j.Pictures); diff != "" {
		t.Errorf("pictures (-want +got):\n%s", diff)
	}
}

func (h *house) until(is func() bool) {
	h.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			h.Fatal("it does not become so")
		}
	}
}

// picture asks for a picture of the source at its host or by its id.
func (h *house) picture(host, where string, header ...string) reply {
	h.Helper()
	if host == "" {
		return h.send(http.MethodGet, where, nil, append([]string{"Authorization", ""}, header...)...)
	}
	request, err := http.NewRequestWithContext(h.Context(), http.MethodGet, h.url+where, nil)
	h.must(err)
	request.Host = host
	return h.do(request)
}

func TestPixta_Pictures(t *testing.T) {
	t.Parallel()
	h := pixtaHouse(t)
	const signed = "/books/database-internals.jpg?w=400&h=600&fit=crop&s=7d0d58f62c945d0ca08269205228bbe7"
	answered := make(chan reply, 3)
	ask := func(host, where string) { go func() { answered <- h.picture(host, where) }() }
	ask("img.example.com:8443", signed)
	ask("IMG.example.com", signed)
	ask("", "/pictures/"+sourceID+signed)
	var j job.Job
	h.until(func() bool {
		message, err := h.deps.Bus.Last(t.Context(), bus.Jobs, bus.JobSubject(job.High, "demo"))
		if err != nil {
			return false
		}
		event, _ := message.Event()
		id, _ := events.ParseID(event.Subject())
		j, _, err = job.Decode(id, message.Data)
		return err == nil
	})
	want := job.Source{Object: &job.Object{Bucket: "pictures", Key: "live/books/database-internals.jpg"}, Place: "photos"}
	if diff := cmp.Diff(want, j.Source); diff != "" || len(j.Locations) != 1 {
		t.Errorf("source (-want +got):\n%s%v", diff, j.Locations)
	}
	h.must(h.store.Put(t.Context(), j.Locations[0].Key, []byte("a picture"), "image/jpeg"))
	h.publish("demo", j.ID, job.Record{Dialect: pixta.Dialect}, events.Result{State: events.StateCompleted})
	for range 3 {
		got := <-answered
		if got.StatusCode != http.StatusOK || got.body != "a picture" || got.Header.Get("Content-Type") != "image/jpeg" ||
			got.Header.Get("Cache-Control") != "public, max-age=86400" || got.Header.Get("ETag") == "" {
			t.Errorf("got %d %v %s", got.StatusCode, got.Header, got.body)
		}
	}
	if last, _, _ := h.newest(job.High, "demo"); last.ID != j.ID {
		t.Errorf("another job was made: %s", last.ID)
	}
	etag := h.picture("", "/pictures/"+sourceID+signed).Header.Get("ETag")
	if got := h.picture("", "/pictures/"+sourceID+signed, "If-None-Match", etag); got.StatusCode != http.StatusNotModified {
		t.Errorf("what the client has: %d", got.StatusCode)
	}
	if got := h.picture("", "/pictures/"+sourceID+signed, "Range", "bytes=2-4"); got.StatusCode != http.StatusPartialContent || got.body != "pic" {
		t.Errorf("a part: %d %s", got.StatusCode, got.body)
	}
	for _, altered := range []string{
		strings.Replace(signed, "w=400", "w=401", 1), strings.Replace(signed, "books", "book", 1), strings.Replace(signed, "&s=7d", "&s=7e", 1),
		signed + "&q=10", strings.Split(signed, "&s=")[0], "/books/database-internals.jpg",
	} {
		for _, host := range []string{"img.example.com", ""} {
			where := altered
			if host == "" {
				where = "/pictures/" + sourceID + altered
			}
			if got := h.picture(host, where); got.StatusCode != http.StatusUnauthorized || got.Header.Get("Cache-Control") != "no-cache" {
				t.Errorf("%s at %q: %d", altered, host, got.StatusCode)
			}
		}
	}
}

// TestPixta_OwnHost lets no source take the place of the installation itself.
func TestPixta_OwnHost(t *testing.T) {
	t.Parallel()
	h := open(t, func(c *ingest.Config) { c.PublicURL = "https://Pictures.example.com" })
	bucket, err := h.deps.Bus.Bucket(t.Context(), bus.ApplicationBucket)
	h.must(err)
	for host, name := range map[string]string{"pictures.example.com": "own", "img.example.com": "other"} {
		_, err = application.NewStore(bucket, h.deps.Key).ChangeSource(t.Context(), "demo", name, func(s *application.Source) error {
			s.Bucket, s.Host = "pictures", host
			return nil
		})
		h.must(err)
		h.until(func() bool { _, _, known := h.deps.Applications.SourceByHost(host); return known })
	}
	for host, status := range map[string]int{"pictures.example.com": http.StatusOK, "img.example.com": http.StatusUnprocessableEntity} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.url+"/livez?zoom=1", nil)
		h.must(err)
		request.Host = host
		if got := h.do(request); got.StatusCode != status {
			t.Errorf("%s: %d, want %d", host, got.StatusCode, status)
		}
	}
}

func TestPixta_PicturesRefused(t *testing.T) {
	t.Parallel()
	h := pixtaHouse(t)
	at := func(path, query string) string {
		return "/pictures/" + sourceID + path + "?" + query + "&s=" + pixta.Signature(path, query, "wakanda123@")
	}
	past, soon := time.Now().Add(-time.Second).Unix(), time.Now().Add(time.Hour).Unix()
	for where, status := range map[string]int{
		at("/a.jpg", "zoom=1"):                                http.StatusUnprocessableEntity,
		at("/a.jpg", fmt.Sprintf("w=10&expires=%d", past)):    http.StatusNotFound,
		at("/%2e%2e/a.jpg", "w=10"):                           http.StatusNotFound,
		"/pictures/000000000000000000000000/a.jpg?w=10":       http.StatusNotFound,
		"/pictures/" + sourceID + "/a.jpg?w=10&s=&s=&expires": http.StatusUnauthorized,
	} {
		got := h.picture("", where)
		var body pixtaReply
		if err := json.Unmarshal([]byte(got.body), &body); err != nil || got.StatusCode != status || body.StatusCode != status {
			t.Errorf("%s: %d %s (%v), want %d", where, got.StatusCode, got.body, err, status)
		}
	}
	// A picture that cannot be made is not tried again for a while, and one that expires is kept no longer.
	where := at("/b.jpg", fmt.Sprintf("w=10&expires=%d", soon))
	answered := make(chan reply, 1)
	go func() { answered <- h.picture("", where) }()
	var id events.ID
	h.until(func() bool {
		message, err := h.deps.Bus.Last(t.Context(), bus.Jobs, bus.JobSubject(job.High, "demo"))
		if err != nil {
			return false
		}
		event, _ := message.Event()
		id, err = events.ParseID(event.Subject())
		return err == nil
	})
	h.publish("demo", id, job.Record{Dialect: pixta.Dialect}, events.Result{
		State: events.StateFailed, Errors: []events.Failure{{Code: "source_not_found", Message: "There is no such picture."}},
	})
	if got := <-answered; got.StatusCode != http.StatusNotFound {
		t.Errorf("missing: %d %s", got.StatusCode, got.body)
	}
	again := h.picture("", where)
	if last, _, _ := h.newest(job.High, "demo"); again.StatusCode != http.StatusNotFound || last.ID != id {
		t.Errorf("missing again: %d, and the last job is %s", again.StatusCode, last.ID)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/v1/jobs", strings.NewReader("{}"))
	h.must(err)
	request.Host = "img.example.com"
	if got := h.do(request); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a job at the host of pictures: %d", got.StatusCode)
	}
}

// do makes a request that the contract knows nothing of.
func (h *house) do(request *http.Request) reply {
	h.Helper()
	answer, err := h.client.Do(request)
	h.must(err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	h.must(err)
	return reply{answer, string(text)}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	h := pixtaHouse(t)
	type sources struct{ Sources []application.Source }
	all := read[sources](h, h.send(http.MethodGet, "/v1/application/sources", nil), http.StatusOK).Sources
	if len(all) != 2 || all[0].Name != "photos" || !all[0].Secured || all[1].URL != "https://example.com/pictures/" || len(all[1].ID) != 24 {
		t.Errorf("sources %+v", all)
	}
	patch := func(route, body string) reply {
		return h.send(http.MethodPatch, "/v1/application/"+route, strings.NewReader(body), "Content-Type", "application/merge-patch+json")
	}
	wantProblem(t, patch("sources/photos", `{"host":"x","bucket":1}`), "invalid-request", "photos.bucket", "photos.host")
	wantProblem(t, patch("sources/new", `{"bucket":"b","id":"`+sourceID+`"}`), "invalid-request")
	wantProblem(t, patch("sources/New", `{"bucket":"b"}`), "invalid-request")
	wantProblem(t, patch("destinations/a-first", `{"bucket":null}`), "invalid-request")
	got := read[sources](h, h.send(http.MethodDelete, "/v1/application/sources/web", nil), http.StatusOK).Sources
	if len(got) != 1 {
		t.Errorf("left %+v", got)
	}
	wantProblem(t, h.send(http.MethodDelete, "/v1/application/sources/web", nil), "not-found")
	wantProblem(t, h.send(http.MethodDelete, "/v1/application/destinations/web", nil), "not-found")
	wantProblem(t, h.send(http.MethodGet, "/v1/application/destinations", nil, "Authorization", ""), "unauthorized")
	type destinations struct{ Destinations []application.Destination }
	if got := read[destinations](h, h.send(http.MethodGet, "/v1/application/destinations", nil), http.StatusOK).Destinations; len(got) != 3 || !got[2].Manual {
		t.Errorf("destinations %+v", got)
	}
}

// TestPlaces_Native names sources and destinations in a native job.
func TestPlaces_Native(t *testing.T) {
	t.Parallel()
	h := pixtaHouse(t)
	body := func(source, key, destination, to string) string {
		return fmt.Sprintf(`{"source":{"source":%q,"key":%q},"recipe":{"steps":[{"op":"grayscale","save":{"id":"plain"}},
			{"op":"negate","save":{"id":"gray","destinations":[{"name":"z-archive","key":"2026/gray.jpg"},{"name":%q,"key":%q}]}}]}}`,
			source, key, destination, to)
	}
	accepted := read[acceptedReply](h, h.post(body("photos", "a.jpg", "b-second", "g.jpg")), http.StatusAccepted)
	if len(accepted.Outputs) != 2 || accepted.Outputs[1].URL != "http://s3.amazonaws.com/archive/2026/gray.jpg" {
		t.Errorf("outputs %+v", accepted.Outputs)
	}
	j, record, _ := h.newest(job.Standard, "demo")
	if want := (job.Source{Object: &job.Object{Bucket: "pictures", Key: "live/a.jpg"}, Place: "photos"}); !cmp.Equal(want, j.Source) {
		t.Errorf("source %+v", j.Source)
	}
	if len(record.Destinations) != 2 || record.Destinations[0] != nil || len(record.Destinations[1]) != 2 || record.Destinations[1][1].Key != "p/g.jpg" {
		t.Errorf("destinations %+v", record.Destinations)
	}
	wantProblem(t, h.post(body("films", "a.jpg", "b-second", "g.jpg")), "invalid-request", "source.source")
	wantProblem(t, h.post(body("photos", "../a.jpg", "c-third", "g.jpg")), "invalid-request", "source.key", "destinations of the output 1")
	wantProblem(t, h.post(body("photos", "a.jpg", "b-second", "a/../../g.jpg")), "invalid-request", "destinations of the output 1")
}
