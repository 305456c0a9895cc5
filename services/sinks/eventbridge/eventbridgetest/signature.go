package eventbridgetest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm = "AWS4-HMAC-SHA256"
	maxSkew   = 5 * time.Minute
)

// verify says what is wrong with the signature of a request, by Signature Version 4 as AWS documents it: the signature is
// computed again from the secret. Empty means nothing.
func verify(r *http.Request, body []byte, now time.Time) string {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if scheme != algorithm {
		return "authorization is by " + strconv.Quote(scheme)
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	date := r.Header.Get("X-Amz-Date")
	at, err := time.Parse("20060102T150405Z", date)
	if err != nil {
		return "date " + strconv.Quote(date)
	}
	if skew := now.Sub(at).Abs(); skew > maxSkew {
		return fmt.Sprintf("the date is %s off", skew)
	}
	scope := strings.Join([]string{date[:8], Region, "events", "aws4_request"}, "/")
	if got, want := fields["Credential"], AccessKeyID+"/"+scope; got != want {
		return fmt.Sprintf("credential %q, want %q", got, want)
	}
	signed := strings.Split(fields["SignedHeaders"], ";")
	canonical, why := canonicalHeaders(r, signed)
	if why != "" {
		return why
	}
	request := strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, canonical, fields["SignedHeaders"], hashed(body)}, "\n")
	toSign := strings.Join([]string{algorithm, date, scope, hashed([]byte(request))}, "\n")
	key := []byte("AWS4" + SecretAccessKey)
	for _, part := range []string{date[:8], Region, "events", "aws4_request", toSign} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	if !hmac.Equal([]byte(hex.EncodeToString(key)), []byte(fields["Signature"])) {
		return "The request signature we calculated does not match the signature you provided."
	}
	return ""
}

// canonicalHeaders writes the signed headers as the signature wants them. The host, the date and everything else that
// begins with x-amz- must be among them, in their order.
func canonicalHeaders(r *http.Request, signed []string) (text, why string) {
	if !slices.IsSorted(signed) {
		return "", "signed headers are not sorted"
	}
	for _, name := range []string{"host", "x-amz-date", "x-amz-target", "content-type"} {
		if !slices.Contains(signed, name) {
			return "", name + " is not signed"
		}
	}
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && !slices.Contains(signed, name) {
			return "", name + " is not signed"
		}
	}
	var b strings.Builder
	for _, name := range signed {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		fmt.Fprintf(&b, "%s:%s\n", name, strings.Join(strings.Fields(value), " "))
	}
	return b.String(), ""
}

func hashed(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
