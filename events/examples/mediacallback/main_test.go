package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
)

const (
	secret  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	another = "whsec_AAAA9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

// post sends a callback as the sink does, signed with a secret.
func post(t *testing.T, url, secret, body string) int {
	t.Helper()
	header, err := events.SignPostback([]string{secret}, "cb_1", time.Now(), []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	request.Header.Set("Content-Type", "application/xml")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close() // nothing in it
	return answer.StatusCode
}

func TestReceiver(t *testing.T) {
	t.Parallel()
	var purged []string
	server := httptest.NewServer(receiver{
		secrets: []string{secret}, purge: func(f file) { purged = append(purged, f.ID) },
	})
	defer server.Close()
	document := func(id string, status, moderation int) string {
		return fmt.Sprintf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<result><id>%s</id><status>%d</status>"+
			"<title>エヴァート</title>i <moderationstatus>%d</moderationstatus><geo_latitude/></result>", id, status, moderation)
	}
	for body, want := range map[string]int{
		document("approved", 3, 1): 204, document("denied", 3, 2): 204, document("deleted", 204, 0): 204, "<result>": 400,
		strings.Repeat(" ", maxBody+1): 400,
	} {
		if got := post(t, server.URL, secret, body); got != want {
			t.Errorf("%.60s: got %d, want %d", body, got, want)
		}
	}
	if got := post(t, server.URL, another, document("forged", 3, 2)); got != http.StatusUnauthorized {
		t.Errorf("forged: got %d", got)
	}
	slices.Sort(purged)
	if got := strings.Join(purged, " "); got != "deleted denied" {
		t.Errorf("purged %s, want what was denied and deleted", got)
	}
}
