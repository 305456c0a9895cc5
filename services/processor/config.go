package processor

import (
	"errors"
	"fmt"
	"time"
)

// Config says how patient the processor is.
type Config struct {
	Tries int           `env:"RINGBACK_PROCESSOR_TRIES" doc:"How often a job is tried when its source cannot be fetched or something unforeseen happens."`
	Grace time.Duration `env:"RINGBACK_PROCESSOR_GRACE" doc:"How long jobs in progress may go on after a stop was asked for, before they are left to another processor."`
}

// DefaultConfig tries three times, one and then four seconds apart.
func DefaultConfig() Config {
	return Config{Tries: 3, Grace: 20 * time.Second}
}

// Validate reports every setting that cannot work, joined.
func (c Config) Validate() error {
	var errs []error
	if c.Tries < 1 || c.Tries > 10 {
		errs = append(errs, fmt.Errorf("RINGBACK_PROCESSOR_TRIES: %d, want 1 to 10", c.Tries))
	}
	if c.Grace < 0 || c.Grace > 10*time.Minute {
		errs = append(errs, fmt.Errorf("RINGBACK_PROCESSOR_GRACE: %s, want 0s to 10m", c.Grace))
	}
	return errors.Join(errs...)
}
