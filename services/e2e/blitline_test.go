package e2e_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/imaging/imagingtest"
	"github.com/ringback/ringback/services/internal/sample"
	"github.com/ringback/ringback/services/internal/storage/s3test"
)

// blitline is an installation that its clients have been pointed at: with HTTPS, and with an account for a server of
// buckets.
type blitline struct {
	*installation
	token  string
	secure string // host and port of HTTPS
	store  *s3test.Server
}

func openBlitline(tb testing.TB) *blitline {
	tb.Helper()
	b := &blitline{installation: &installation{tb: tb, data: tb.TempDir()}, store: s3test.Start(tb, "pictures")}
	b.secure = fmt.Sprintf("127.0.0.1:%d", freePort(tb))
	b.environ = append(b.settings(), "RINGBACK_NATS_ADDR=127.0.0.1:0", "RINGBACK_POSTBACK_TIMEOUT=2s",
		"RINGBACK_POSTBACK_SCHEDULE_BLITLINE=1h")
	b.ringback("tls")
	b.environ = append(b.environ, "RINGBACK_HTTPS_ADDR="+b.secure)
	b.start()
	b.addStorage(b.store.Account("here"))
	wrong := b.store.Account("wrong")
	wrong.SecretAccessKey = "not the secret"
	b.addStorage(wrong, "locked")
	b.token = b.secrets().Token
	return b
}

// addStorage gives the application an account for the buckets, or for all that no other account is for.
func (in *installation) addStorage(account application.StorageAccount, buckets ...string) {
	in.tb.Helper()
	args := []string{
		"storage", "add", "demo", account.Name, "--endpoint", account.Endpoint, "--region", account.Region, "--access-key-id", account.AccessKeyID,
	}
	for _, bucket := range buckets {
		args = append(args, "--bucket", bucket)
	}
	command := in.command(args...)
	command.Env = append(command.Env, "AWS_SECRET_ACCESS_KEY="+account.SecretAccessKey.Reveal())
	if out, err := command.CombinedOutput(); err != nil {
		in.tb.Fatalf("storage add: %v %s", err, out)
	}
}

// answer is what a client of the format reads of replies and results.
type answer struct {
	JobID        string            `json:"job_id"`
	Group        string            `json:"group_completion_job_id"`
	Error        string            `json:"error"`
	OriginalMeta json.RawMessage   `json:"original_meta"`
	Images       []json.RawMessage `json:"images"`
	Errors       []string          `json:"errors"`
	Failed       []string          `json:"failed_image_identifiers"`
	Found        json.RawMessage   `json:"pre_processor_results"`
}

type madeImage struct {
	Identifier string `json:"image_identifier"`
	S3         string `json:"s3_url"`
	URL        string `json:"url"`
	Meta       struct{ Width, Height int }
}

func (a answer) images(tb testing.TB) []madeImage {
	tb.Helper()
	var made []madeImage
	for _, raw := range a.Images {
		made = append(made, parse[madeImage](tb, raw))
	}
	return made
}

type envelope struct {
	Results json.RawMessage `json:"results"`
}

// submitForm hands a job over as curl does, and returns the reply.
func (b *blitline) submitForm(job string) (int, json.RawMessage) {
	b.tb.Helper()
	status, raw, err := b.do(http.MethodPost, "/job", "application/x-www-form-urlencoded", "", []byte(url.Values{"json": {job}}.Encode()))
	if err != nil {
		b.tb.Fatal(err)
	}
	return status, parse[envelope](b.tb, raw).Results
}

// run hands a job over and polls for its result, which is the object.
func (b *blitline) run(job string) answer {
	b.tb.Helper()
	status, reply := b.submitForm(job)
	if status != http.StatusOK {
		b.tb.Fatalf("submit: %d %s", status, reply)
	}
	return parse[answer](b.tb, b.listen(parse[answer](b.tb, reply).JobID))
}

func (b *blitline) listen(id string) json.RawMessage {
	b.tb.Helper()
	status, raw, err := b.do(http.MethodGet, "/listen/"+id, "", "", nil)
	if err != nil || status != http.StatusOK {
		b.tb.Fatalf("listen: %d %s %v", status, raw, err)
	}
	return parse[envelope](b.tb, raw).Results
}

