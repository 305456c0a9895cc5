package screenshot

import (
	"errors"
	"fmt"
	"time"
)

// Config names the browser.
type Config struct {
	Chromium  string        `env:"RINGBACK_CHROMIUM" doc:"Path of the Chromium that draws pages of the web for screenshots; such jobs fail while it is empty. It runs on the machine of the processor."`
	NoSandbox bool          `env:"RINGBACK_CHROMIUM_NO_SANDBOX" doc:"Run Chromium without its own sandbox, which it needs as root and where the kernel gives it no namespaces. A page that takes the browser over then has the rights of this process' user: run the processor as a user of its own."`
	Timeout   time.Duration `env:"RINGBACK_CHROMIUM_TIMEOUT" doc:"How long a screenshot may take in all, before the browser is killed."`
	AtATime   int           `env:"RINGBACK_CHROMIUM_AT_A_TIME" doc:"How many screenshots are taken at a time; a browser takes some 300 MB."`
}

// DefaultConfig has no browser.
func DefaultConfig() Config { return Config{Timeout: time.Minute, AtATime: 2} }

// Validate reports every setting that cannot work, joined.
func (c Config) Validate() error {
	var errs []error
	if c.Timeout < time.Second || c.Timeout > 10*time.Minute {
		errs = append(errs, fmt.Errorf("RINGBACK_CHROMIUM_TIMEOUT: %s, want 1s to 10m", c.Timeout))
	}
	if c.AtATime < 1 || c.AtATime > 100 {
		errs = append(errs, fmt.Errorf("RINGBACK_CHROMIUM_AT_A_TIME: %d, want 1 to 100", c.AtATime))
	}
	return errors.Join(errs...)
}
