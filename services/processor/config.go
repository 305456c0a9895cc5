package processor

import (
	"errors"
	"fmt"
	"time"

	"github.com/ringback/ringback/services/internal/config"
)

// Config says how patient the processor is.
type Config struct {
	Tries int           `env:"RINGBACK_PROCESSOR_TRIES" doc:"How often a job is tried when its source cannot be fetched or something unforeseen happens."`
	Grace time.Duration `env:"RINGBACK_PROCESSOR_GRACE" doc:"How long jobs in progress may go on after a stop was asked for, before they are left to another processor."`

	ArchiveSize config.ByteSize `env:"RINGBACK_PROCESSOR_ARCHIVE_SIZE" doc:"How large a ZIP file may become before another is begun. It is made in memory, one for each job that packs files. How many files a job may pack is RINGBACK_LIMIT_PICTURES, how large each may be RINGBACK_OUTBOUND_FETCH_MAX_SIZE."`

	PutTimeout time.Duration `env:"RINGBACK_PROCESSOR_PUT_TIMEOUT" doc:"How long it may take to put an output into a bucket or to an address of a client."`
}

// DefaultConfig tries three times, one and then four seconds apart, and gives an output two minutes to be put elsewhere.
func DefaultConfig() Config {
	return Config{Tries: 3, Grace: 20 * time.Second, PutTimeout: 2 * time.Minute, ArchiveSize: 100 * config.MB}
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
	if c.ArchiveSize < config.MB || c.ArchiveSize > config.GB {
		errs = append(errs, fmt.Errorf("RINGBACK_PROCESSOR_ARCHIVE_SIZE: %s, want 1MB to 1GB", c.ArchiveSize))
	}
	if c.PutTimeout < time.Second || c.PutTimeout > time.Hour {
		errs = append(errs, fmt.Errorf("RINGBACK_PROCESSOR_PUT_TIMEOUT: %s, want 1s to 1h", c.PutTimeout))
	}
	return errors.Join(errs...)
}
