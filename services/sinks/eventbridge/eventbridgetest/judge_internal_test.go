package eventbridgetest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const fine = `{"Entries":[{"Detail":"{}","DetailType":"t","EventBusName":"b","Source":"s","Time":1.5}]}`

// signed makes a request whose signature is in order, by AWS's own signer.
func signed(t *testing.T, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:1/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", mediaType)
	r.Header.Set("X-Amz-Target", target)
	keys := aws.Credentials{AccessKeyID: AccessKeyID, SecretAccessKey: SecretAccessKey}
	if err := v4.NewSigner().SignHTTP(t.Context(), keys, r, hashed([]byte(body)), "events", Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	r.Host = r.URL.Host
	return r
}

// TestVerify tampers with requests in every part that the signature covers.
func TestVerify(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		tamper func(r *http.Request, body *string, now *time.Time)
		want   string // a part of what is wrong; empty when nothing is
	}{
		{"Untouched", func(*http.Request, *string, *time.Time) {}, ""},
		{"Body", func(_ *http.Request, body *string, _ *time.Time) { *body += " " }, "does not match"},
		{"Host", func(r *http.Request, _ *string, _ *time.Time) { r.Host = "127.0.0.1:2" }, "does not match"},
		{"Path", func(r *http.Request, _ *string, _ *time.Time) { r.URL.Path = "/other" }, "does not match"},
		{"Target", func(r *http.Request, _ *string, _ *time.Time) { r.Header.Set("X-Amz-Target", "AWSEvents.PutRule") }, "does not match"},
		{"UnsignedHeader", func(r *http.Request, _ *string, _ *time.Time) { r.Header.Set("X-Amz-Extra", "1") }, "x-amz-extra is not signed"},
		{"NoSignature", func(r *http.Request, _ *string, _ *time.Time) { r.Header.Del("Authorization") }, "authorization is by"},
		{"OldDate", func(_ *http.Request, _ *string, now *time.Time) { *now = now.Add(6 * time.Minute) }, "off"},
		{"OtherKey", func(r *http.Request, _ *string, _ *time.Time) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), AccessKeyID, "AKIDOTHER", 1))
		}, "credential"},
		{"OtherRegion", func(r *http.Request, _ *string, _ *time.Time) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), Region, "us-east-1", 1))
		}, "credential"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body, now := fine, time.Now()
			r := signed(t, body)
			tt.tamper(r, &body, &now)
			if got := verify(r, []byte(body), now); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("judged %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	entry := func(detail string) string {
		return `{"Detail":"` + detail + `","DetailType":"t","Source":"s"}`
	}
	for _, tt := range []struct{ name, body, code string }{
		{"InOrder", fine, ""},
		{"NoJSON", `{"Entries":[`, "SerializationException"},
		{"UnknownField", `{"Entries":[{"Details":"{}"}]}`, "SerializationException"},
		{"NoEntries", `{"Entries":[]}`, "ValidationException"},
		{"ElevenEntries", `{"Entries":[` + strings.Repeat(entry("{}")+",", 10) + entry("{}") + `]}`, "ValidationException"},
		{"JustSmallEnough", `{"Entries":[` + entry(strings.Repeat("x", 97)) + `]}`, ""},
		{"TooLarge", `{"Entries":[` + entry(strings.Repeat("x", 98)) + `]}`, "ValidationException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, code, why := parse(signed(t, tt.body), []byte(tt.body), 100); code != tt.code {
				t.Errorf("refused with %q (%s), want %q", code, why, tt.code)
			}
		})
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		entry Entry
		code  string
	}{
		{Entry{Source: "s", DetailType: "t", Detail: []byte(`{"a":1}`)}, ""},
		{Entry{DetailType: "t", Detail: []byte(`{}`)}, "InvalidArgument"},
		{Entry{Source: "s", DetailType: strings.Repeat("t", 129), Detail: []byte(`{}`)}, "InvalidArgument"},
		{Entry{Source: "aws.ec2", DetailType: "t", Detail: []byte(`{}`)}, "NotAuthorizedForSourceException"},
		{Entry{Source: "s", DetailType: "t", Detail: []byte(`[1]`)}, "MalformedDetail"},
		{Entry{Source: "s", DetailType: "t", Detail: []byte(`null`)}, "MalformedDetail"},
	} {
		if got := judge(tt.entry); got != tt.code {
			t.Errorf("%+v is refused with %q, want %q", tt.entry, got, tt.code)
		}
	}
}
