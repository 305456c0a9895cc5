package callback

import (
	"errors"
	"fmt"
	"time"
)

// Config says how changes gather.
type Config struct {
	Window   time.Duration `env:"RINGBACK_CALLBACK_WINDOW" doc:"The time within which changes of one media item become one callback."`
	InFlight int           `env:"RINGBACK_CALLBACK_IN_FLIGHT" doc:"Callbacks in progress at a time."`
	Timeout  time.Duration `env:"RINGBACK_CALLBACK_TIMEOUT" doc:"How long an endpoint may take to answer, connecting included."`
	Grace    time.Duration `env:"RINGBACK_CALLBACK_GRACE" doc:"How long callbacks in progress may go on after a stop was asked for."`
}

// DefaultConfig gathers for five minutes, as the format's own service did.
func DefaultConfig() Config {
	return Config{Window: 5 * time.Minute, InFlight: 64, Timeout: 15 * time.Second, Grace: 10 * time.Second}
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
	if c.Timeout < time.Second || c.Timeout > 2*time.Minute {
		errs = append(errs, fmt.Errorf("RINGBACK_CALLBACK_TIMEOUT: %s, want 1s to 2m", c.Timeout))
	}
	if c.Grace < 0 {
		errs = append(errs, fmt.Errorf("RINGBACK_CALLBACK_GRACE: %s, want 0s or more", c.Grace))
	}
	return errors.Join(errs...)
}
