package e2e_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	_ "image/jpeg"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/sample"
	"github.com/ringback/ringback/services/internal/storage/s3test"
)

const (
	pixtaProcesses = "/api/processes/v1/background_processes"
	pixtaSource    = "62ec7b0041e66d000146c60a"
	// pixtaRequest is what Python's requests send of the seed's payload with json=.
	pixtaRequest = `{"source_id": "62ec7b0041e66d000146c60a", "object_key": "000/018/083/18083.jpg", "parameters": {"w": 1600, "h": 1600}, "destination_object_key": "000/018/083/18083.jpg"}`
	// pixtaSeed is the webhook that the provider's documents print.
	pixtaSeed = `{"status_code":200,"message":"Success","response":{"source_id":"62ec7b0041e66d000146c60a","job_id":"2cade2860ffd188f2c4bd89e","object_puts":[{"bucket":"example-bucket-name","key":"000/018/083/18083.jpg"},{"bucket":"example-2-bucket-name","key":"000/018/083/18083.jpg"}],"mime":"image/jpeg","size":"170000"}}`
)

// gate stands before a server of buckets, counts what is put, and is closed for some buckets.
type gate struct {
	url string

	mu     sync.Mutex
	puts   map[string]int
	closed map[string]bool
}

func openGate(tb testing.TB, store *s3test.Server) *gate {
	tb.Helper()
	g := &gate{puts: map[string]int{}, closed: map[string]bool{}}
	target, err := url.Parse(store.URL)
	if err != nil {
		tb.Fatal(err)
	}
	// The host stays as it was sent: it is signed.
	behind := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }}
	g.url = serveFunc(tb, func(w http.ResponseWriter, r *http.Request) {
		bucket, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		g.mu.Lock()
		if r.Method == http.MethodPut {
			g.puts[bucket]++
		}
		closed := g.closed[bucket]
		g.mu.Unlock()
		if closed {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		behind.ServeHTTP(w, r)
	})
	return g
}

func (g *gate) close(bucket string, closed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed[bucket], g.puts = closed, map[string]int{}
}

func (g *gate) count(bucket string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.puts[bucket]
}

// pixtaHouse is an installation that a client of Pixta Cloud has been pointed at.
type pixtaHouse struct {
	*installation
	token string
	store *s3test.Server
	gate  *gate
	hooks *receiver
}

func openPixta(t *testing.T) *pixtaHouse {
	t.Helper()
	p := &pixtaHouse{
		installation: oneProcess(t), hooks: receive(t, nil),
		store: s3test.Start(t, "pictures", "example-bucket-name", "example-2-bucket-name"),
	}
	p.gate = openGate(t, p.store)
	account := p.store.Account("here")
	account.Endpoint = p.gate.url
	p.addStorage(account)
	p.ringback("destination", "add", "demo", "a-first", "--bucket", "example-bucket-name")
	p.ringback("destination", "add", "demo", "b-second", "--bucket", "example-2-bucket-name")
	p.ringback("app", "set", "demo", "--pixta-webhook", p.hooks.url+"/hook")
	// Last, so that whoever knows of the source knows of everything.
	source := p.command("source", "add", "demo", "photos", "--id", pixtaSource, "--bucket", "pictures", "--host", "img.localhost", "--secure")
	source.Stdin = strings.NewReader("wakanda123@\n")
	if out, err := source.CombinedOutput(); err != nil {
		t.Fatalf("source add: %v %s", err, out)
	}
	p.store.Write("pictures", "000/018/083/18083.jpg", sample.Portrait)
	p.token = p.secrets().Token
	eventually(t, "the source is known", func() bool {
		status, _, err := p.ask(http.MethodGet, "/pictures/"+pixtaSource+"/none.jpg", "")
		return err == nil && status == http.StatusUnauthorized
	})
	return p
}

