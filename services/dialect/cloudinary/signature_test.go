package cloudinary_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/dialect/cloudinary"
)

// form reads a URL-encoded body, without a Content-Type as Go's library sends it.
func form(t testing.TB, body string) cloudinary.Request {
	t.Helper()
	r, err := cloudinary.ReadRequest("", nil, strings.NewReader(body), limits)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var limits = cloudinary.Limits{Fields: 1 << 20, File: 1 << 20}

func TestCheckSignature_Vectors(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		body, secret, signature string
		seconds                 int64
	}{
		"Tags": {
			"command=add&public_ids[0]=p1&public_ids[1]=p2&tag=t1&timestamp=1", "secret",
			"a10f07ddb523bf872872601917b64563c81e020a", 1,
		},
		"Version2": {
			"eager=c_fill,h_100,w_150|e_sepia/png&eager_async=true&eager_notification_url=http://h/e" +
				"&notification_url=http://h/n?a=1%26b=2&public_id=pp&tags=a,b&timestamp=1795224689&resource_type=image",
			"secret", "585752e760a511152ed7772f4f0d1bd494cbd4e3", 1795224689,
		},
		"URLs": {
			"timestamp=1795224641&transformation=f_png&urls[]=http://a/1.png&urls[]=http://a/2.png", "secret",
			"e6f736e65dfd6b6cdff812a472419f9ea0f509dc", 1795224641,
		},
		"Version1": {
			"notification_url=http://h/?a=1%26b=2&timestamp=7", "secret",
			sha1Hex("notification_url=http://h/?a=1&b=2&timestamp=7" + "secret"), 7,
		},
		"EmptyValuesOfGo": {"tag=&timestamp=7", "secret", sha1Hex("tag=&timestamp=7" + "secret"), 7},
		"OrderOfGo": {
			"p[0]=a&p[1]=b&p[2]=c&p[3]=d&p[4]=e&p[5]=f&p[6]=g&p[7]=h&p[8]=i&p[9]=j&p[10]=k&timestamp=7", "secret",
			sha1Hex("p=a,k,b,c,d,e,f,g,h,i,j&timestamp=7" + "secret"), 7,
		},
		"SHA256": {"a=1&timestamp=7", "secret", sha256Hex("a=1&timestamp=7" + "secret"), 7},
		"Upper":  {"a=1&timestamp=7", "secret", strings.ToUpper(sha1Hex("a=1&timestamp=7" + "secret")), 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := form(t, row.body+"&api_key=k&cloud_name=c&file=http://x&signature="+row.signature)
			now := time.Unix(row.seconds, 0).Add(cloudinary.Freshness)
			if err := cloudinary.CheckSignature(r.Params, []string{"old", row.secret}, now); err != nil {
				t.Error(err)
			}
			for _, secrets := range [][]string{nil, {""}, {"other"}} {
				var e *cloudinary.Error
				if err := cloudinary.CheckSignature(r.Params, secrets, now); !errors.As(err, &e) || e.Status != 401 {
					t.Errorf("with %q: got %v, want a 401", secrets, err)
				}
			}
			r.Params = form(t, row.body+"&x=y&signature="+row.signature).Params
			if cloudinary.CheckSignature(r.Params, []string{row.secret}, now) == nil {
				t.Error("a parameter that was not signed is taken")
			}
		})
	}
}

// TestCheckSignature_VectorOfGo is the one of Go's own tests: its helper signs cloud_name too, under another name here.
func TestCheckSignature_VectorOfGo(t *testing.T) {
	t.Parallel()
	const text = "cloud_name=dn6ot3ged&notification_url=https://fake.com/callback?a=1%26tags=hello,world&timestamp=1568810420"
	if got := sha1Hex(text + "hdcixPpR2iKERPwqvH6sHdK9cyac"); got != "4fdf465dd89451cc1ed8ec5b3e314e8a51695704" {
		t.Errorf("got %s", got)
	}
}

