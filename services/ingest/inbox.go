package ingest

import (
	"bytes"
	"encoding/json"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/ringback/ringback/services/dialect/native"
)

// Bounds of the inbox: it is memory, and for development.
const (
	inboxNames    = 100
	inboxMessages = 200
	inboxBytes    = 256 << 10
)

// received is one request that came into an inbox.
type received struct {
	At     time.Time         `json:"at"`
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
}

// inbox keeps what is posted to it, so that nobody needs a public server to see what a postback looks like.
type inbox struct {
	mu    sync.Mutex
	names map[string][]received
}

func newInbox() *inbox { return &inbox{names: map[string][]received{}} }

// put keeps a request, and drops the oldest where there are too many.
func (b *inbox) put(name string, r received) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	list, known := b.names[name]
	if !known && len(b.names) >= inboxNames {
		return false
	}
	if list = append(list, r); len(list) > inboxMessages {
		list = list[1:]
	}
	b.names[name] = list
	return true
}

func (b *inbox) list(name string) []received {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]received{}, b.names[name]...)
}

// postInbox takes anything: POST /inbox/{name}.
func (s *Service) postInbox(c *fiber.Ctx) error {
	body, err := readBody(c, inboxBytes)
	if err != nil {
		return s.refuse(c, err)
	}
	if !utf8.Valid(body) {
		body = []byte("(not text)")
	}
	r := received{At: time.Now().UTC(), Header: map[string]string{}, Body: string(body)}
	c.Request().Header.VisitAll(func(name, value []byte) { r.Header[string(name)] = string(value) })
	if !s.inbox.put(string([]byte(c.Params("name"))), r) {
		return problem(c, native.NewProblem(native.Unavailable, "There are too many inboxes; use a name that exists."))
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// getInbox lists what came in, the oldest first: GET /inbox/{name}.
func (s *Service) getInbox(c *fiber.Ctx) error {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // XML is to be read by people here
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(s.inbox.list(c.Params("name"))); err != nil {
		return err
	}
	return sendJSON(c, fiber.StatusOK, body.Bytes())
}
