package delivery_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

func TestSchedule_Next(t *testing.T) {
	t.Parallel()
	last := len(delivery.DefaultSchedule())
	tests := []struct {
		name     string
		attempts int
		newest   outbound.Attempt
		pause    time.Duration // the least; 0 for no other attempt
	}{
		{"FirstFailure", 1, outbound.Attempt{Status: 500}, 5 * time.Second},
		{"SecondFailure", 2, outbound.Attempt{Status: 500}, 30 * time.Second},
		{"NoAnswer", 3, outbound.Attempt{Class: outbound.ClassTimeout}, 2 * time.Minute},
		{"SeventhFailure", 7, outbound.Attempt{Status: 503}, 2 * time.Hour},
		{"EighthFailure", 8, outbound.Attempt{Status: 503}, 4 * time.Hour},
		{"LastPause", last, outbound.Attempt{Status: 500}, 4 * time.Hour},
		{"ScheduleIsOver", last + 1, outbound.Attempt{Status: 500}, 0},
		{"RetryAfterAbove", 1, outbound.Attempt{Status: 429, RetryAfter: time.Minute}, time.Minute},
		{"RetryAfterBelow", 2, outbound.Attempt{Status: 503, RetryAfter: time.Second}, 30 * time.Second},
		{"RetryAfterAtTheEnd", last + 1, outbound.Attempt{Status: 503, RetryAfter: time.Minute}, 0},
		{"Gone", 1, outbound.Attempt{Status: http.StatusGone}, 0},
		{"GoneWithRetryAfter", 1, outbound.Attempt{Status: http.StatusGone, RetryAfter: time.Minute}, 0},
		{"WrongRequestFourTimes", 4, outbound.Attempt{Status: 400}, 10 * time.Minute},
		{"WrongRequestFiveTimes", 5, outbound.Attempt{Status: 400}, 0},
		{"RedirectFiveTimes", 5, outbound.Attempt{Status: 301, Class: outbound.ClassRedirect}, 0},
		{"BlockedFourTimes", 4, outbound.Attempt{Class: outbound.ClassBlocked}, 10 * time.Minute},
		{"BlockedFiveTimes", 5, outbound.Attempt{Class: outbound.ClassBlocked}, 0},
		{"NotFoundFiveTimes", 5, outbound.Attempt{Status: 404}, 30 * time.Minute},
		{"TimeoutStatusFiveTimes", 5, outbound.Attempt{Status: 408}, 30 * time.Minute},
		{"ConflictFiveTimes", 5, outbound.Attempt{Status: 409}, 30 * time.Minute},
		{"TooEarlyFiveTimes", 5, outbound.Attempt{Status: 425}, 30 * time.Minute},
		{"TooManyFiveTimes", 5, outbound.Attempt{Status: 429}, 30 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			spread := map[time.Duration]bool{}
			for range 1000 { // jitter is random
				pause, again := delivery.DefaultSchedule().Next(tt.attempts, tt.newest)
				if again != (tt.pause > 0) || pause < tt.pause || pause > tt.pause+tt.pause/10 {
					t.Fatalf("got %s, %v, want %s to a tenth more", pause, again, tt.pause)
				}
				spread[pause] = true
			}
			if tt.pause > 0 && len(spread) < 2 {
				t.Error("attempts that failed together come back together")
			}
		})
	}
}

func TestDefaultSchedule_EndsAfterThreeDays(t *testing.T) {
	t.Parallel()
	var total time.Duration
	for _, pause := range delivery.DefaultSchedule() {
		total += pause
	}
	if total < 72*time.Hour || total >= 76*time.Hour {
		t.Errorf("the schedule takes %s, want three days and less than one pause more", total)
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	const base = "https://example.com/hook"
	same := []string{"https://example.com/other?x=1", "HTTPS://EXAMPLE.com", "https://example.com/#f"}
	for _, url := range same {
		if delivery.Endpoint("demo", url) != delivery.Endpoint("demo", base) {
			t.Errorf("%s is another endpoint than %s", url, base)
		}
	}
	for _, url := range []string{"http://example.com/hook", "https://example.com:8443/hook", "https://www.example.com/hook", "::"} {
		if delivery.Endpoint("demo", url) == delivery.Endpoint("demo", base) {
			t.Errorf("%s is the same endpoint as %s", url, base)
		}
	}
	if delivery.Endpoint("demo", base) == delivery.Endpoint("other", base) {
		t.Error("two applications share an endpoint")
	}
	if got := delivery.Endpoint("demo", base); len(got) != 16 {
		t.Errorf("%q is not 16 characters", got)
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://user:secret@example.com:8443/hook?token=secret#secret": "https://example.com:8443/hook",
		"http://example.com":                     "http://example.com",
		"https://example.com/a%0Alevel=ERROR%2F": "https://example.com/a%0Alevel=ERROR%2F",
		"http://[":                               "",
	} {
		if got := delivery.Shown(url); got != want {
			t.Errorf("%s is shown as %q, want %q", url, got, want)
		}
	}
}
