package ingest

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/config"
)

// Config says where to listen and what to take.
type Config struct {
	Addr           string          `env:"RINGBACK_HTTP_ADDR" doc:"Address that HTTP is served on; port 0 takes any free one."`
	TLSAddr        string          `env:"RINGBACK_HTTPS_ADDR" doc:"Address that the same is served on by HTTPS; none when empty."`
	CertFile       string          `env:"RINGBACK_TLS_CERT_FILE" doc:"Certificate for HTTPS in PEM, with what leads to its authority. By default the one in the data folder that 'ringback tls' makes. A new one is taken within seconds."`
	KeyFile        string          `env:"RINGBACK_TLS_KEY_FILE" doc:"Its key in PEM."`
	PublicURL      string          `env:"RINGBACK_PUBLIC_URL" doc:"What links in replies start with. By default http:// and the address that is listened on."`
	MaxBody        config.ByteSize `env:"RINGBACK_HTTP_MAX_BODY" doc:"Largest upload. Requests without a picture may have 1 MiB."`
	UploadMaxSize  config.ByteSize `env:"RINGBACK_UPLOAD_MAX_SIZE" doc:"Largest picture that may be announced by POST /v1/uploads and put on its own, up to 5GB, and never more than RINGBACK_RENDER_MAX_MEMORY: no renderer could read it. Whoever processes it holds all of it in memory."`
	UploadValidity time.Duration   `env:"RINGBACK_UPLOAD_VALIDITY" doc:"How long the address of an announced upload may be used, 1m to 24h."`
	UploadDirect   bool            `env:"RINGBACK_UPLOAD_DIRECT" doc:"Let announced uploads go to the bucket of RINGBACK_BLOB_URL itself, where it is one and the credentials can sign. Set it to false when clients cannot reach the bucket: then they go through here."`

	Timeout  time.Duration `env:"RINGBACK_HTTP_TIMEOUT" doc:"How long a client may take to send a request."`
	Waiters  int           `env:"RINGBACK_HTTP_WAITERS" doc:"How many requests may wait for results at a time."`
	PollRate float64       `env:"RINGBACK_POLL_RATE" doc:"Questions about results that are answered a second for each application, unless it has a rate of its own. Each ingest counts by itself: with several of them, divide."`
	// Streams have a bound of their own: a wait is over within a minute, a stream stays, and would keep waits out.
	Streams      int           `env:"RINGBACK_HTTP_STREAMS" doc:"How many streams of events may be open at a time."`
	StreamsOfOne int           `env:"RINGBACK_APPLICATION_STREAMS" doc:"How many streams of events one application may have open at a time, in each ingest."`
	Heartbeat    time.Duration `env:"RINGBACK_HTTP_HEARTBEAT" doc:"After how long without news a stream of events says that it is alive; less than the idle timeout of any proxy before it."`
	Rate         float64       `env:"RINGBACK_APPLICATION_RATE" doc:"Jobs a second above which an application's standard jobs become bulk jobs."`
	Inbox        bool          `env:"RINGBACK_INBOX" doc:"Serve /inbox/{name}, which takes and lists whatever is posted to it. For development: anybody who can reach it can read it."`
}

// maxPollRate is what the setting of one application may be, too.
const maxPollRate = 10_000

// DefaultConfig is loopback, closed to everything that was not asked for.
func DefaultConfig() Config {
	return Config{
		Addr: "127.0.0.1:8080", MaxBody: 100 * config.MB, Timeout: 60 * time.Second, Waiters: 10_000, Rate: 1000,
		UploadMaxSize: config.GiB, UploadValidity: time.Hour, UploadDirect: true,
		PollRate: 5, Streams: 1000, StreamsOfOne: 100, Heartbeat: 15 * time.Second,
	}
}

// Validate reports every setting that cannot work, joined.
func (c Config) Validate() error {
	var errs []error
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		errs = append(errs, fmt.Errorf(`RINGBACK_HTTP_ADDR: %q, want "host:port" such as "127.0.0.1:8080"`, c.Addr))
	}
	if c.TLSAddr != "" {
		if _, _, err := net.SplitHostPort(c.TLSAddr); err != nil {
			errs = append(errs, fmt.Errorf(`RINGBACK_HTTPS_ADDR: %q, want "host:port" such as "127.0.0.1:8443"`, c.TLSAddr))
		}
		if c.CertFile == "" || c.KeyFile == "" {
			errs = append(errs, errors.New("RINGBACK_TLS_CERT_FILE and RINGBACK_TLS_KEY_FILE: want both or neither"))
		}
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.HasSuffix(c.PublicURL, "/") {
			errs = append(errs, fmt.Errorf(`RINGBACK_PUBLIC_URL: %q, want "https://pictures.example.com" without a slash at the end`, c.PublicURL))
		}
	}
	if c.MaxBody < 1<<20 {
		errs = append(errs, fmt.Errorf("RINGBACK_HTTP_MAX_BODY: %s, want 1MiB or more", c.MaxBody))
	}
	if c.UploadMaxSize < 1<<20 || c.UploadMaxSize > 5*config.GB {
		errs = append(errs, fmt.Errorf("RINGBACK_UPLOAD_MAX_SIZE: %s, want 1MiB to 5GB", c.UploadMaxSize))
	}
	if c.UploadValidity < time.Minute || c.UploadValidity > 24*time.Hour {
		errs = append(errs, fmt.Errorf("RINGBACK_UPLOAD_VALIDITY: %s, want 1m to 24h", c.UploadValidity))
	}
	if c.Timeout < time.Second {
		errs = append(errs, fmt.Errorf("RINGBACK_HTTP_TIMEOUT: %s, want 1s or more", c.Timeout))
	}
	if c.Waiters < 1 {
		errs = append(errs, fmt.Errorf("RINGBACK_HTTP_WAITERS: %d, want 1 or more", c.Waiters))
	}
	if !(c.PollRate > 0 && c.PollRate <= maxPollRate) {
		errs = append(errs, fmt.Errorf("RINGBACK_POLL_RATE: %g, want more than 0 and at most %d", c.PollRate, maxPollRate))
	}
	if c.Streams < 1 {
		errs = append(errs, fmt.Errorf("RINGBACK_HTTP_STREAMS: %d, want 1 or more", c.Streams))
	}
	if c.StreamsOfOne < 1 {
		errs = append(errs, fmt.Errorf("RINGBACK_APPLICATION_STREAMS: %d, want 1 or more", c.StreamsOfOne))
	}
	if c.Heartbeat <= 0 {
		errs = append(errs, fmt.Errorf("RINGBACK_HTTP_HEARTBEAT: %s, want more than 0s", c.Heartbeat))
	}
	if c.Rate <= 0 {
		errs = append(errs, fmt.Errorf("RINGBACK_APPLICATION_RATE: %g, want more than 0", c.Rate))
	}
	return errors.Join(errs...)
}
