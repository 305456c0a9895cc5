package bus

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/ringback/ringback/services/internal/config"
)

// Config says which broker to use.
type Config struct {
	// Addr is where the embedded server listens.
	Addr string `env:"RINGBACK_NATS_ADDR" doc:"Address of the embedded nats-server; port 0 takes any free one."`
	// URL names an external cluster; with it no server is embedded.
	URL config.Secret `env:"RINGBACK_NATS_URL" doc:"External NATS servers, comma separated, with user and password in each URL. When set, no server is embedded."`
	// Replicas is how many servers of an external cluster keep each stream.
	Replicas int `env:"RINGBACK_NATS_REPLICAS" doc:"Copies of each stream on an external cluster: 1 or 3."`
}

// DefaultConfig is the embedded server on loopback.
func DefaultConfig() Config {
	return Config{Addr: "127.0.0.1:4222", Replicas: 3}
}

// Validate reports every setting that cannot work, joined.
func (c Config) Validate() error {
	var errs []error
	if c.URL == "" {
		if _, _, err := c.listener(); err != nil {
			errs = append(errs, err)
		}
	} else if u, err := url.Parse(strings.Split(c.URL.Reveal(), ",")[0]); err != nil || u.Host == "" {
		errs = append(errs, errors.New(`RINGBACK_NATS_URL: cannot be read, want "nats://user:password@host:4222" or several of them, comma separated`))
	}
	if c.Replicas != 1 && c.Replicas != 3 {
		errs = append(errs, fmt.Errorf("RINGBACK_NATS_REPLICAS: %d, want 1 or 3", c.Replicas))
	}
	return errors.Join(errs...)
}

func (c Config) listener() (host string, port int, err error) {
	host, text, err := net.SplitHostPort(c.Addr)
	if err == nil {
		port, err = strconv.Atoi(text)
	}
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf(`RINGBACK_NATS_ADDR: %q, want "host:port" such as "127.0.0.1:4222"`, c.Addr)
	}
	return host, port, nil
}
