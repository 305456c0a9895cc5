package eventbridge

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/config"
)

// Config says which event bus is told, and how hard it may be pressed.
type Config struct {
	Region          string        `env:"RINGBACK_EVENTBRIDGE_REGION" doc:"AWS region of the event bus, such as eu-central-1. With neither a region nor an endpoint nothing is sent, and what asks for EventBridge is put on record as undeliverable."`
	Endpoint        string        `env:"RINGBACK_EVENTBRIDGE_ENDPOINT" doc:"Address to use in place of AWS's own, such as a VPC endpoint or an emulator. It is the operator's choice, so the guard of RINGBACK_OUTBOUND_ALLOW does not look at it."`
	Bus             string        `env:"RINGBACK_EVENTBRIDGE_BUS" doc:"Name or ARN of the event bus, for applications that have none of their own."`
	Source          string        `env:"RINGBACK_EVENTBRIDGE_SOURCE" doc:"Source of the events, for applications that have none of their own. AWS refuses sources that begin with aws."`
	DetailType      string        `env:"RINGBACK_EVENTBRIDGE_DETAIL_TYPE" doc:"Detail-type of the events, for applications that have none of their own. Without one it is the type of the result's event, such as dev.ringback.job.completed.v1."`
	AccessKeyID     string        `env:"RINGBACK_EVENTBRIDGE_ACCESS_KEY_ID" doc:"Access key. Without one credentials are looked for as every AWS program does: in AWS_ variables, the shared files, the role of the machine or pod."`
	SecretAccessKey config.Secret `env:"RINGBACK_EVENTBRIDGE_SECRET_ACCESS_KEY" doc:"The secret of the access key."`
	InFlight        int           `env:"RINGBACK_EVENTBRIDGE_IN_FLIGHT" doc:"Requests in progress at a time; each holds up to ten events."`
	Timeout         time.Duration `env:"RINGBACK_EVENTBRIDGE_TIMEOUT" doc:"How long a request may take, connecting included."`
	Grace           time.Duration `env:"RINGBACK_EVENTBRIDGE_GRACE" doc:"How long requests in progress may go on after a stop was asked for."`
}

// DefaultConfig sends nothing: somebody has to say where the bus is. Once there is a region it is the account's own bus.
func DefaultConfig() Config {
	return Config{Bus: "default", Source: "dev.ringback", InFlight: 8, Timeout: 15 * time.Second, Grace: 10 * time.Second}
}

// Enabled tells whether there is a bus to send to.
func (c Config) Enabled() bool { return c.Region != "" || c.Endpoint != "" }

// Validate reports every setting that cannot work, joined.
func (c Config) Validate() error {
	var errs []error
	fail := func(name, value, want string) {
		errs = append(errs, fmt.Errorf("RINGBACK_EVENTBRIDGE_%s: %s, want %s", name, value, want))
	}
	if c.Endpoint != "" {
		if u, err := url.Parse(c.Endpoint); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil {
			fail("ENDPOINT", "cannot be used", `an address such as "https://events.eu-central-1.amazonaws.com", without user information`)
		}
	}
	if c.Bus == "" {
		fail("BUS", "empty", `the name or ARN of a bus; the account's own is "default"`)
	}
	if c.Source == "" || len(c.Source) > maxSource || strings.HasPrefix(c.Source, "aws.") {
		fail("SOURCE", fmt.Sprintf("%q", c.Source), "1 to 256 bytes that do not begin with aws.")
	}
	if len(c.DetailType) > maxDetailType {
		fail("DETAIL_TYPE", fmt.Sprintf("%d bytes", len(c.DetailType)), "at most 128")
	}
	if (c.AccessKeyID == "") != (c.SecretAccessKey == "") {
		fail("ACCESS_KEY_ID", "set without the other", "both it and RINGBACK_EVENTBRIDGE_SECRET_ACCESS_KEY, or neither")
	}
	if c.InFlight < 1 {
		fail("IN_FLIGHT", fmt.Sprint(c.InFlight), "1 or more")
	}
	if c.Timeout < time.Second || c.Timeout > 2*time.Minute {
		fail("TIMEOUT", c.Timeout.String(), "1s to 2m")
	}
	if c.Grace < 0 {
		fail("GRACE", c.Grace.String(), "0s or more")
	}
	return errors.Join(errs...)
}

// Limits of AWS for the fields of an entry.
const (
	maxSource     = 256
	maxDetailType = 128
)
