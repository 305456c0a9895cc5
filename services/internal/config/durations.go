package config

import (
	"errors"
	"strings"
	"time"
)

// ErrDurations says what a list of durations looks like.
var ErrDurations = errors.New("expected durations, comma separated, such as 5s,30s,2m")

// Duration is a duration that is written as "5m", in JSON.
type Duration time.Duration

// UnmarshalText reads a duration. It fails with what [time.ParseDuration] says, and leaves the duration alone.
func (d *Duration) UnmarshalText(text []byte) error {
	one, err := time.ParseDuration(string(text))
	if err == nil {
		*d = Duration(one)
	}
	return err
}

// MarshalText writes the duration. It never fails.
func (d Duration) MarshalText() ([]byte, error) { return []byte(short(time.Duration(d))), nil }

// Durations is a list of durations that is written as "5s,30s,2m0s", in settings and in JSON alike.
type Durations []time.Duration

// UnmarshalText reads a list; the empty text is the empty list. It fails with [ErrDurations] and leaves the list alone.
func (d *Durations) UnmarshalText(text []byte) error {
	var all Durations
	for item := range strings.SplitSeq(string(text), ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		one, err := time.ParseDuration(item)
		if err != nil {
			return ErrDurations
		}
		all = append(all, one)
	}
	*d = all
	return nil
}

// MarshalText writes the list. It never fails.
func (d Durations) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String writes the list as it is set.
func (d Durations) String() string {
	items := make([]string, len(d))
	for i, one := range d {
		items[i] = short(one)
	}
	return strings.Join(items, ",")
}

// short leaves out the zero units that a duration's own text ends in: 2m0s is 2m.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
