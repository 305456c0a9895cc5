package outbound

import (
	"errors"
	"fmt"
	"time"

	"github.com/ringback/ringback/services/internal/config"
)

// Config is what may be set about the way out.
type Config struct {
	Allow          []string        `env:"RINGBACK_OUTBOUND_ALLOW" doc:"Addresses, networks and hosts that may be reached beyond the public ones, on any port, such as 127.0.0.1,10.0.0.0/8,hooks.example.internal. A host may be anywhere but where clouds keep their metadata: link-local, multicast and reserved ranges open to addresses and networks within them alone."`
	Private        bool            `env:"RINGBACK_OUTBOUND_PRIVATE" doc:"Let private networks be reached, too: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10 and fc00::/7, but for addresses of this machine and of cloud metadata."`
	HTTPSOnly      bool            `env:"RINGBACK_OUTBOUND_HTTPS_ONLY" doc:"Refuse addresses that begin with http://, of sources and of notifications."`
	FetchTimeout   time.Duration   `env:"RINGBACK_OUTBOUND_FETCH_TIMEOUT" doc:"One deadline over fetching a source: names, connections, redirects and the last byte."`
	FetchMaxSize   config.ByteSize `env:"RINGBACK_OUTBOUND_FETCH_MAX_SIZE" doc:"The largest source that is fetched."`
	FetchRedirects int             `env:"RINGBACK_OUTBOUND_FETCH_REDIRECTS" doc:"How many redirects a source may take. Posts follow none."`
	PostTimeout    time.Duration   `env:"RINGBACK_OUTBOUND_POST_TIMEOUT" doc:"One deadline over a post: name, connection, request and answer."`
	DNSTimeout     time.Duration   `env:"RINGBACK_OUTBOUND_DNS_TIMEOUT" doc:"How long a name may take to resolve."`
	ConnectTimeout time.Duration   `env:"RINGBACK_OUTBOUND_CONNECT_TIMEOUT" doc:"How long connecting may take, all addresses of a name together, and then how long the TLS handshake."`
	IdleTotal      int             `env:"RINGBACK_OUTBOUND_IDLE_TOTAL" doc:"How many unused connections are kept in all; each takes an open file. With more endpoints than this in turn, every post connects again."`
	IdlePerHost    int             `env:"RINGBACK_OUTBOUND_IDLE_PER_HOST" doc:"How many unused connections to one host are kept for the next post."`
}

// DefaultConfig lets nothing but public addresses through.
func DefaultConfig() Config {
	return Config{
		FetchTimeout:   60 * time.Second,
		FetchMaxSize:   100 * config.MB,
		FetchRedirects: 5,
		PostTimeout:    15 * time.Second,
		DNSTimeout:     5 * time.Second,
		ConnectTimeout: 10 * time.Second,
		IdleTotal:      10_240,
		IdlePerHost:    256,
	}
}

// Validate reports everything that cannot work, all at once.
func (c Config) Validate() error {
	_, err := c.allowed()
	errs := []error{err}
	positive := func(name string, ok bool, value any) {
		if !ok {
			errs = append(errs, fmt.Errorf("%s=%v: expected more than nothing", name, value))
		}
	}
	positive("RINGBACK_OUTBOUND_FETCH_TIMEOUT", c.FetchTimeout > 0, c.FetchTimeout)
	positive("RINGBACK_OUTBOUND_FETCH_MAX_SIZE", c.FetchMaxSize > 0, c.FetchMaxSize)
	positive("RINGBACK_OUTBOUND_POST_TIMEOUT", c.PostTimeout > 0, c.PostTimeout)
	positive("RINGBACK_OUTBOUND_DNS_TIMEOUT", c.DNSTimeout > 0, c.DNSTimeout)
	positive("RINGBACK_OUTBOUND_CONNECT_TIMEOUT", c.ConnectTimeout > 0, c.ConnectTimeout)
	positive("RINGBACK_OUTBOUND_IDLE_TOTAL", c.IdleTotal > 0, c.IdleTotal)
	positive("RINGBACK_OUTBOUND_IDLE_PER_HOST", c.IdlePerHost > 0, c.IdlePerHost)
	if c.FetchRedirects < 0 {
		errs = append(errs, fmt.Errorf("RINGBACK_OUTBOUND_FETCH_REDIRECTS=%d: expected 0 or more", c.FetchRedirects))
	}
	return errors.Join(errs...)
}
