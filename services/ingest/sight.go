package ingest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
	"github.com/ringback/ringback/services/internal/job"
)

const (
	// sightWait is how long a client waits for a picture that is made when it is first looked at.
	sightWait = 50 * time.Second
	// failedMemory is for how long a picture that could not be made is not tried again.
	failedMemory = time.Minute
	// sightTries is how often a picture is made anew that was made and is not there: it was purged.
	sightTries = 5
)

// sight is a picture that is made when somebody looks at it first, and kept.
type sight struct {
	// key is where it is in the blob store.
	key string
	// job makes it, and has no other output. Its class is high: somebody waits.
	job job.Job
	// dialect is the format that it was asked for in.
	dialect string
}

// errStillMade is returned when a picture takes longer to make than a client waits.
var errStillMade = errors.New("the picture is still being made")

// ensure has a picture made unless it is there. failure says why it cannot be.
func (s *Service) ensure(ctx context.Context, want sight) (failure *events.Failure, err error) {
	if s.stands(ctx, want.key) {
		return nil, nil
	}
	made, err, _ := s.deriving.Do(want.key, func() (any, error) {
		// Those that come after share what the first one found, and its connection may be gone before.
		return s.makeSight(context.WithoutCancel(ctx), want)
	})
	if err != nil {
		return nil, err
	}
	return made.(*events.Failure), nil
}

func (s *Service) stands(ctx context.Context, key string) bool {
	reader, err := s.deps.Store.NewReader(ctx, key)
	if err != nil {
		return false
	}
	_ = reader.Close() // read only
	return true
}

// makeSight has a picture made by one job, however many processes are asked for it: its id is kept by the picture's key.
func (s *Service) makeSight(ctx context.Context, want sight) (*events.Failure, error) {
	app, name := want.job.Application, "derived "+want.key
	for range sightTries {
		id, repeated, err := s.once(ctx, app, name, []byte(want.key))
		if err != nil {
			return nil, err
		}
		var result *events.Result
		if repeated {
			if result, err = s.outcome(ctx, app, id, 0); err != nil {
				return nil, err
			}
		}
		if result == nil {
			if err := s.orderSight(ctx, want, id, repeated); err != nil {
				return nil, err
			}
			if result, err = s.outcome(ctx, app, id, sightWait); err != nil {
				return nil, err
			}
			repeated = false
		}
		switch {
		case result == nil:
			return nil, errStillMade
		case len(result.Errors) > 0 && (!repeated || time.Since(id.Time()) < failedMemory):
			return &result.Errors[0], nil
		case len(result.Errors) == 0 && s.stands(ctx, want.key):
			return nil, nil
		}
		name += "@" + id.String() // it was made and purged, or failed a while ago
	}
	return nil, errStillMade
}

// orderSight hands over the job that makes a picture.
func (s *Service) orderSight(ctx context.Context, want sight, id events.ID, repeated bool) error {
	want.job.Class = job.High
	_, err := s.accept(ctx, order{id: id, repeated: repeated, record: job.Record{Dialect: want.dialect}, job: want.job})
	return err
}

// sendBlob serves what is in the blob store, or a range of it. etag is its own when it is empty. The server closes the
// reader.
func sendBlob(c *fiber.Ctx, reader *blob.Reader, etag string) error {
	if etag = `"` + etag + `"`; etag == `""` {
		etag = reader.ETag
	}
	contentType := reader.ContentType
	if !strings.HasPrefix(contentType, "image/") && contentType != recipe.PDF.ContentType() {
		contentType = fiber.MIMEOctetStream
	}
	c.Set(fiber.HeaderContentType, contentType)
	c.Set(fiber.HeaderETag, etag)
	c.Set(fiber.HeaderLastModified, reader.ModTime.UTC().Format(http.TimeFormat))
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'")
	if strings.Contains(c.Get(fiber.HeaderIfNoneMatch), etag) {
		return errors.Join(reader.Close(), c.SendStatus(fiber.StatusNotModified))
	}
	return sendRange(c, reader)
}

// sendRange serves a blob, or the one range of it that was asked for. The server closes the reader.
func sendRange(c *fiber.Ctx, reader *blob.Reader) error {
	size := int(reader.Size)
	asked := c.Get(fiber.HeaderRange)
	if asked == "" || strings.Contains(asked, ",") {
		return c.SendStream(reader, size)
	}
	from, to, err := fasthttp.ParseByteRange([]byte(asked), size)
	if err == nil {
		_, err = reader.Seek(int64(from), io.SeekStart)
	}
	if err != nil {
		c.Set(fiber.HeaderContentRange, "bytes */"+strconv.Itoa(size))
		return errors.Join(reader.Close(), c.SendStatus(fiber.StatusRequestedRangeNotSatisfiable))
	}
	c.Set(fiber.HeaderContentRange, "bytes "+strconv.Itoa(from)+"-"+strconv.Itoa(to)+"/"+strconv.Itoa(size))
	c.Status(fiber.StatusPartialContent)
	part := struct {
		io.Reader
		io.Closer
	}{io.LimitReader(reader, int64(to-from+1)), reader}
	return c.SendStream(part, to-from+1)
}
