package storage

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
)

// testKey is the object that a test writes.
const testKey = "ringback-test.txt"

// Test puts a small object into a bucket, reads it back and removes it, and so proves that an account can do what outputs
// and sources need. It fails with an [*outbound.Error] that names the step.
func Test(ctx context.Context, client *outbound.Client, app application.Application, bucket string) error {
	return TestDestination(ctx, client, app, application.Destination{Bucket: bucket})
}

// TestDestination does so at a destination, below its prefix.
func TestDestination(ctx context.Context, client *outbound.Client, app application.Application, to application.Destination) error {
	d, err := To(to, testKey)
	if err != nil {
		return err
	}
	text := []byte("Ringback was here to see whether it can write, and meant to remove this.\n")
	step := func(name string, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
	if err := Put(ctx, client, app, d, Object{Data: text, ContentType: "text/plain"}, 0); err != nil {
		return step("write", err)
	}
	address, err := SourceURL(ctx, app, job.Object{Bucket: d.Bucket, Key: d.Key, Account: d.Account}, time.Now())
	if err != nil {
		return step("read", err)
	}
	if body, err := client.Fetch(ctx, address); err != nil || !bytes.Equal(body.Data, text) {
		return step("read", cmp.Or(err, errOther))
	}
	remove, err := request(ctx, app, http.MethodDelete, d, Object{}, time.Now())
	if err != nil {
		return step("remove", err)
	}
	attempt, err := client.Post(ctx, remove)
	if err != nil {
		return step("remove", err)
	}
	return step("remove", Failure(d, attempt))
}

// TestSource reads an object of a source, and tells its size in bytes. It fails with an [*outbound.Error], or for a key
// that cannot be one.
func TestSource(ctx context.Context, client *outbound.Client, app application.Application, from application.Source, key string) (int, error) {
	source, err := From(from, key)
	if err != nil {
		return 0, err
	}
	address := source.URL
	if source.Object != nil {
		if address, err = SourceURL(ctx, app, *source.Object, time.Now()); err != nil {
			return 0, err
		}
	}
	body, err := client.Fetch(ctx, address)
	return len(body.Data), err
}

var errOther = errors.New("what was read is not what was written")