// ask sends a request as a client of the format does.
func (p *pixtaHouse) ask(method, path, body string) (int, []byte, error) {
	request, err := http.NewRequestWithContext(p.tb.Context(), method, p.base+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("x-api-key", p.token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	return answer.StatusCode, raw, err
}

// process hands a background process over and returns its id.
func (p *pixtaHouse) process(body string) string {
	p.tb.Helper()
	status, raw, err := p.ask(http.MethodPost, pixtaProcesses, body)
	if err != nil || status != http.StatusOK {
		p.tb.Fatalf("process: %d %s %v", status, raw, err)
	}
	return parse[pixtaBody](p.tb, raw).Response.JobID
}

// pixtaBody is what a client reads of a webhook.
type pixtaBody struct {
	StatusCode int    `json:"status_code"`
	Message    string `json:"message"`
	Response   struct {
		SourceID   string                         `json:"source_id"`
		JobID      string                         `json:"job_id"`
		ObjectPuts []struct{ Bucket, Key string } `json:"object_puts"`
		MIME       string
		Size       string
	}
}

// verified does what the provider's sample in Ruby does with a webhook.
func verified(a arrival, secretToken string) bool {
	mac := hmac.New(sha256.New, []byte(secretToken))
	mac.Write([]byte(a.body))
	signature := "sha256=" + hex.EncodeToString(mac.Sum(nil))
	return subtle.ConstantTimeCompare([]byte(signature), []byte(a.header.Get("x-ims-signature-256"))) == 1
}

// TestPixta_Seed makes the request of the provider's documents. The webhook has their fields in their order.
func TestPixta_Seed(t *testing.T) {
	t.Parallel()
	p := openPixta(t)
	id := p.process(pixtaRequest)
	told := p.hooks.wait(t, "hook", 1)[0]
	if !verified(told, p.secrets().WebhookSecret) || verified(arrival{body: told.body + " ", header: told.header}, p.secrets().WebhookSecret) {
		t.Errorf("the signature %q does not verify", told.header.Get("x-ims-signature-256"))
	}
	if got := parse[pixtaBody](t, []byte(told.body)); got.StatusCode != http.StatusOK {
		t.Fatalf("told %s", told.body)
	}
	first := p.store.Read("example-bucket-name", "000/018/083/18083.jpg")
	second := p.store.Read("example-2-bucket-name", "000/018/083/18083.jpg")
	picture, format, err := image.DecodeConfig(bytes.NewReader(first))
	if err != nil || format != "jpeg" || max(picture.Width, picture.Height) != 1600 || !bytes.Equal(first, second) {
		t.Errorf("in the buckets are %d and %d bytes: a %s of %d × %d, %v", len(first), len(second), format, picture.Width, picture.Height, err)
	}
	// Only what no two jobs have in common is another.
	want := strings.NewReplacer("2cade2860ffd188f2c4bd89e", id, "170000", fmt.Sprint(len(first))).Replace(pixtaSeed)
	if diff := cmp.Diff(want, told.body); diff != "" || len(id) != 24 {
		t.Errorf("webhook of %s (-want +got):\n%s", id, diff)
	}
	if status, polled, err := p.ask(http.MethodGet, pixtaProcesses+"/"+id, ""); err != nil || status != http.StatusOK || string(polled) != told.body {
		t.Errorf("polled %d %s %v", status, polled, err)
	}
}

// TestPixta_OneDestinationDown writes the others once, tries the one that is down again alone, and says which failed.
func TestPixta_OneDestinationDown(t *testing.T) {
	t.Parallel()
	p := openPixta(t)
	p.gate.close("example-2-bucket-name", true)
	p.process(pixtaRequest)
	told := parse[pixtaBody](t, []byte(p.hooks.wait(t, "hook", 1)[0].body))
	if told.StatusCode != http.StatusMultiStatus || len(told.Response.ObjectPuts) != 1 || told.Response.ObjectPuts[0].Bucket != "example-bucket-name" ||
		!strings.Contains(told.Message, "503") || !strings.Contains(told.Message, "example-2-bucket-name") {
		t.Errorf("told %+v", told)
	}
	if one, other := p.gate.count("example-bucket-name"), p.gate.count("example-2-bucket-name"); one != 1 || other != 3 {
		t.Errorf("put %d times at the one that is up and %d times at the one that is down, want 1 and 3", one, other)
	}

	// One that is down for a moment takes the picture later, and nothing is missing in the end.
	p.gate.close("example-2-bucket-name", true)
	p.process(strings.ReplaceAll(pixtaRequest, `"destination_object_key": "000`, `"destination_object_key": "later/000`))
	eventually(t, "the first try is over", func() bool { return p.gate.count("example-2-bucket-name") > 0 })
	p.gate.close("example-2-bucket-name", false)
	later := parse[pixtaBody](t, []byte(p.hooks.wait(t, "hook", 2)[1].body))
	if later.StatusCode != http.StatusOK || len(p.store.Read("example-2-bucket-name", "later/000/018/083/18083.jpg")) == 0 {
		t.Errorf("told %+v", later)
	}
	if n := p.gate.count("example-bucket-name"); n != 0 { // since the gate was opened again
		t.Errorf("put %d more times where it was already", n)
	}
}

// TestPixta_Failures tells of what cannot be made, in the same envelope.
func TestPixta_Failures(t *testing.T) {
	t.Parallel()
	p := openPixta(t)
	p.store.Write("pictures", "text.jpg", []byte("this is no picture"))
	for key, status := range map[string]int{"missing.jpg": http.StatusNotFound, "text.jpg": http.StatusUnprocessableEntity} {
		id := p.process(strings.Replace(pixtaRequest, "000/018/083/18083.jpg", key, 1))
		eventually(t, key+" is done", func() bool {
			status, _, err := p.ask(http.MethodGet, pixtaProcesses+"/"+id, "")
			return err == nil && status == http.StatusOK
		})
		_, raw, _ := p.ask(http.MethodGet, pixtaProcesses+"/"+id, "")
		got := parse[pixtaBody](t, raw)
		if got.StatusCode != status || got.Response.JobID != id || got.Response.SourceID != pixtaSource || !strings.Contains(string(raw), `"object_puts":[]`) {
			t.Errorf("%s: %s, want %d", key, raw, status)
		}
	}
	form := "source_id=62&object_key=000%2Fa.jpg&parameters=w&parameters=h&destination_object_key=d"
	if status, raw, err := p.ask(http.MethodPost, pixtaProcesses, form); err != nil || status != http.StatusBadRequest {
		t.Errorf("a form called JSON: %d %s %v", status, raw, err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.base+pixtaProcesses, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("x-api-key", p.token)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if raw, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusBadRequest || !strings.Contains(string(raw), "json=payload") {
		t.Errorf("the documents' own sample: %d %s", answer.StatusCode, raw)
	}
}

// TestPixta_Pictures looks at pictures of a source, which are made when they are first asked for.
func TestPixta_Pictures(t *testing.T) {
	t.Parallel()
	p := openPixta(t)
	signed := func(path, query string) string {
		sum := md5.Sum([]byte(path + "?" + query + "wakanda123@"))
		return path + "?" + query + "&s=" + hex.EncodeToString(sum[:])
	}
	where := signed("/000/018/083/18083.jpg", "w=80&h=60&fit=crop&fm=png")
	byHost := func(where string) (int, []byte) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.base+where, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = "img.localhost"
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		raw, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, raw
	}
	status, made := byHost(where)
	if status != http.StatusOK || !bytes.HasPrefix(made, []byte("\x89PNG")) {
		t.Fatalf("at the host: %d, %d bytes", status, len(made))
	}
	if status, again, err := p.ask(http.MethodGet, "/pictures/"+pixtaSource+where, ""); err != nil || status != http.StatusOK || !bytes.Equal(made, again) {
		t.Errorf("by its id: %d, %d bytes, %v", status, len(again), err)
	}
	if status, _ := byHost(strings.Replace(where, "w=80", "w=90", 1)); status != http.StatusUnauthorized {
		t.Errorf("altered: %d, want 401", status)
	}
	if status, _ := byHost(signed("/000/nothing.jpg", "w=80")); status != http.StatusNotFound {
		t.Errorf("missing: %d, want 404", status)
	}
	if status, _ := byHost(signed("/000/018/083/18083.jpg", fmt.Sprintf("w=80&expires=%d", time.Now().Add(-time.Minute).Unix()))); status != http.StatusNotFound {
		t.Errorf("expired: %d, want 404", status)
	}
}

// TestNative_Places has a native job read a source and write two destinations.
func TestNative_Places(t *testing.T) {
	t.Parallel()
	p := openPixta(t)
	accepted := p.submit(p.token, map[string]any{
		"source": map[string]any{"source": "photos", "key": "000/018/083/18083.jpg"},
		"recipe": map[string]any{"steps": []any{map[string]any{
			"op": "fit", "params": map[string]any{"width": 50, "height": 50},
			"save": map[string]any{"id": "a", "destinations": []any{
				map[string]any{"name": "a-first", "key": "n/1.jpg"}, map[string]any{"name": "b-second", "key": "n/2.jpg"},
			}},
		}}},
	}, nil)
	result := p.await(p.token, accepted.ID)
	if result.State != events.StateCompleted || len(result.Outputs) != 1 || len(result.Outputs[0].Stored) != 2 {
		t.Fatalf("got %s", marshal(t, result))
	}
	if one, two := p.store.Read("example-bucket-name", "n/1.jpg"), p.store.Read("example-2-bucket-name", "n/2.jpg"); !bytes.Equal(one, two) {
		t.Error("the two are not the same picture")
	}
	if got := result.Outputs[0].Stored[1]; got.Name != "b-second" || got.Bucket != "example-2-bucket-name" || got.Key != "n/2.jpg" || got.Error != nil {
		t.Errorf("stored %+v", got)
	}
	if raw, _ := json.Marshal(result); strings.Contains(string(raw), "Signature") {
		t.Errorf("a signature is shown: %s", raw)
	}
}
