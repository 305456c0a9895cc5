package blob

import (
	"errors"
	"fmt"
	"time"

	"github.com/ringback/ringback/services/internal/config"
)

// The settings that errors name.
const (
	urlSetting     = "RINGBACK_BLOB_URL"
	keySetting     = "RINGBACK_BLOB_ACCESS_KEY_ID"
	secretSetting  = "RINGBACK_BLOB_SECRET_ACCESS_KEY"
	tokenSetting   = "RINGBACK_BLOB_SESSION_TOKEN"
	timeoutSetting = "RINGBACK_BLOB_TIMEOUT"
)

// Config is what may be set about where pictures are kept.
type Config struct {
	URL             Address       `env:"RINGBACK_BLOB_URL" doc:"Bucket that keeps the pictures, such as s3://pictures?region=eu-central-1, gs://pictures or azblob://pictures; mem:// keeps them in memory, for trying out. Without it they are in the folder blobs of RINGBACK_DATA. Options follow a question mark: see docs/STORAGE.md."`
	AccessKeyID     config.Secret `env:"RINGBACK_BLOB_ACCESS_KEY_ID" doc:"Access key for the bucket of an s3 address. Without it the environment, profile or role that the AWS SDK finds is used; gs and azblob have the variables of their own SDKs alone."`
	SecretAccessKey config.Secret `env:"RINGBACK_BLOB_SECRET_ACCESS_KEY" doc:"Secret of the access key."`
	SessionToken    config.Secret `env:"RINGBACK_BLOB_SESSION_TOKEN" doc:"Session token of an access key that was lent for a while."`
	Timeout         time.Duration `env:"RINGBACK_BLOB_TIMEOUT" doc:"How long the bucket may take to answer one request before it is made again. A request that fails is made four times at most, and a transfer that stands still four times as long is given up."`
}

// DefaultConfig keeps pictures in the data folder.
func DefaultConfig() Config { return Config{Timeout: 20 * time.Second} }

// Validate reports everything that cannot work, all at once.
func (c Config) Validate() error {
	var errs []error
	if c.Timeout <= 0 {
		errs = append(errs, fmt.Errorf("%s=%v: expected more than nothing", timeoutSetting, c.Timeout))
	}
	if (c.AccessKeyID == "") != (c.SecretAccessKey == "") {
		errs = append(errs, fmt.Errorf("%s and %s: expected both or neither", keySetting, secretSetting))
	}
	if c.AccessKeyID == "" && c.SessionToken != "" {
		errs = append(errs, fmt.Errorf("%s: expected %s with it", tokenSetting, keySetting))
	}
	if c.AccessKeyID != "" && c.URL.scheme != schemeS3 {
		errs = append(errs, fmt.Errorf("%s: only an s3 address in %s has a use for it", keySetting, urlSetting))
	}
	return errors.Join(errs...)
}

// patience is how long an operation may stand still: all its tries, each as slow as one may be.
func (c Config) patience() time.Duration { return tries * c.Timeout }
