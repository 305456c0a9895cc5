package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
)

// TestReplay_Interrupted ends waiting, not the replay, and says how that is done.
func TestReplay_Interrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s: the replay is to be left alone", r.Method, r.URL)
		}
		_, _ = w.Write([]byte(`{"id": "r1", "state": "running", "sent": 3}`))
		time.AfterFunc(time.Millisecond, interrupt)
	}))
	defer server.Close()
	var stdout, stderr bytes.Buffer
	err := replayStartCommand{}.follow(ctx, &terminal{out: &stdout, err: &stderr}, &client{base: server.URL}, "r1")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if want := `the replay goes on; "ringback replay cancel r1" ends it`; !strings.Contains(stderr.String(), want) {
		t.Errorf("said %q, want %q", stderr.String(), want)
	}
}

func TestAgo(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"": "", "90m": "2026-11-21T01:30:00Z", "3d": "2026-11-18T03:00:00Z", "0.5d": "2026-11-20T15:00:00Z",
		"2026-11-20T00:00:00Z": "2026-11-20T00:00:00Z", "1s": "2026-11-21T02:59:59Z",
	} {
		if got, err := ago("from", text, now); err != nil || got != want {
			t.Errorf("%q is %q (%v), want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "-2h", "2", "d", "-1d"} {
		if got, err := ago("from", text, now); err == nil || !strings.Contains(err.Error(), "--from is ") {
			t.Errorf("%q is %q (%v), want an error that names the flag", text, got, err)
		}
	}
}

func TestTabulate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	next := now.Add(10 * time.Minute)
	made := func(state string, age time.Duration, d events.Delivery) entry {
		d.ID, d.Target = state, "http://h/"
		return entry{Delivery: d, State: state, At: now.Add(-age)}
	}
	var out bytes.Buffer
	err := tabulate(&out, []entry{
		made("delivered", time.Second, events.Delivery{Attempt: 1, Status: 204}),
		made("scheduled", 90*time.Minute, events.Delivery{Attempt: 2, Error: "timeout", NextAt: &next}),
		made("held", 72*time.Hour, events.Delivery{Reason: "paused"}),
		made("exhausted", time.Minute, events.Delivery{Attempt: 5, Status: 302, Error: "redirect", NextAt: &next}),
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	want := `AGE  STATE      ATTEMPTS  OUTCOME       TARGET     NEXT    ID
1s   delivered  1         204           http://h/  -       delivered
1h   scheduled  2         timeout       http://h/  in 10m  scheduled
3d   held       0         paused        http://h/  -       held
1m   exhausted  5         302 redirect  http://h/  -       exhausted
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestWatch_TellsOfEndpoints(t *testing.T) {
	t.Parallel()
	for kind, row := range map[string]struct {
		data any
		want string
	}{
		events.TypeEndpointFailing:   {events.Endpoint{URL: "http://h", Reason: "no answer"}, "http://h: no answer"},
		events.TypeEndpointRecovered: {events.Endpoint{URL: "http://h"}, "http://h"},
		events.TypeEndpointDisabled:  {events.Endpoint{URL: "http://h/a", Reason: "it answered 410"}, "http://h/a: it answered 410"},
		events.TypeDeliveryExhausted: {
			events.Delivery{Target: "http://h/a", Attempt: 9, Error: "timeout", Endpoint: "e"},
			"http://h/a: no attempt is left after 9, the last was timeout; endpoint e",
		},
		events.TypeJobProgress: {events.Progress{ID: "1", Stage: "fetch"}, `{"id":"1","stage":"fetch","percent":0}`},
	} {
		e, err := events.New(kind, "/test", "subject", row.data)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		watchCommand{}.print(&terminal{out: &out}, e)
		if got := out.String(); !strings.Contains(got, kind) || !strings.HasSuffix(got, "subject  "+row.want+"\n") {
			t.Errorf("got %q, want it to end in %q", got, row.want)
		}
	}
}
