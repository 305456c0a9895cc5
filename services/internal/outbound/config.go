package outbound

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/config"
)

// Config is what may be set about the way out.
type Config struct {
	Allow          []string        `env:"RINGBACK_OUTBOUND_ALLOW" doc:"Addresses and networks that may be reached beyond the public ones, on any port, such as 127.0.0.1,10.0.0.0/8."`
	FetchTimeout   time.Duration   `env:"RINGBACK_OUTBOUND_FETCH_TIMEOUT" doc:"One deadline over fetching a source: names, connections, redirects and the last byte."`
	FetchMaxSize   config.ByteSize `env:"RINGBACK_OUTBOUND_FETCH_MAX_SIZE" doc:"The largest source that is fetched."`
	FetchRedirects int             `env:"RINGBACK_OUTBOUND_FETCH_REDIRECTS" doc:"How many redirects a source may take. Posts follow none."`
	PostTimeout    time.Duration   `env:"RINGBACK_OUTBOUND_POST_TIMEOUT" doc:"One deadline over a post: name, connection, request and answer."`
	DNSTimeout     time.Duration   `env:"RINGBACK_OUTBOUND_DNS_TIMEOUT" doc:"How long a name may take to resolve."`
	ConnectTimeout time.Duration   `env:"RINGBACK_OUTBOUND_CONNECT_TIMEOUT" doc:"How long connecting may take, all addresses of a name together, and then how long the TLS handshake."`
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
	positive("RINGBACK_OUTBOUND_IDLE_PER_HOST", c.IdlePerHost > 0, c.IdlePerHost)
	if c.FetchRedirects < 0 {
		errs = append(errs, fmt.Errorf("RINGBACK_OUTBOUND_FETCH_REDIRECTS=%d: expected 0 or more", c.FetchRedirects))
	}
	return errors.Join(errs...)
}

// allowed reads Allow.
func (c Config) allowed() ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	var errs []error
	for _, entry := range c.Allow {
		prefix, err := parseEntry(entry)
		if err != nil {
			errs = append(errs, fmt.Errorf("RINGBACK_OUTBOUND_ALLOW=%q: expected an address such as 127.0.0.1 or a network such as 10.0.0.0/8",
				entry))
			continue
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, errors.Join(errs...)
}

func parseEntry(entry string) (netip.Prefix, error) {
	if !strings.Contains(entry, "/") {
		addr, err := netip.ParseAddr(entry)
		if err != nil {
			return netip.Prefix{}, err
		}
		return addr.WithZone("").Unmap().Prefix(addr.WithZone("").Unmap().BitLen())
	}
	prefix, err := netip.ParsePrefix(entry)
	if err != nil {
		return netip.Prefix{}, err
	}
	// An IPv4 network in its IPv6 spelling is kept as what it is, because addresses are compared unmapped.
	if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
		return netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96).Masked(), nil
	}
	return prefix.Masked(), nil
}
