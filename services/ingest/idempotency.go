package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/bus"
)

// errOtherRequest is returned when an idempotency key was used for another request.
var errOtherRequest = errors.New("the key was used for another request")

// promise is what an idempotency key holds: the id that its first request was given, and what that request was.
type promise struct {
	ID   string `json:"id"`
	Body string `json:"body"`
}

// once gives every request with the same key the same id. The key is written before the job: a request whose sender
// never got an answer is handed over again under the id it was given, and the broker or the result drops the repeat.
func (s *Service) once(ctx context.Context, application, key string, body []byte) (id events.ID, repeated bool, err error) {
	id = s.newID(application)
	sum := sha256.Sum256(body)
	value, err := json.Marshal(promise{ID: id.String(), Body: hex.EncodeToString(sum[:])})
	if err != nil {
		return id, false, fmt.Errorf("encode idempotency key: %w", err)
	}
	hash := sha256.Sum256([]byte(key)) // any text is a key; the bucket takes few characters
	place := events.Token(application) + "." + hex.EncodeToString(hash[:])
	_, err = s.idempotency.Create(ctx, place, value, bus.IdempotencyMemory)
	if err == nil {
		return id, false, nil
	}
	if !errors.Is(err, bus.ErrExists) {
		return id, false, err
	}
	entry, err := s.idempotency.Get(ctx, place)
	if err != nil {
		return id, false, err
	}
	var first promise
	if err := json.Unmarshal(entry.Value, &first); err != nil {
		return id, false, fmt.Errorf("read idempotency key: %w", err)
	}
	if first.Body != hex.EncodeToString(sum[:]) {
		return id, false, errOtherRequest
	}
	id, err = events.ParseID(first.ID)
	return id, true, err
}
