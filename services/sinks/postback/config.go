package postback

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/config"
)

// Config says how hard endpoints may be pressed.
type Config struct {
	InFlight         int           `env:"RINGBACK_POSTBACK_IN_FLIGHT" doc:"Attempts in progress at endpoints that answered fast the last time."`
	SlowInFlight     int           `env:"RINGBACK_POSTBACK_SLOW_IN_FLIGHT" doc:"Attempts in progress at endpoints that are new, slow or silent; they never take the places of the fast ones. When all are taken, the longest silent are given up after two seconds instead of the whole timeout."`
	EndpointInFlight int           `env:"RINGBACK_POSTBACK_ENDPOINT_IN_FLIGHT" doc:"Attempts in progress at one endpoint at most. Each begins with one and earns more by its answers."`
	EndpointRate     float64       `env:"RINGBACK_POSTBACK_ENDPOINT_RATE" doc:"Attempts a second at one endpoint; 0 for no limit."`
	EndpointQuota    int           `env:"RINGBACK_POSTBACK_ENDPOINT_QUOTA" doc:"How many deliveries are held for one endpoint that is broken, paused or disabled. What comes beyond is kept in RINGBACK_DEAD and can be replayed."`
	Origin           string        `env:"RINGBACK_POSTBACK_ORIGIN" doc:"Name by which endpoints are asked whether they want CloudEvents (WebHook-Request-Origin)."`
	Timeout          time.Duration `env:"RINGBACK_POSTBACK_TIMEOUT" doc:"How long an endpoint may take to answer, connecting included."`
	Grace            time.Duration `env:"RINGBACK_POSTBACK_GRACE" doc:"How long attempts in progress may go on after a stop was asked for."`
	Schedules        Schedules
}

// Schedules are the pauses between attempts where a dialect has its own; an application's settings come before them.
type Schedules struct {
	Default    config.Durations `env:"RINGBACK_POSTBACK_SCHEDULE" doc:"Pauses before the second and each later attempt of a delivery. By default 5s, 30s, 2m, 10m, 30m, 1h, 2h and then every 4h until three days have passed."`
	Blitline   config.Durations `env:"RINGBACK_POSTBACK_SCHEDULE_BLITLINE" doc:"The same for jobs of Blitline's format."`
	Cloudinary config.Durations `env:"RINGBACK_POSTBACK_SCHEDULE_CLOUDINARY" doc:"The same for jobs of Cloudinary's format. By default 3m, 6m, 9m, 30m, 1h, 2h and then every 4h until three days have passed."`
	Pixta      config.Durations `env:"RINGBACK_POSTBACK_SCHEDULE_PIXTA" doc:"The same for jobs of Pixta Cloud's format."`
}

// of is a dialect's own schedule, nil when it has none.
func (s Schedules) of(dialect string) config.Durations {
	own := map[string]config.Durations{"blitline": s.Blitline, "cloudinary": s.Cloudinary, "pixta": s.Pixta}[dialect]
	if own == nil {
		return s.Default
	}
	return own
}

// DefaultConfig is eight attempts at a time at one endpoint, with fifteen seconds to answer.
func DefaultConfig() Config {
	return Config{
		InFlight: 256, SlowInFlight: 512, EndpointInFlight: 8, EndpointQuota: 1_000_000, Origin: "ringback",
		Timeout: 15 * time.Second, Grace: 10 * time.Second,
	}
}

// Validate reports every setting that cannot work, joined.
func (c Config) Validate() error {
	var errs []error
	atLeast := func(name string, value, least int) {
		if value < least {
			errs = append(errs, fmt.Errorf("%s: %d, want %d or more", name, value, least))
		}
	}
	atLeast("RINGBACK_POSTBACK_IN_FLIGHT", c.InFlight, 1)
	atLeast("RINGBACK_POSTBACK_SLOW_IN_FLIGHT", c.SlowInFlight, 1)
	atLeast("RINGBACK_POSTBACK_ENDPOINT_IN_FLIGHT", c.EndpointInFlight, 1)
	atLeast("RINGBACK_POSTBACK_ENDPOINT_QUOTA", c.EndpointQuota, 1)
	if c.EndpointRate < 0 {
		errs = append(errs, fmt.Errorf("RINGBACK_POSTBACK_ENDPOINT_RATE: %g, want 0 or more", c.EndpointRate))
	}
	if c.Origin == "" || strings.ContainsFunc(c.Origin, func(r rune) bool { return r <= ' ' || r > '~' }) {
		errs = append(errs, fmt.Errorf("RINGBACK_POSTBACK_ORIGIN: %q, want a name such as pictures.example.com", c.Origin))
	}
	if c.Timeout < time.Second || c.Timeout > 2*time.Minute {
		errs = append(errs, fmt.Errorf("RINGBACK_POSTBACK_TIMEOUT: %s, want 1s to 2m", c.Timeout))
	}
	if c.Grace < 0 {
		errs = append(errs, fmt.Errorf("RINGBACK_POSTBACK_GRACE: %s, want 0s or more", c.Grace))
	}
	return errors.Join(append(errs, c.Schedules.validate()...)...)
}

func (s Schedules) validate() []error {
	var errs []error
	for _, one := range []struct {
		name   string
		pauses config.Durations
	}{
		{"", s.Default}, {"_BLITLINE", s.Blitline}, {"_CLOUDINARY", s.Cloudinary}, {"_PIXTA", s.Pixta},
	} {
		for _, pause := range one.pauses {
			if pause <= 0 {
				errs = append(errs, fmt.Errorf("RINGBACK_POSTBACK_SCHEDULE%s: %s, want pauses above 0", one.name, one.pauses))
				break
			}
		}
	}
	return errs
}
