package callback

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ringback/ringback/services/internal/config"
)

// Config says how changes gather and how hard endpoints may be pressed.
type Config struct {
	Window           time.Duration    `env:"RINGBACK_CALLBACK_WINDOW" doc:"The time within which changes of one media item become one callback, unless its application has one of its own."`
	InFlight         int              `env:"RINGBACK_CALLBACK_IN_FLIGHT" doc:"Callbacks in progress at a time. At endpoints that are new, slow or silent there are three quarters of it at most."`
	EndpointInFlight int              `env:"RINGBACK_CALLBACK_ENDPOINT_IN_FLIGHT" doc:"Callbacks in progress at one endpoint at most, in each process. Each begins with one and earns more by its answers."`
	Timeout          time.Duration    `env:"RINGBACK_CALLBACK_TIMEOUT" doc:"How long an endpoint may take to answer, connecting included."`
	Grace            time.Duration    `env:"RINGBACK_CALLBACK_GRACE" doc:"How long callbacks in progress may go on after a stop was asked for."`
	Schedule         config.Durations `env:"RINGBACK_CALLBACK_SCHEDULE" doc:"Pauses before the second and each later attempt of a callback, unless a newer state takes its place. By default 5s, 30s, 2m, 10m, 30m, 1h, 2h and then every 4h until three days have passed."`
}

// DefaultConfig gathers for five minutes, as the format's own service did.
func DefaultConfig() Config {
	return Config{Window: 5 * time.Minute, InFlight: 64, EndpointInFlight: 8, Timeout: 15 * time.Second, Grace: 10 * time.Second}
}

// Validate reports every setting that cannot work, joined.
func (c Config) Validate() error {
	var errs []error
	if c.Window < time.Second || c.Window > time.Hour {
		errs = append(errs, fmt.Errorf("RINGBACK_CALLBACK_WINDOW: %s, want 1s to 1h", c.Window))
	}
	if c.InFlight < 1 {
		errs = append(errs, fmt.Errorf("RINGBACK_CALLBACK_IN_FLIGHT: %d, want 1 or more", c.InFlight))
	}
	if c.EndpointInFlight < 1 {
		errs = append(errs, fmt.Errorf("RINGBACK_CALLBACK_ENDPOINT_IN_FLIGHT: %d, want 1 or more", c.EndpointInFlight))
	}
	if c.Timeout < time.Second || c.Timeout > 2*time.Minute {
		errs = append(errs, fmt.Errorf("RINGBACK_CALLBACK_TIMEOUT: %s, want 1s to 2m", c.Timeout))
	}
	if c.Grace < 0 {
		errs = append(errs, fmt.Errorf("RINGBACK_CALLBACK_GRACE: %s, want 0s or more", c.Grace))
	}
	if slices.ContainsFunc(c.Schedule, func(pause time.Duration) bool { return pause <= 0 }) {
		errs = append(errs, fmt.Errorf("RINGBACK_CALLBACK_SCHEDULE: %s, want pauses above 0", c.Schedule))
	}
	return errors.Join(errs...)
}
