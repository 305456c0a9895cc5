package blitline_test

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSigned_Check(t *testing.T) {
	t.Parallel()
	const secret, transform = "s3cret", "^uploads/"
	now := time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)
	later := now.Add(time.Hour).Format(time.RFC1123Z)
	sign := func(text string) string {
		sum := sha1.Sum([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	good := sign(secret + later + transform)
	for name, row := range map[string]struct{ expires, transform, signature, key, want string }{
		"Good":      {later, transform, strings.ToUpper(good), "uploads/a.jpg", ""},
		"Forged":    {later, transform, sign("guess" + later + transform), "uploads/a.jpg", "The signature does not match"},
		"WiderKeys": {later, ".*", good, "uploads/a.jpg", "The signature does not match"},
		"Expired": {
			now.Add(-time.Second).Format(time.RFC1123Z), transform, sign(secret + now.Add(-time.Second).Format(time.RFC1123Z) + transform),
			"uploads/a.jpg", "The signature has expired",
		},
		"NoDate":       {"tomorrow", transform, sign(secret + "tomorrow" + transform), "uploads/a.jpg", "The field expires is not a date"},
		"NoExpression": {later, "(", sign(secret + later + "("), "uploads/a.jpg", "The key_transform is not a regular expression"},
		"OtherKey":     {later, transform, good, "private/a.jpg", "The key 'private/a.jpg' in S3 does not match key_transform"},
	} {
		s := parseOne(t, fmt.Sprintf(`{"public_token":"123","expires":%q,"key_transform":%q,"signature":%q,"src":"http://x",
			"functions":[{"name":"no_op","save":{"image_identifier":"a","s3_destination":{"bucket":"b","key":%q}}}]}`,
			row.expires, row.transform, row.signature, row.key))
		if s.Error != "" || s.Signed == nil || s.Signed.PublicToken != "123" {
			t.Fatalf("%s: %+v", name, s)
		}
		got := s.Signed.Check(secret, s.Keys(), now)
		if !strings.HasPrefix(got, row.want) || (got == "") != (row.want == "") {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

// TestSubmission_Keys misses no way to an object: sources, further pictures, those of the job before, outputs and postbacks.
func TestSubmission_Keys(t *testing.T) {
	t.Parallel()
	s := parseOne(t, `{"application_id":"A","src":{"name":"s3","bucket":"b","key":"source"},
		"pre_process":{"job":{"src":{"name":"s3","bucket":"b","key":"before"},"functions":[{"name":"no_op","save":{"image_identifier":"x"}}]}},
		"postback_url":{"save":{"s3_destination":{"bucket":"b","key":"postback"}}},
		"functions":[{"name":"composite","params":{"src":{"name":"s3","bucket":"b","key":"picture"}},
		"save":{"image_identifier":"a","s3_destination":{"bucket":"b","key":"output.png"}}}]}`)
	if s.Error != "" || s.Refusal != nil {
		t.Fatalf("got %+v", s)
	}
	keys := s.Keys()
	slices.Sort(keys)
	if diff := cmp.Diff([]string{"before", "output.png", "picture", "postback", "source"}, keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func TestDetails_Pauses(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string][]time.Duration{
		`"v":1.2`: nil, `"v":1.19,"retry_postback":true`: nil,
		`"v":1.2,"retry_postback":true`: {time.Second, 15 * time.Second, 10 * time.Minute},
	} {
		s := parseOne(t, `{"application_id":"A","src":"http://x",`+fields+withBlur)
		if diff := cmp.Diff(want, s.Details.Pauses()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", fields, diff)
		}
	}
}

func TestParse_Patience(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"0": 0, `"3"`: 3 * time.Second, "0.5": 500 * time.Millisecond, "-1": 5 * time.Second, "101": 5 * time.Second, "null": 0,
	} {
		s := parseOne(t, `{"application_id":"A","src":"http://x","wait_retry_delay":`+value+withBlur)
		if s.Patience != want {
			t.Errorf("%s: %s, want %s", value, s.Patience, want)
		}
	}
}
