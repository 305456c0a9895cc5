package app

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/ringback/ringback/services/ingest"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/certs"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/outbound"
	"github.com/ringback/ringback/services/internal/retention"
	"github.com/ringback/ringback/services/internal/screenshot"
	"github.com/ringback/ringback/services/internal/telemetry"
	"github.com/ringback/ringback/services/processor"
	"github.com/ringback/ringback/services/sinks/callback"
	"github.com/ringback/ringback/services/sinks/eventbridge"
	"github.com/ringback/ringback/services/sinks/postback"
)

// Config is every setting of the process, composed of what each package needs. All of them come from the environment.
type Config struct {
	Data        string `env:"RINGBACK_DATA" doc:"Folder of everything that is kept: streams, keys and, unless RINGBACK_BLOB_URL names a bucket, pictures, which several processes of one cluster must share."`
	SealKeyFile string `env:"RINGBACK_SEAL_KEY_FILE" doc:"File with the key that secrets are sealed with. Made in the data folder when it is missing; the same for all processes of a cluster."`
	Bus         bus.Config
	Blob        blob.Config
	Retention   retention.Config
	Ingest      ingest.Config
	Processor   processor.Config
	Render      imaging.Config
	Outbound    outbound.Config
	Postback    postback.Config
	Callback    callback.Config
	EventBridge eventbridge.Config
	Screenshot  screenshot.Config
	Log         telemetry.Config
}

// DefaultConfig runs everything on one machine, on loopback, with its data in the user's own folder.
func DefaultConfig() Config {
	return Config{
		Data: defaultData(), Bus: bus.DefaultConfig(), Blob: blob.DefaultConfig(),
		Retention: retention.DefaultConfig(), Ingest: ingest.DefaultConfig(), Processor: processor.DefaultConfig(),
		Render: imaging.DefaultConfig(), Outbound: outbound.DefaultConfig(), Postback: postback.DefaultConfig(),
		Callback: callback.DefaultConfig(), EventBridge: eventbridge.DefaultConfig(), Screenshot: screenshot.DefaultConfig(),
		Log: telemetry.DefaultConfig(),
	}
}

// LoadConfig reads the settings. It reports every one that cannot be read, joined, and does not look whether they make
// sense: [Config.Validate] does, for the services that are to run.
func LoadConfig(environ map[string]string) (Config, error) {
	c := DefaultConfig()
	if err := config.Load(&c, environ); err != nil {
		return c, err
	}
	if c.SealKeyFile == "" {
		c.SealKeyFile = filepath.Join(c.Data, "seal.key")
	}
	if c.Ingest.CertFile == "" && c.Ingest.KeyFile == "" {
		made := certs.In(filepath.Join(c.Data, "tls"))
		c.Ingest.CertFile, c.Ingest.KeyFile = made.Cert, made.Key
	}
	return c, nil
}

// Validate reports every setting of the named services that cannot work, joined.
func (c Config) Validate(names []string) error {
	rows, err := pick(names)
	if err != nil {
		return err
	}
	errs := []error{c.Bus.Validate()}
	for _, row := range rows {
		errs = append(errs, row.validate(c))
	}
	return errors.Join(errs...)
}

// defaultData is where programs keep what belongs to a user, or the working folder when there is no home.
func defaultData() string {
	if state := os.Getenv("XDG_STATE_HOME"); state != "" {
		return filepath.Join(state, "ringback")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "state", "ringback")
	}
	return "ringback-data"
}
