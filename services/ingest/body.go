package ingest

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/native"
)

// Bounds of what is read of a request.
const (
	// documentBytes bounds a request without a picture; a data URI of more than this is sent as an upload instead.
	documentBytes = 1 << 20
	// formBytes is how much a form may have beside its document and its picture.
	formBytes = 64 << 10
	// aheadBytes is how much of a body the server reads before a handler runs. The bodies that some clients send with
	// GET are within it; the server has no other way of reading those.
	aheadBytes = 8 << 10
	// leftoverBytes is how much is read of a body that nobody wants, so that its sender gets to see the answer.
	leftoverBytes = 64 << 20
)

var (
	// errBodyTooLarge is returned when a client sends more than it may.
	errBodyTooLarge = errors.New("body is too large")

	// errBodyBroken is returned when a client stops in the middle of a body, or takes too long.
	errBodyBroken = errors.New("body breaks off")
)

// bodyStream is the body of a request as it comes in. It remembers its end: asked again after that, the server's own
// stream would take the next request for more of this one.
type bodyStream struct {
	from io.Reader
	err  error
}

// Read reads from the connection until the body ends.
func (b *bodyStream) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.from.Read(p)
	b.err = err
	return n, err
}

// bodyOf is the stream of the request's body, always the same.
func bodyOf(c *fiber.Ctx) *bodyStream {
	type key struct{}
	if b, ok := c.Locals(key{}).(*bodyStream); ok {
		return b
	}
	b := &bodyStream{from: c.Context().RequestBodyStream()}
	if b.from == nil {
		b.from = strings.NewReader("")
	}
	c.Locals(key{}, b)
	return b
}

// readLeftovers reads what the handler left of a body before the answer goes out. A client that is still sending does
// not look for an answer, and closing on it would take the answer away again. A connection whose body is not at its end
// is closed: the rest would be taken for the next request.
func readLeftovers(c *fiber.Ctx) error {
	err := c.Next()
	body := bodyOf(c)
	_, _ = io.Copy(io.Discard, io.LimitReader(body, leftoverBytes)) // body.err says how it ended
	if !errors.Is(body.err, io.EOF) || hiddenBody(c) {
		c.Context().SetConnectionClose()
	}
	return err
}

// hiddenBody tells of a body that the server does not show: one of GET or HEAD, beyond what was read ahead.
func hiddenBody(c *fiber.Ctx) bool {
	if method := c.Method(); method != fiber.MethodGet && method != fiber.MethodHead {
		return false
	}
	length, err := strconv.Atoi(c.Get(fiber.HeaderContentLength, "0"))
	return err != nil || length > aheadBytes || c.Get(fiber.HeaderTransferEncoding) != ""
}

// readBody reads a whole request body up to a limit.
func readBody(c *fiber.Ctx, limit int64) ([]byte, error) {
	if int64(c.Request().Header.ContentLength()) > limit {
		return nil, errBodyTooLarge
	}
	return readUpTo(bodyOf(c), limit)
}

func readUpTo(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, errors.Join(errBodyBroken, err)
	}
	if int64(len(body)) > limit {
		return nil, errBodyTooLarge
	}
	return body, nil
}

// readJob reads the document of a native job, and the picture that came with it, if any: application/json, or
// multipart/form-data with the document in part "job" and the picture in part "file".
func (s *Service) readJob(c *fiber.Ctx) (document []byte, picture *upload, err error) {
	media, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType, fiber.MIMEApplicationJSON))
	if err != nil {
		media = ""
	}
	switch {
	case media == fiber.MIMEApplicationJSON || strings.HasSuffix(media, "+json"):
		document, err = readBody(c, documentBytes)
		return document, nil, err
	case media == fiber.MIMEMultipartForm && params["boundary"] != "":
		return s.readForm(multipart.NewReader(
			io.LimitReader(bodyOf(c), int64(s.config.MaxBody)+documentBytes+formBytes), params["boundary"]))
	default:
		return nil, nil, native.NewProblem(native.UnsupportedMediaType,
			`Send application/json, or multipart/form-data with a part "job" and a part "file".`)
	}
}

func (s *Service) readForm(form *multipart.Reader) (document []byte, picture *upload, err error) {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, errors.Join(errBodyBroken, err)
		}
		switch name := part.FormName(); {
		case name == "job" && document == nil:
			document, err = readUpTo(part, documentBytes)
		case name == "file" && picture == nil:
			picture, err = s.readPicture(part)
		default:
			err = native.NewProblem(native.InvalidRequest, `The form has a part that is neither the one "job" nor the one "file".`)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if document == nil {
		return nil, nil, native.NewProblem(native.InvalidRequest, `The form has no part "job".`)
	}
	return document, picture, nil
}

func (s *Service) readPicture(part *multipart.Part) (*upload, error) {
	data, err := readUpTo(part, int64(s.config.MaxBody))
	if err == nil && len(data) == 0 {
		p := native.NewProblem(native.InvalidRequest, "The uploaded picture is empty.")
		p.Errors = []native.FieldError{{Field: "file", Want: "a picture"}}
		return nil, p
	}
	return &upload{data: data, contentType: part.Header.Get("Content-Type")}, err
}
