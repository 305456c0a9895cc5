package blob_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/config"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"s3://pictures",
		"s3://pictures?endpoint=https%3A%2F%2Fminio.example.com%3A9000&prefix=a%2Fb%2F&region=eu-central-1&use_path_style=true",
		"s3://pictures?kmskeyid=alias%2Fpictures&ssetype=aws%3Akms",
		"gs://pictures?cache_control=max-age%3D60",
		"azblob://pictures?storage_account=acme",
		"mem://",
		"mem://?prefix=a",
	} {
		if got := address(t, text); got.String() != text || got.IsFolder() {
			t.Errorf("%s became %s", text, got)
		}
	}
	if !(blob.Address{}).IsFolder() || (blob.Address{}).String() != "" {
		t.Error("no address is a folder")
	}
}

// TestAddress_SaysWhatIsWrong goes the way of the environment, so that the name of the setting is in the message.
func TestAddress_SaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"/srv/pictures":                     "begins with azblob://, gs://, mem://, s3://",
		"file:///srv/pictures":              "begins with azblob://",
		"s3://":                             "the name of a bucket",
		"mem://pictures":                    "none for mem://",
		"s3://pictures/folder":              "?prefix=folder",
		"s3://key:secret@pictures":          "RINGBACK_BLOB_ACCESS_KEY_ID",
		"s3://pictures?regoin=eu-central-1": "option regoin: s3:// has none of that name, but accelerate,",
		"gs://pictures?region=eu":           "option region: gs:// has none",
		"s3://pictures?region=a&region=b":   "option region: expected it once",
		"s3://pictures?region=":             "option region=: expected a value",
		"s3://pictures?endpoint=minio:9000": "option endpoint=minio:9000: expected an address that begins with http",
		"s3://pictures?use_path_style=yes":  "option use_path_style=yes: expected true or false",
		"s3://pictures?ssetype=rot13":       "expected AES256 or ",
		"s3://pictures?prefix=../out":       "option prefix=../out: expected letters",
	} {
		c := blob.DefaultConfig()
		err := config.Load(&c, map[string]string{"RINGBACK_BLOB_URL": text})
		if err == nil || !strings.HasPrefix(err.Error(), "RINGBACK_BLOB_URL=") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), ":secret@") {
			t.Errorf("%s: the password is in the error: %v", text, err)
		}
	}
}

func TestConfig_Validate(t *testing.T) {
	t.Parallel()
	good := at(t, "s3://pictures")
	good.AccessKeyID, good.SecretAccessKey, good.SessionToken = "AK", "SK", "token"
	for _, c := range []blob.Config{blob.DefaultConfig(), good, at(t, "gs://pictures")} {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	}
	bad := map[string]func(c *blob.Config){
		"RINGBACK_BLOB_TIMEOUT=0s: expected more than nothing":                                           func(c *blob.Config) { c.Timeout = 0 },
		"RINGBACK_BLOB_ACCESS_KEY_ID and RINGBACK_BLOB_SECRET_ACCESS_KEY: expected both or neither":      func(c *blob.Config) { c.SecretAccessKey = "" },
		"RINGBACK_BLOB_SESSION_TOKEN: expected RINGBACK_BLOB_ACCESS_KEY_ID with it":                      func(c *blob.Config) { c.AccessKeyID, c.SecretAccessKey = "", "" },
		"RINGBACK_BLOB_ACCESS_KEY_ID: only an s3 address in RINGBACK_BLOB_URL has a use for it":          func(c *blob.Config) { c.URL = address(t, "gs://pictures") },
		"RINGBACK_BLOB_ACCESS_KEY_ID: only an s3 address in RINGBACK_BLOB_URL has a use for it\nand all": func(c *blob.Config) { c.URL, c.Timeout = blob.Address{}, -time.Second },
	}
	for want, change := range bad {
		c := good
		change(&c)
		first, _, _ := strings.Cut(want, "\n")
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), first) {
			t.Errorf("%v, want %q", err, first)
		}
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	store, err := blob.Open(t.Context(), blob.DefaultConfig(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	if _, err := blob.Open(t.Context(), blob.Config{}, t.TempDir()); err == nil {
		t.Error("opened without a timeout")
	}
}
