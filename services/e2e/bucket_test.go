package e2e_test

import (
	"bytes"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/sample"
	"github.com/ringback/ringback/services/internal/storage/s3test"
)

// inBucket are the settings of an installation that keeps its pictures in a bucket of server.
func inBucket(server *s3test.Server, bucket string) []string {
	account := server.Account("")
	return []string{
		"RINGBACK_BLOB_URL=s3://" + bucket + "?prefix=house&region=" + account.Region + "&endpoint=" + server.URL,
		"RINGBACK_BLOB_ACCESS_KEY_ID=" + account.AccessKeyID,
		"RINGBACK_BLOB_SECRET_ACCESS_KEY=" + account.SecretAccessKey.Reveal(),
	}
}

func TestPicturesLiveInABucket(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t, "pictures")
	in := oneProcess(t, inBucket(server, "pictures")...)
	token := in.secrets().Token
	accepted := in.submit(token, map[string]any{"recipe": twoPictures}, sample.Portrait)
	result := in.await(token, accepted.ID)
	if result.State != events.StateCompleted {
		t.Fatalf("the job ended as %+v", result)
	}
	pictures(t, in, result, map[string]image.Point{"large": {300, 300}, "gray": {300, 300}, "thumb": {150, 100}})
	for _, output := range result.Outputs {
		_, key, found := strings.Cut(output.URL, "/files/")
		if !found || !server.Has("pictures", "house/out/"+key) {
			t.Errorf("%s is not in the bucket", output.URL)
		}
	}
	if server.Has("pictures", "house/sources/demo/"+accepted.ID) {
		t.Error("the upload is kept after its job")
	}
	in.processes[0].stop()
	noPictures(t, in.data)
}

// noPictures looks through the data folder for the source, and for a folder of pictures.
func noPictures(t *testing.T, data string) {
	t.Helper()
	middle := len(sample.Portrait) / 2
	part := sample.Portrait[middle : middle+64]
	err := filepath.WalkDir(data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && entry.Name() == "blobs" {
				t.Errorf("there is %s", path)
			}
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, part) {
			t.Errorf("the picture is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestMissingBucketIsNamedAtTheStart(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t, "pictures")
	environ := append(inBucket(server, "absent"),
		"RINGBACK_DATA="+t.TempDir(), "RINGBACK_HTTP_ADDR=127.0.0.1:0", "RINGBACK_NATS_ADDR=127.0.0.1:0")
	p := launch(t, nil, environ...)
	<-p.ended
	said := p.logged()
	if !strings.Contains(said, "RINGBACK_BLOB_URL") || !strings.Contains(said, "no such bucket") || p.command.ProcessState.Success() {
		t.Errorf("it said: %s", said)
	}
	if strings.Contains(said, server.Account("").SecretAccessKey.Reveal()) {
		t.Error("the secret is in the log")
	}
}
