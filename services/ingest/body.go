package ingest

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/native"
)

// documentBytes bounds a request without a picture; a data URI of more than this is sent as an upload instead.
const documentBytes = 1 << 20

// errBodyTooLarge is returned when a client sends more than it may.
var errBodyTooLarge = errors.New("body is too large")

// readBody reads a whole request body up to a limit.
func readBody(c *fiber.Ctx, limit int64) ([]byte, error) {
	if int64(c.Request().Header.ContentLength()) > limit {
		return nil, errBodyTooLarge
	}
	stream := c.Context().RequestBodyStream()
	if stream == nil {
		return c.Body(), nil
	}
	return readUpTo(stream, limit)
}

func readUpTo(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
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
		return s.readMultipart(c, params["boundary"])
	default:
		return nil, nil, native.NewProblem(native.UnsupportedMediaType,
			`Send application/json, or multipart/form-data with a part "job" and a part "file".`)
	}
}

func (s *Service) readMultipart(c *fiber.Ctx, boundary string) (document []byte, picture *upload, err error) {
	stream := c.Context().RequestBodyStream()
	if stream == nil {
		return nil, nil, native.NewProblem(native.InvalidRequest, "The form is empty.")
	}
	form := multipart.NewReader(io.LimitReader(stream, int64(s.config.MaxBody)+documentBytes), boundary)
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, native.NewProblem(native.InvalidRequest, "The form breaks off or is not multipart/form-data.")
		}
		switch part.FormName() {
		case "job":
			document, err = readUpTo(part, documentBytes)
		case "file":
			picture = &upload{contentType: part.Header.Get("Content-Type")}
			picture.data, err = readUpTo(part, int64(s.config.MaxBody))
		default:
			err = native.NewProblem(native.InvalidRequest, `The form has a part that is neither "job" nor "file".`)
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
