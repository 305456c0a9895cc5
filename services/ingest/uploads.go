package ingest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/job"
)

// uploadKey is where an upload lies. The size is in it, so that nothing else has to remember what was announced.
func uploadKey(app string, id native.UploadID) string { return "uploads/" + app + "/" + id.String() }

// postUpload tells where a large picture may be put, which a job then names: POST /v1/uploads.
func (s *Service) postUpload(c *fiber.Ctx) error {
	app, ok := s.bearer(c)
	if !ok {
		return problem(c, unauthorized())
	}
	document, err := readDocument(c)
	if err != nil {
		return s.refuse(c, err)
	}
	announced, err := native.ParseUpload(document)
	if err != nil {
		return s.refuse(c, err)
	}
	if most := int64(s.config.UploadMaxSize); announced.Bytes > most {
		p := native.NewProblem(native.TooLarge, fmt.Sprintf("An upload may have %s.", s.config.UploadMaxSize))
		p.Errors = []native.FieldError{{Field: "bytes", Value: strconv.FormatInt(announced.Bytes, 10), Want: fmt.Sprintf("%d at most", most)}}
		return problem(c, p)
	}
	id, err := s.uploadID(c, app.ID, document)
	if err != nil {
		return s.refuse(c, err)
	}
	upload, err := s.presign(c.UserContext(), app.ID, native.UploadID{ID: id, Bytes: announced.Bytes}, announced.ContentType)
	if err != nil {
		return s.refuse(c, err)
	}
	return sendJSON(c, fiber.StatusCreated, native.UploadReply(upload))
}

// uploadID is the id of an upload: with an Idempotency-Key the same one each time, which has nothing to do with the keys of
// jobs.
func (s *Service) uploadID(c *fiber.Ctx, app string, document []byte) (events.ID, error) {
	key, err := idempotencyKey(c)
	if err != nil || key == "" {
		return s.newID(app), err
	}
	id, repeated, err := s.once(c.UserContext(), app, "uploads\x00"+key, document)
	if repeated {
		c.Set("Idempotency-Replayed", "true")
	}
	return id, err
}

// presign makes the address of an upload: of the bucket, or of this service where the bucket has none to give.
func (s *Service) presign(ctx context.Context, app string, id native.UploadID, contentType string) (native.Upload, error) {
	expires := time.Now().Add(s.config.UploadValidity)
	if s.config.UploadDirect {
		direct, err := s.deps.Store.PresignPut(ctx, uploadKey(app, id), blob.Announcement{
			Size: id.Bytes, ContentType: contentType, Valid: s.config.UploadValidity,
		})
		if err == nil {
			return native.Upload{ID: id, URL: direct.URL, Header: direct.Header, ExpiresAt: expires}, nil
		}
		if !errors.Is(err, blob.ErrNoPresign) {
			return native.Upload{}, fmt.Errorf("presign upload: %w: %w", bus.ErrUnavailable, err)
		}
	}
	until := strconv.FormatInt(expires.Unix(), 10)
	query := url.Values{"application": {app}, "expires": {until}, "signature": {s.uploadSignature(app, id, contentType, until)}}
	return native.Upload{
		ID: id, URL: s.publicURL + native.UploadPath(id) + "?" + query.Encode(),
		Header: map[string]string{fiber.HeaderContentType: contentType}, ExpiresAt: expires,
	}, nil
}

