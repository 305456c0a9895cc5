// Package delivery holds what the sinks share: when a failed attempt is repeated, how an endpoint is named, and how an
// attempt is logged.
package delivery

import (
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/outbound"
)

// Schedule is the pauses before the second and each later attempt.
type Schedule []time.Duration

// jitter spreads attempts that failed together: up to a tenth later, never earlier than was promised or asked for.
const jitter = 0.1

// patience is how many attempts an endpoint gets that says the request itself is wrong.
const patience = 5

// DefaultSchedule is 5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h and then every 4 h until three days have passed.
func DefaultSchedule() Schedule {
	return Schedule{
		5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour,
	}.toTheEnd()
}

// CloudinarySchedule is what receivers of Cloudinary's notifications expect, 3, 6 and 9 min, and then what the default one
// ends with.
func CloudinarySchedule() Schedule {
	return Schedule{3 * time.Minute, 6 * time.Minute, 9 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour}.toTheEnd()
}

// toTheEnd adds pauses of 4 h until three days have passed.
func (s Schedule) toTheEnd() Schedule {
	for total := s.Total(); total < 72*time.Hour; {
		s, total = append(s, 4*time.Hour), total+4*time.Hour
	}
	return s
}

// Next tells after which pause a delivery is tried again that was tried attempts times, the newest of which failed as
// given. It is not tried again when the schedule is over, when the endpoint is gone for good (410), and when it said
// five times that the request is wrong. Retry-After is honoured as a minimum.
func (s Schedule) Next(attempts int, newest outbound.Attempt) (pause time.Duration, again bool) {
	if attempts > len(s) || newest.Status == http.StatusGone || (permanent(newest) && attempts >= patience) {
		return 0, false
	}
	pause = max(s[attempts-1], newest.RetryAfter)
	return pause + time.Duration(rand.Float64()*jitter*float64(pause)), true //nolint:gosec // spreading, not secrecy
}

// Total is how long the pauses are together.
func (s Schedule) Total() time.Duration {
	var total time.Duration
	for _, pause := range s {
		total += pause
	}
	return total
}

// permanent tells of answers that another attempt seldom changes.
func permanent(a outbound.Attempt) bool {
	switch a.Status {
	case http.StatusNotFound, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	}
	return a.Class == outbound.ClassBlocked || (a.Status >= 300 && a.Status < 500)
}

// Endpoint names where an application's deliveries go: its scheme, host and port. Deliveries to one endpoint share a
// lane and a limit.
func Endpoint(application, rawURL string) string {
	place := rawURL
	if u, err := url.Parse(rawURL); err == nil {
		place = strings.ToLower(u.Scheme + "://" + u.Host)
	}
	sum := sha256.Sum256([]byte(application + "\n" + place))
	return hex.EncodeToString(sum[:8])
}

// Shown is an address without what may be secret in it: the query and a user.
func Shown(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}

// Address names one whole address of an application, without its query: what can be disabled by its own word, while
// others at the same endpoint go on.
func Address(application, rawURL string) string {
	sum := sha256.Sum256([]byte(application + "\n" + Shown(rawURL)))
	return "a" + hex.EncodeToString(sum[:8])
}
