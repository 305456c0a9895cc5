package retention

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/config"
)

// Least is the shortest age that may be set, and the youngest that is ever removed to save room. Repeats of a request are
// answered from what the first one made for [bus.IdempotencyMemory], a day; one hour is for clocks that differ.
const Least = 25 * time.Hour

// Config says how long pictures are kept, and how many.
type Config struct {
	Outputs        Age  `env:"RINGBACK_RETENTION_OUTPUTS" doc:"How long outputs are kept that are served under /files, such as 30d or 720h; forever keeps them all. At least 25h, like every age here."`
	OutputsSize    Size `env:"RINGBACK_RETENTION_OUTPUTS_SIZE" doc:"How much all outputs may come to, such as 500GB, before the oldest are removed, but none that is younger than 25h; unlimited removes none."`
	Derived        Age  `env:"RINGBACK_RETENTION_DERIVED" doc:"How long pictures are kept that delivery URLs made of assets. They are made again when they are asked for. Assets are never removed by age."`
	DerivedSize    Size `env:"RINGBACK_RETENTION_DERIVED_SIZE" doc:"How much all derived pictures may come to before the oldest are removed."`
	Quarantine     Age  `env:"RINGBACK_RETENTION_QUARANTINE" doc:"How long sources are kept that ended a renderer."`
	QuarantineSize Size `env:"RINGBACK_RETENTION_QUARANTINE_SIZE" doc:"How much all such sources may come to before the oldest are removed."`
	Uploads        Age  `env:"RINGBACK_RETENTION_UPLOADS" doc:"How long chunks of uploads are kept that were never finished, uploads whose job ended without removing them, and those that were announced by POST /v1/uploads; an hour less is how long a job may name one, so ingest has to be told the same as the processors. The upload of a job that still waits is never removed."`

	Interval time.Duration `env:"RINGBACK_RETENTION_INTERVAL" doc:"How often the next thousand of each area are looked through for what is to be removed, by one process at a time."`
	Pause    time.Duration `env:"RINGBACK_RETENTION_PAUSE" doc:"How long an area rests when all of it was looked through."`
}

// DefaultConfig keeps what clients asked for for ever, pictures that ended a renderer for 30 days, and what was left behind
// for two.
func DefaultConfig() Config {
	return Config{
		Outputs: Forever, OutputsSize: Unlimited, Derived: Forever, DerivedSize: Unlimited,
		Quarantine: Age(30 * day), QuarantineSize: Unlimited, Uploads: Age(2 * day),
		Interval: time.Minute, Pause: 6 * time.Hour,
	}
}

// Validate reports every setting that cannot work, joined.
func (c Config) Validate() error {
	var errs []error
	for name, age := range map[string]Age{
		"OUTPUTS": c.Outputs, "DERIVED": c.Derived, "QUARANTINE": c.Quarantine, "UPLOADS": c.Uploads,
	} {
		if age < Age(Least) {
			errs = append(errs, fmt.Errorf("RINGBACK_RETENTION_%s: %s, want %s or more, or forever", name, age, Age(Least)))
		}
	}
	if c.Interval < time.Second || c.Interval > day {
		errs = append(errs, fmt.Errorf("RINGBACK_RETENTION_INTERVAL: %s, want 1s to 24h", c.Interval))
	}
	if c.Pause < 0 {
		errs = append(errs, fmt.Errorf("RINGBACK_RETENTION_PAUSE: %s, want 0s or more", c.Pause))
	}
	return errors.Join(errs...)
}

// slack is for clocks that differ, and for a job that is accepted and not stored yet.
const slack = time.Hour

// UploadsUsable is how old an upload may be that a job is accepted with: so much younger than those that are removed that it
// is there when the job is made, however long that waits.
func (c Config) UploadsUsable() time.Duration {
	if c.Uploads == Forever {
		return time.Duration(Forever)
	}
	return time.Duration(c.Uploads) - slack
}

const day = 24 * time.Hour

// Age is how old something may become.
type Age time.Duration

// Forever is older than anything.
const Forever Age = math.MaxInt64

// String is the age in days when it is whole days.
func (a Age) String() string {
	switch {
	case a == Forever:
		return "forever"
	case a != 0 && time.Duration(a)%day == 0:
		return strconv.FormatInt(int64(time.Duration(a)/day), 10) + "d"
	default:
		return config.Durations{time.Duration(a)}.String()
	}
}

// MarshalText writes the age as String does. It never fails.
func (a Age) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

var errAge = errors.New("expected an age such as 30d or 720h, or forever")

// UnmarshalText reads an age. It fails with what was expected.
func (a *Age) UnmarshalText(text []byte) error {
	value := string(text)
	if value == Forever.String() {
		*a = Forever
		return nil
	}
	if days, ok := strings.CutSuffix(value, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		*a = Age(time.Duration(n) * day) // 16 bits of days are 179 years
		if err != nil {
			return errAge
		}
		return nil
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 {
		return errAge
	}
	*a = Age(d)
	return nil
}

// Size is how much there may be.
type Size config.ByteSize

// Unlimited is more than anything.
const Unlimited Size = math.MaxInt64

// String is the size with its unit.
func (s Size) String() string {
	if s == Unlimited {
		return "unlimited"
	}
	return config.ByteSize(s).String()
}

// MarshalText writes the size as String does. It never fails.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a size. It fails with what was expected.
func (s *Size) UnmarshalText(text []byte) error {
	if string(text) == Unlimited.String() {
		*s = Unlimited
		return nil
	}
	size, err := config.ParseByteSize(string(text))
	if err != nil {
		return fmt.Errorf("%w, or unlimited", err)
	}
	*s = Size(size)
	return nil
}