// TestBlitline is what the clients of the format do and read.
func TestBlitline(t *testing.T) {
	t.Parallel()
	b := openBlitline(t)
	source := pictureServer(t) + "/portrait.jpg"
	client := receive(t, func(path string, n int) int {
		switch {
		case path == "fails-once" && n == 1, path == "fails":
			return http.StatusInternalServerError
		case path == "accepts":
			return http.StatusAccepted
		}
		return http.StatusOK
	})
	job := func(fields string) string {
		return fmt.Sprintf(`{"application_id":%q,"src":%q,%s}`, b.token, source, fields)
	}
	const small = `"functions":[{"name":"resize_to_fit","params":{"width":"100"},"save":{"image_identifier":"small"}}]`

	t.Run("WithoutVersion", func(t *testing.T) {
		t.Parallel()
		status, reply := b.submitForm(job(small + `,"postback_url":"` + client.url + `/form"`))
		accepted := parse[answer](t, reply)
		if status != http.StatusOK || len(accepted.Images) != 1 || len(accepted.JobID) != 23 {
			t.Fatalf("%d %s", status, reply)
		}
		polled := parse[string](t, b.listen(accepted.JobID)) // JSON in a string
		fields, err := url.ParseQuery(client.wait(t, "form", 1)[0].body)
		if err != nil || fields.Get("results") != polled {
			t.Errorf("posted %v (%v), want a form with what was polled: %s", fields, err, polled)
		}
		result := parse[answer](t, []byte(polled))
		if made := result.images(t); len(made) != 1 || made[0].Meta.Width != 100 || made[0].S3 != accepted.images(t)[0].S3 {
			t.Errorf("made %+v, promised %s", made, reply)
		}
	})

	t.Run("Version121", func(t *testing.T) {
		t.Parallel()
		_, reply := b.submitForm(job(`"v":1.21,"postback_url":"` + client.url + `/json","postback_headers":{"X-Key":"k"},` + small))
		posted := client.wait(t, "json", 1)[0]
		polled := b.listen(parse[answer](t, reply).JobID)
		if posted.body != `{"results":`+string(polled)+`}` || posted.header.Get("Content-Type") != "application/json" || posted.header.Get("X-Key") != "k" {
			t.Errorf("posted %s with %v, polled %s", posted.body, posted.header, polled)
		}
	})

	t.Run("ListWithAStranger", func(t *testing.T) {
		t.Parallel()
		stranger := strings.Replace(job(small), b.token, "nobody", 1)
		status, reply := b.submitForm("[" + job(small) + "," + stranger + "]")
		answers := parse[[]answer](t, reply)
		if status != http.StatusOK || len(answers) != 2 || answers[0].JobID == "" || answers[0].Error != "" || answers[1].Error == "" {
			t.Errorf("%d %s", status, reply)
		}
	})

	t.Run("SomeFail", func(t *testing.T) {
		t.Parallel()
		got := b.run(job(`"v":1.21,"functions":[{"name":"no_op","save":{"image_identifier":"fine"}},
			{"name":"crop","params":{"x":5000,"y":5000,"width":10,"height":10},"save":{"image_identifier":"outside"}}]`))
		if made := got.images(t); len(made) != 1 || made[0].Identifier != "fine" {
			t.Errorf("made %+v", made)
		}
		if diff := cmp.Diff([]string{"outside"}, got.Failed); diff != "" || len(got.Errors) != 1 || !strings.HasPrefix(got.Errors[0], "Image processing failed. ") {
			t.Errorf("errors %q, failed (-want +got):\n%s", got.Errors, diff)
		}
	})

	t.Run("IdentifyOnly", func(t *testing.T) {
		t.Parallel()
		got := b.run(job(`"v":1.21,"extended_metadata":"true","hash":"md5","functions":[{"name":"no_op","save":{"image_identifier":"x","skip":true}}]`))
		meta := parse[struct {
			Filesize int64
			Hash     string
		}](t, got.OriginalMeta)
		if len(got.Images) != 0 || got.Images == nil || meta.Filesize != int64(len(sample.Portrait)) || len(meta.Hash) != 32 {
			t.Errorf("images %s, original %s", got.Images, got.OriginalMeta)
		}
	})

	t.Run("NestedWithOneName", func(t *testing.T) {
		t.Parallel()
		got := b.run(job(`"v":1.21,"functions":[{"name":"resize_to_fit","params":{"width":200},"save":{"image_identifier":"same"},
			"functions":[{"name":"gray_colorspace","functions":[{"name":"resize_to_fit","params":{"width":50},"save":{"image_identifier":"same"}}]}]}]`))
		made := got.images(t)
		if len(made) != 2 || made[0].Meta.Width != 200 || made[1].Meta.Width != 50 || made[1].Identifier != "same" || made[0].S3 == made[1].S3 {
			t.Errorf("made %+v, errors %q", made, got.Errors)
		}
	})

	t.Run("OldClient", func(t *testing.T) {
		t.Parallel()
		inner := fmt.Sprintf(`[{"application_id":%q,"src":%q,"postback_url":null,"functions":[{"name":"blur","params":null,`+
			`"save":{"image_identifier":17,"s3_destination":null},"functions":null}]}]`, b.token, source)
		status, raw, err := b.do(http.MethodPost, "/job", "application/json", "", marshal(t, map[string]string{"json": inner}))
		if err != nil || status != http.StatusOK {
			t.Fatalf("%d %s %v", status, raw, err)
		}
		answers := parse[[]answer](t, parse[envelope](t, raw).Results)
		if made := answers[0].images(t); made[0].Identifier != "17" {
			t.Errorf("%s", raw)
		}
		status, raw, err = b.do(http.MethodPost, "/job?application_id="+b.token, "application/json", "",
			[]byte(strings.Replace(job(small), fmt.Sprintf(`"application_id":%q,`, b.token), "", 1)))
		if err != nil || status != http.StatusOK {
			t.Errorf("token in the query: %d %s %v", status, raw, err)
		}
	})

	t.Run("Postbacks", func(t *testing.T) {
		t.Parallel()
		for path, retry := range map[string]string{"fails-once": `,"retry_postback":true`, "fails": "", "accepts": ""} {
			b.submitForm(job(`"v":1.21,"postback_url":"` + client.url + "/" + path + `"` + retry + "," + small))
		}
		first := client.wait(t, "fails-once", 2)
		if pause := first[1].at.Sub(first[0].at); pause < time.Second || first[0].body != first[1].body {
			t.Errorf("came again after %s, want the format's own second", pause)
		}
		client.wait(t, "accepts", 1)
		if n := len(client.wait(t, "fails", 1)); n != 1 { // its next attempt is an hour off, by the installation's schedule
			t.Errorf("came %d times", n)
		}
	})

	t.Run("SlowReceiver", func(t *testing.T) {
		t.Parallel()
		var asked atomic.Int32
		slow := serveFunc(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // else nobody notices here that the sender has gone
			if asked.Add(1) == 1 {
				<-r.Context().Done()
			}
		})
		b.submitForm(job(`"v":1.21,"retry_postback":true,"postback_url":"` + slow + `",` + small))
		eventually(t, "the attempt after the slow one", func() bool { return asked.Load() > 1 })
	})

	t.Run("PatientJob", func(t *testing.T) {
		t.Parallel()
		var asked atomic.Int32
		late := serveFunc(t, func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) < 3 {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			_, _ = w.Write(sample.Portrait)
		})
		got := b.run(fmt.Sprintf(`{"application_id":%q,"src":%q,"v":1.21,"wait_retry_delay":1,%s}`, b.token, late, small))
		if len(got.images(t)) != 1 || len(got.Errors) != 0 {
			t.Errorf("errors %q", got.Errors)
		}
	})

	t.Run("OneJobOfAnother", func(t *testing.T) {
		t.Parallel()
		got := b.run(fmt.Sprintf(`{"application_id":%q,"src":"&cut","v":1.21,"pre_process":{"job":{"src":%q,"functions":[
			{"name":"resize","params":{"width":40,"height":20},"save":{"image_identifier":"cut","extension":".png"}}]}},
			"functions":[{"name":"no_op","save":{"image_identifier":"whole"}}]}`, b.token, source))
		if made := got.images(t); len(made) != 1 || made[0].Identifier != "whole" || made[0].Meta.Width != 40 || made[0].Meta.Height != 20 {
			t.Errorf("made %+v, errors %q", made, got.Errors)
		}
	})

	t.Run("PicturesOverAnother", func(t *testing.T) {
		t.Parallel()
		got := b.run(fmt.Sprintf(`{"application_id":%q,"src":%q,"v":1.21,"pre_process":[{"job":{"src":%[2]q,"functions":[
			{"name":"resize","params":{"width":40,"height":20},"save":{"image_identifier":"cut","extension":".png"}}]}}],
			"functions":[{"name":"resize_to_fill","params":{"width":"200","height":100},"functions":[
			{"name":"composite","params":{"src":"&cut","gravity":"SouthEastGravity"},"functions":[
			{"name":"append","params":{"other_images":%[2]q,"vertical":true},"functions":[
			{"name":"line","params":{"x":0,"y":0,"x1":99,"y1":99},"save":{"image_identifier":"all"}}]}]},
			{"name":"ellipse","params":{"origin_x":1},"save":{"image_identifier":"never"}}]}]}`, b.token, source))
		want := []string{"Image processing failed. The parameter 'origin_y' of 'ellipse' is missing: expected a number of pixels"}
		if diff := cmp.Diff(want, got.Errors); diff != "" || len(got.Images) != 0 {
			t.Errorf("%d images, errors (-want +got):\n%s", len(got.Images), diff)
		}
		got = b.run(fmt.Sprintf(`{"application_id":%q,"src":%q,"v":1.21,"pre_process":[{"job":{"src":%[2]q,"functions":[
			{"name":"resize","params":{"width":40,"height":20},"save":{"image_identifier":"cut","extension":".png"}}]}}],
			"functions":[{"name":"composite","params":{"src":"&cut","gravity":"SouthEastGravity"},"functions":[
			{"name":"image_grid","params":{"images":[%[2]q,"&cut"],"cell_width":100,"cell_height":50,"columns":2},
			"save":{"image_identifier":"grid"}}]}]}`, b.token, source))
		if made := got.images(t); len(made) != 1 || made[0].Meta.Width != 200 || made[0].Meta.Height != 50 {
			t.Errorf("made %+v, errors %q", made, got.Errors)
		}
	})

	t.Run("Canvas", func(t *testing.T) {
		t.Parallel()
		got := b.run(fmt.Sprintf(`{"application_id":%q,"src":{"name":"canvas","width":300,"height":200,"color":"#00ff00"},"v":1.21,
			"functions":[{"name":"no_op","save":{"image_identifier":"green","extension":"png"}}]}`, b.token))
		if made := got.images(t); len(made) != 1 || made[0].Meta.Width != 300 || string(got.OriginalMeta) != `{"width":300,"height":200}` {
			t.Errorf("made %+v of %s, errors %q", made, got.OriginalMeta, got.Errors)
		}
	})

	t.Run("MovingPicture", func(t *testing.T) {
		t.Parallel()
		got := b.run(fmt.Sprintf(`{"application_id":%q,"src":[%q,%q],"src_type":"gif","v":1.21,
			"src_data":{"params":{"delay":50},"save":{"image_identifier":"moving"}}}`, b.token, source, source))
		if made := got.images(t); len(made) != 1 || !strings.HasSuffix(made[0].S3, ".gif") {
			t.Errorf("made %+v, errors %q", made, got.Errors)
		}
	})

	t.Run("Buckets", func(t *testing.T) {
		t.Parallel()
		b.store.Write("pictures", "in/a b.jpg", sample.Portrait)
		got := b.run(fmt.Sprintf(`{"application_id":%q,"src":{"name":"s3","bucket":"pictures","key":"in/a b.jpg"},"v":1.21,"functions":[
			{"name":"no_op","save":{"image_identifier":"kept","s3_destination":{"bucket":"pictures","key":"out/kept.png","headers":{"x-amz-acl":"","x-amz-grant-read":"","Cache-Control":"max-age=9"}}}},
			{"name":"no_op","save":{"image_identifier":"lost","s3_destination":{"bucket":"nowhere","key":"out/lost.png","headers":{"x-amz-acl":""}}}},
			{"name":"no_op","save":{"image_identifier":"kept out","s3_destination":{"bucket":"locked","key":"out/kept out.png","headers":{"x-amz-acl":""}}}}]}`, b.token))
		made := got.images(t)
		if len(made) != 1 || made[0].S3 != b.store.URL+"/pictures/out/kept.png" || !bytes.HasPrefix(b.store.Read("pictures", "out/kept.png"), []byte("\x89PNG")) {
			t.Errorf("made %+v", made)
		}
		if len(got.Errors) != 2 || !strings.HasPrefix(got.Errors[0], "Image processing failed. the storage answered 404 (NoSuchBucket") ||
			!strings.HasPrefix(got.Errors[1], "Image processing failed. the storage answered 403 (SignatureDoesNotMatch") {
			t.Errorf("errors %q", got.Errors)
		}
		if diff := cmp.Diff([]string{"lost", "kept out"}, got.Failed); diff != "" {
			t.Errorf("failed (-want +got):\n%s", diff)
		}
	})

	t.Run("Pages", func(t *testing.T) {
		t.Parallel()
		document := serveFunc(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(imagingtest.PDF(3, "0 0 100 50")) })
		status, reply := b.submitForm(fmt.Sprintf(`{"application_id":%q,"src":%q,"v":1.21,"src_type":"burst_pdf",%s}`, b.token, document+"/a.pdf", small))
		accepted := parse[answer](t, reply)
		if status != http.StatusOK || accepted.Group == "" {
			t.Fatalf("%d %s", status, reply)
		}
		got := parse[answer](t, b.listen(accepted.Group))
		var names []string
		for _, page := range got.images(t) {
			names = append(names, page.Identifier)
			if at := strings.TrimPrefix(page.URL, b.base); !strings.HasSuffix(at, strings.TrimPrefix(page.Identifier, "small")+".jpg") {
				t.Errorf("page %s at %s", page.Identifier, page.URL)
			} else if status, _, err := b.do(http.MethodGet, at, "", "", nil); err != nil || status != http.StatusOK {
				t.Errorf("page %s: %d %v", page.Identifier, status, err)
			}
		}
		if diff := cmp.Diff([]string{"small__0", "small__1", "small__2"}, names); diff != "" {
			t.Errorf("errors %q, pages (-want +got):\n%s", got.Errors, diff)
		}
	})

	t.Run("AbsoluteForm", func(t *testing.T) {
		t.Parallel()
		body := url.Values{"json": {"[" + job(small) + "]"}}.Encode()
		status, reply := raw(t, strings.TrimPrefix(b.base, "http://"), fmt.Sprintf("POST https://api.blitline.com/job HTTP/1.1\r\nHost: api.blitline.com\r\n"+
			"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(body), body))
		answers := parse[[]answer](t, parse[envelope](t, reply).Results)
		if status != http.StatusOK || answers[0].JobID == "" {
			t.Fatalf("%d %s", status, reply)
		}
		// The same client polls by a GET with a body.
		status, reply = raw(t, strings.TrimPrefix(b.base, "http://"), fmt.Sprintf("GET /listen/%s HTTP/1.1\r\nHost: cache.blitline.com\r\n"+
			"Content-Length: 4\r\nConnection: close\r\n\r\nbody", answers[0].JobID))
		if status != http.StatusOK {
			t.Errorf("%d %s", status, reply)
		}
		status, reply, err := b.do(http.MethodGet, "/listen/"+answers[0].JobID+"?callback=cb.one", "", "", nil)
		if err != nil || status != http.StatusOK || !bytes.HasPrefix(reply, []byte(`cb.one([{"results":`)) || !bytes.HasSuffix(reply, []byte("])")) {
			t.Errorf("JSONP: %d %s %v", status, reply, err)
		}
	})

	t.Run("HTTPS", func(t *testing.T) {
		t.Parallel()
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(readFile(t, filepath.Join(b.data, "tls", "ca.pem")))
		for _, host := range []string{"api.blitline.com", "eu.blitline.com", "cache.blitline.com"} {
			transport := &http.Transport{
				TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
				DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
					return new(net.Dialer).DialContext(ctx, network, b.secure)
				},
			}
			t.Cleanup(transport.CloseIdleConnections)
			reply, err := (&http.Client{Transport: transport}).PostForm("https://"+host+"/job", url.Values{"json": {job(small)}})
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(reply.Body)
			_ = reply.Body.Close()
			if err != nil || reply.StatusCode != http.StatusOK {
				t.Errorf("%s: %s %s %v", host, reply.Status, text, err)
			}
		}
	})

	t.Run("StoredPostback", func(t *testing.T) {
		t.Parallel()
		_, reply := b.submitForm(job(`"v":1.21,"postback_url":{"save":{"s3_destination":{"bucket":"pictures","key":"results/one.json","headers":{"x-amz-acl":""}}}},` + small))
		eventually(t, "the stored postback", func() bool { return b.store.Has("pictures", "results/one.json") })
		if got := parse[envelope](t, b.store.Read("pictures", "results/one.json")); parse[answer](t, got.Results).JobID != parse[answer](t, reply).JobID {
			t.Errorf("stored %s", got.Results)
		}
	})
}

// serveFunc serves one handler and returns its address.
func serveFunc(tb testing.TB, handle http.HandlerFunc) string {
	tb.Helper()
	server := httptest.NewServer(handle)
	tb.Cleanup(server.Close)
	return server.URL
}

// eventually waits until something is so.
func eventually(tb testing.TB, what string, so func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !so(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("still not: %s", what)
		}
	}
}

// raw sends bytes and reads one answer.
func raw(tb testing.TB, address, request string) (int, []byte) {
	tb.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		tb.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return answer.StatusCode, body
}
