package postback

import (
	"errors"
	"fmt"
	"time"
)

// Config says how hard endpoints may be pressed.
type Config struct {
	LaneInFlight     int           `env:"RINGBACK_POSTBACK_LANE_IN_FLIGHT" doc:"Attempts in progress in each of the eight lanes."`
	EndpointInFlight int           `env:"RINGBACK_POSTBACK_ENDPOINT_IN_FLIGHT" doc:"Attempts in progress at one endpoint."`
	Timeout          time.Duration `env:"RINGBACK_POSTBACK_TIMEOUT" doc:"How long an endpoint may take to answer, connecting included."`
	Grace            time.Duration `env:"RINGBACK_POSTBACK_GRACE" doc:"How long attempts in progress may go on after a stop was asked for."`
}

// DefaultConfig is eight attempts at a time at one endpoint, with fifteen seconds to answer.
func DefaultConfig() Config {
	return Config{LaneInFlight: 64, EndpointInFlight: 8, Timeout: 15 * time.Second, Grace: 10 * time.Second}
}

// Validate reports every setting that cannot work, joined.
func (c Config) Validate() error {
	var errs []error
	if c.EndpointInFlight < 1 {
		errs = append(errs, fmt.Errorf("RINGBACK_POSTBACK_ENDPOINT_IN_FLIGHT: %d, want 1 or more", c.EndpointInFlight))
	}
	if c.LaneInFlight < c.EndpointInFlight {
		errs = append(errs, fmt.Errorf("RINGBACK_POSTBACK_LANE_IN_FLIGHT: %d, want no less than RINGBACK_POSTBACK_ENDPOINT_IN_FLIGHT", c.LaneInFlight))
	}
	if c.Timeout < time.Second || c.Timeout > 2*time.Minute {
		errs = append(errs, fmt.Errorf("RINGBACK_POSTBACK_TIMEOUT: %s, want 1s to 2m", c.Timeout))
	}
	if c.Grace < 0 {
		errs = append(errs, fmt.Errorf("RINGBACK_POSTBACK_GRACE: %s, want 0s or more", c.Grace))
	}
	return errors.Join(errs...)
}
