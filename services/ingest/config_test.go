package ingest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/ingest"
	"github.com/ringback/ringback/services/internal/config"
)

func TestConfig_Validate_Uploads(t *testing.T) {
	t.Parallel()
	c := ingest.DefaultConfig()
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	if c.UploadMaxSize <= c.MaxBody {
		t.Errorf("an upload of %s is no larger than a body", c.UploadMaxSize)
	}
	for _, wrong := range []ingest.Config{
		{UploadMaxSize: 1, UploadValidity: time.Second},
		{UploadMaxSize: 6 * config.GB, UploadValidity: 25 * time.Hour},
	} {
		err := wrong.Validate()
		for _, name := range []string{"RINGBACK_UPLOAD_MAX_SIZE", "RINGBACK_UPLOAD_VALIDITY"} {
			if err == nil || !strings.Contains(err.Error(), name+":") {
				t.Errorf("%v does not name %s", err, name)
			}
		}
	}
}