// uploadSignature is over all that a put has to be. No part of it can hold the character between them.
func (s *Service) uploadSignature(app string, id native.UploadID, contentType, expires string) string {
	mac := hmac.New(sha256.New, s.uploadSecret)
	_, _ = fmt.Fprintf(mac, "%s\n%s\n%s\n%s", app, id, contentType, expires) // a hash takes everything
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// putUpload takes an upload: PUT /v1/uploads/{id}. Its address is all the leave that it needs.
func (s *Service) putUpload(c *fiber.Ctx) error {
	begun := time.Now()
	app, contentType := c.Query("application"), c.Get(fiber.HeaderContentType)
	id, err := native.ParseUploadID(c.Params("id"))
	signature := s.uploadSignature(app, id, contentType, c.Query("expires"))
	if err != nil || !hmac.Equal([]byte(signature), []byte(c.Query("signature"))) {
		return problem(c, native.NewProblem(native.Forbidden,
			"The signature belongs to another request. Send the address and the headers as POST /v1/uploads gave them."))
	}
	if expires, err := strconv.ParseInt(c.Query("expires"), 10, 64); err != nil || begun.Unix() >= expires {
		return problem(c, native.NewProblem(native.Gone, "The address has expired. POST /v1/uploads gives another one."))
	}
	switch length := int64(c.Request().Header.ContentLength()); {
	case length > id.Bytes:
		return problem(c, native.NewProblem(native.TooLarge, fmt.Sprintf("The picture was announced with %d bytes, and has %d.", id.Bytes, length)))
	case length != id.Bytes:
		p := native.NewProblem(native.InvalidRequest, "The picture has to have the length that was announced.")
		p.Errors = []native.FieldError{{Field: fiber.HeaderContentLength, Value: c.Get(fiber.HeaderContentLength), Want: strconv.FormatInt(id.Bytes, 10)}}
		return problem(c, p)
	}
	body := &slowBody{Reader: bodyOf(c), conn: c.Context().Conn(), pause: s.config.Timeout, until: begun.Add(s.config.UploadValidity)}
	err = s.deps.Store.PutFrom(c.UserContext(), uploadKey(app, id), body, id.Bytes, contentType)
	switch {
	case body.failed != nil || errors.Is(err, blob.ErrSize):
		return s.refuse(c, errBodyBroken)
	case err != nil:
		return s.refuse(c, fmt.Errorf("store upload: %w: %w", bus.ErrUnavailable, err))
	}
	c.Status(fiber.StatusOK)
	return nil
}

// slowBody is a body that may take longer than requests may otherwise: as long as it gets on, until a time.
type slowBody struct {
	io.Reader
	conn   net.Conn
	pause  time.Duration
	until  time.Time
	failed error
}

// Read reads from the connection, with a new deadline.
func (b *slowBody) Read(p []byte) (int, error) {
	deadline := time.Now().Add(b.pause)
	if deadline.After(b.until) {
		deadline = b.until
	}
	if err := b.conn.SetReadDeadline(deadline); err != nil {
		b.failed = err
		return 0, err
	}
	n, err := b.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.failed = err
	}
	return n, err
}

// sourceOf is the picture that a client named, when it did not come with the request.
func sourceOf(app string, source native.Source) job.Source {
	if id, err := native.ParseUploadID(source.Upload); err == nil {
		return job.Source{Kept: uploadKey(app, id)}
	}
	return job.Source{URL: source.URL}
}

// checkUploads refuses uploads that no job could read: such as are not there, are not whole, or may be removed before.
func (s *Service) checkUploads(ctx context.Context, app string, submission native.Submission) error {
	named := map[string]string{"source.upload": submission.Source.Upload}
	for name, picture := range submission.Pictures {
		named["pictures."+name+".upload"] = picture.Upload
	}
	var wrong []native.FieldError
	for _, field := range slices.Sorted(maps.Keys(named)) {
		id, err := native.ParseUploadID(named[field])
		if err != nil {
			continue // there is none: what was sent was parsed before
		}
		info, err := s.deps.Store.Stat(ctx, uploadKey(app, id))
		want := ""
		switch {
		case errors.Is(err, blob.ErrNotFound):
			want = "an upload of this application that is finished and still kept"
		case err != nil:
			return fmt.Errorf("look at upload: %w: %w", bus.ErrUnavailable, err)
		case info.Size != id.Bytes:
			want = fmt.Sprintf("an upload as it was announced; this one has %d bytes", info.Size)
		case time.Since(info.ModTime) > s.deps.UploadsKept:
			want = "an upload that is still kept"
		default:
			continue
		}
		wrong = append(wrong, native.FieldError{Field: field, Value: strconv.Quote(id.String()), Want: want})
	}
	if wrong == nil {
		return nil
	}
	p := native.NewProblem(native.InvalidRequest, "There is no such upload.")
	p.Errors = wrong
	return p
}