func TestCheckSignature_Refuses(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 4, 11, 13, 23, 38, 0, time.UTC)
	for name, row := range map[string]struct {
		body   string
		now    time.Time
		status int
		want   string
	}{
		"Stale": {
			"timestamp=1712841818&signature=00", at.Add(time.Hour + time.Second), 400,
			"Stale request - reported time is 2024-04-11 13:23:38 +0000 which is more than 1 hour ago",
		},
		"Wrong": {
			"timestamp=1712841818&folder=f%26g&signature=00ff", at, 401,
			"Invalid Signature 00ff. String to sign - 'folder=f%26g&timestamp=1712841818'.",
		},
		"NoTimestamp":  {"signature=00", at, 400, "Missing required parameter - timestamp"},
		"NoSignature":  {"timestamp=1712841818", at, 400, "Missing required parameter - signature"},
		"BadTimestamp": {"timestamp=now&signature=00", at, 400, "Invalid timestamp now"},
		"TwoTimestamps": {
			"timestamp=1712841818&timestamp=1712841818&signature=00", at, 400, "Invalid timestamp 1712841818,1712841818",
		},
		"LongEcho": {"timestamp=1712841818&a=" + strings.Repeat("é", 9000) + "&signature=00", at, 401, "é…'."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var e *cloudinary.Error
			err := cloudinary.CheckSignature(form(t, row.body).Params, []string{"secret"}, row.now)
			if !errors.As(err, &e) || e.Status != row.status || !strings.Contains(e.Message, row.want) || len(e.Message) > 9000 {
				t.Errorf("got %v, want %d %s", err, row.status, row.want)
			}
		})
	}
}

// TestCheckSignature_Ahead lets who holds the secret sign for later.
func TestCheckSignature_Ahead(t *testing.T) {
	t.Parallel()
	r := form(t, "timestamp=9000&signature="+sha1Hex("timestamp=9000secret"))
	if err := cloudinary.CheckSignature(r.Params, []string{"secret"}, time.Unix(0, 0)); err != nil {
		t.Error(err)
	}
}

func TestResponseSignature_Vectors(t *testing.T) {
	t.Parallel()
	const id, version, secret = "b8sjhoslj8cq8ovoa0ma", 1555337587, "hdcixPpR2iKERPwqvH6sHdK9cyac"
	if got := cloudinary.ResponseSignature(id, version, secret); got != "3e974ccf50d4d1b195d2046c95994fe50ff81267" {
		t.Errorf("got %s", got)
	}
}

func TestURLSignature(t *testing.T) {
	t.Parallel()
	const signed = "c_fill,w_100/folder/photo.jpg"
	short, long := cloudinary.SignURL("secret", signed, false), cloudinary.SignURL("secret", signed, true)
	if len(short) != len("s--12345678--") || len(long) != len("s----")+32 {
		t.Errorf("got %s and %s", short, long)
	}
	for name, row := range map[string]struct {
		given, signed string
		secrets       []string
		want          bool
	}{
		"Short":       {short, signed, []string{"secret"}, true},
		"Long":        {long, signed, []string{"secret"}, true},
		"Bare":        {strings.Trim(short, "s-"), signed, []string{"secret"}, true},
		"ShortSHA256": {long[:11] + "--", signed, []string{"old", "secret"}, true},
		"OtherSecret": {short, signed, []string{"other"}, false},
		"NoSecret":    {cloudinary.SignURL("", signed, false), signed, []string{""}, false},
		"OtherText":   {short, signed + "x", []string{"secret"}, false},
		"Cut":         {short[:8], signed, []string{"secret"}, false},
		"Nothing":     {"", signed, []string{"secret"}, false},
	} {
		if got := cloudinary.CheckURLSignature(row.given, row.signed, row.secrets); got != row.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func sha256Hex(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func query(pairs ...string) url.Values {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return values
}
