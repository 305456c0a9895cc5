package ingest

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// getFile serves an output: GET /files/{application}/{job}/{output}. The job's id makes the address impossible to guess.
func (s *Service) getFile(c *fiber.Ctx) error {
	return s.sendStored(c, outputPrefix+c.Params("*"), "private, max-age=31536000, immutable")
}

// sendStored serves what is in the blob store; cache is the Cache-Control of the answer.
func (s *Service) sendStored(c *fiber.Ctx, key, cache string) error {
	reader, err := s.deps.Store.NewReader(c.UserContext(), key)
	var badKey *blob.KeyError
	if errors.Is(err, blob.ErrNotFound) || errors.As(err, &badKey) {
		return problem(c, native.NewProblem(native.NotFound, "There is no such file."))
	}
	if err != nil {
		return s.refuse(c, err)
	}
	contentType := reader.ContentType
	if !strings.HasPrefix(contentType, "image/") && contentType != recipe.PDF.ContentType() {
		contentType = fiber.MIMEOctetStream
	}
	c.Set(fiber.HeaderContentType, contentType)
	// Nothing here is ever a page: a browser must not guess otherwise.
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'")
	c.Set(fiber.HeaderCacheControl, cache)
	return c.SendStream(reader, int(reader.Size)) // the server closes the reader
}

// getReady tells whether this process should get work: GET /readyz.
func (s *Service) getReady(c *fiber.Ctx) error {
	if err := s.deps.Health.Ready(c.UserContext()); err != nil {
		s.deps.Log.Warn("not ready", "err", err)
		return c.Status(fiber.StatusServiceUnavailable).SendString("not ready: " + firstLine(err.Error()) + "\n")
	}
	return c.SendString("ready\n")
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
