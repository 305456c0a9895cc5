package application

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/ringback/ringback/services/internal/config"
)

// ErrInvalidSettings is returned when an application is given settings that cannot work.
var ErrInvalidSettings = errors.New("invalid settings of the application")

// EveryDialect is the key of [Settings.Schedules] for the dialects that have no schedule of their own.
const EveryDialect = ""

// Settings are what an application has of its own. What is not set is as the installation has it. Nothing in here is
// secret.
type Settings struct {
	// PollRate is how many questions about results are answered a second.
	PollRate *float64 `json:"poll_rate,omitempty"`
	// Schedules are the pauses before the second and each later attempt of a delivery, by dialect.
	Schedules map[string]config.Durations `json:"schedules,omitempty"`
	// Asymmetric adds an Ed25519 signature (v1a of Standard Webhooks) to the one by the shared secret.
	Asymmetric bool `json:"asymmetric,omitempty"`
	// UnsignedCallbacks leaves the signature's headers out of XML callbacks, for receivers that refuse what they do not
	// know.
	UnsignedCallbacks bool `json:"unsigned_callbacks,omitempty"`
	// CloudinarySHA256 signs notifications in Cloudinary's shape with SHA-256 instead of SHA-1. Cloudinary has it as a
	// setting of the account, and the receiver's library has to have the same one.
	CloudinarySHA256 bool `json:"cloudinary_sha256,omitempty"`
	// Cloudinary is what Cloudinary has as settings of an account.
	Cloudinary *Cloudinary `json:"cloudinary,omitempty"`
	// Pixta is what Pixta Cloud has as settings of an account.
	Pixta *Pixta `json:"pixta,omitempty"`
	// Bridge is where events for EventBridge go.
	Bridge *Bridge `json:"bridge,omitempty"`
	// Media is what becomes of media items.
	Media *Media `json:"media,omitempty"`
}

// Bridge says where an application's events for EventBridge go and what they are called there. A field that is empty is
// as the installation has it.
type Bridge struct {
	// Bus is the name or the ARN of the event bus.
	Bus string `json:"bus,omitempty"`
	// Source is the events' source.
	Source string `json:"source,omitempty"`
	// DetailType is the events' detail-type.
	DetailType string `json:"detail_type,omitempty"`
	// Always sends every result there; else only those whose job asks for it.
	Always bool `json:"always,omitempty"`
}

// limits of what may be set.
const (
	maxPollRate  = 10_000
	maxPauses    = 100
	longestPause = 7 * 24 * time.Hour
	// What EventBridge takes.
	maxBusName    = 1600
	maxSource     = 256
	maxDetailType = 128
)

// dialects are those that a schedule may be for. They are named here because a schedule for a misspelt one would wait for
// ever without a word.
var dialects = []string{EveryDialect, "native", "blitline", "cloudinary", "pixta", "filemobile"}

// Validate reports every setting that cannot work, joined; each is a [SettingError].
func (s Settings) Validate() error {
	var errs []error
	fail := func(field string, value, want any) {
		errs = append(errs, &SettingError{Field: field, Value: fmt.Sprint(value), Want: fmt.Sprint(want)})
	}
	if s.PollRate != nil && (!(*s.PollRate > 0) || *s.PollRate > maxPollRate) { // so that no NaN gets through
		fail("poll_rate", *s.PollRate, "more than 0 and at most 10000 a second")
	}
	for _, dialect := range slices.Sorted(maps.Keys(s.Schedules)) {
		if !slices.Contains(dialects, dialect) {
			fail("schedules."+dialect, "for no dialect", strings.Join(dialects[1:], ", ")+`, or "" for all of them`)
		}
		pauses := s.Schedules[dialect]
		if len(pauses) > maxPauses {
			fail("schedules."+dialect, fmt.Sprintf("%d pauses long", len(pauses)), "at most 100")
		}
		for _, pause := range pauses {
			if pause <= 0 || pause > longestPause {
				fail("schedules."+dialect, pause, "pauses above 0 and up to 168h")
				break
			}
		}
	}
	s.Cloudinary.validate(fail)
	s.Media.validate(fail)
	s.Pixta.validate(fail)
	if b := s.Bridge; b != nil {
		text := func(field, value string, most int) {
			if len(value) > most || strings.ContainsFunc(value, unicode.IsControl) {
				fail("bridge."+field, fmt.Sprintf("%d bytes long", len(value)), fmt.Sprintf("at most %d bytes without control characters", most))
			}
		}
		text("bus", b.Bus, maxBusName)
		text("source", b.Source, maxSource)
		text("detail_type", b.DetailType, maxDetailType)
		if strings.HasPrefix(b.Source, "aws.") {
			fail("bridge.source", strconv.Quote(b.Source), "a source that does not begin with aws., which is kept for AWS")
		}
		if strings.ContainsFunc(b.Bus, func(r rune) bool { return r == ' ' || r > '~' }) {
			fail("bridge.bus", strconv.Quote(b.Bus), "the name or ARN of a bus, in printable ASCII")
		}
	}
	return errors.Join(errs...)
}

// Schedule is the application's own schedule for a dialect; ok tells whether it has one.
func (s Settings) Schedule(dialect string) (pauses []time.Duration, ok bool) {
	for _, key := range []string{dialect, EveryDialect} {
		if pauses, ok := s.Schedules[key]; ok {
			return pauses, true
		}
	}
	return nil, false
}
