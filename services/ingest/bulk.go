package ingest

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/errgroup"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
	"github.com/ringback/ringback/services/internal/bus"
)

// bulkReads is how many results one question about many jobs reads from the stream at a time.
const bulkReads = 16

// postStatus tells how many jobs are, in the order of the question: POST /v1/jobs/status.
func (s *Service) postStatus(c *fiber.Ctx) error {
	app, err := s.asks(c)
	if err != nil {
		return s.refuse(c, err)
	}
	body, err := readBody(c, documentBytes)
	if err != nil {
		return s.refuse(c, err)
	}
	asked, err := native.ParseBulk(body)
	if err != nil {
		return s.refuse(c, err)
	}
	ids := make([]*events.ID, len(asked)) // nil for what is no job of the application
	var known []string
	for i, text := range asked {
		if id, err := events.ParseID(text); err == nil && s.known(app.ID, id) {
			ids[i] = &id
			known = append(known, id.String())
		}
	}
	results, err := s.storedMany(c.UserContext(), app.ID, known)
	if err != nil {
		return s.refuse(c, err)
	}
	var answer native.Bulk
	for i, text := range asked {
		if err := s.addStatus(&answer, text, ids[i], results); err != nil {
			return s.refuse(c, err)
		}
	}
	reply, err := answer.Reply()
	if err != nil {
		return s.refuse(c, err)
	}
	return sendJSON(c, fiber.StatusOK, reply)
}

func (s *Service) addStatus(answer *native.Bulk, text string, id *events.ID, results map[string][]byte) error {
	if id == nil {
		answer.Unknown(text)
		return nil
	}
	data, ended := results[id.String()]
	if !ended {
		answer.Queued(*id, s.publicURL)
		return nil
	}
	result, err := parseResult(data)
	if err != nil {
		return err
	}
	return answer.Ended(*result)
}

// storedMany reads results as stored does: one question to the status bucket, and what it does not have, some at a time,
// from the leader of the events, which may not be asked for many at once by anybody but a copy that may lag behind.
func (s *Service) storedMany(ctx context.Context, application string, ids []string) (map[string][]byte, error) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = events.StatusKey(application, id)
	}
	copies, err := s.status.GetAll(ctx, keys)
	if err != nil {
		return nil, unavailable(err)
	}
	read := make([][]byte, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(bulkReads)
	for i, id := range ids {
		if read[i] = copies[keys[i]]; read[i] != nil {
			continue
		}
		group.Go(func() error {
			message, err := s.deps.Bus.Last(ctx, bus.Events, events.ResultSubject(application, id))
			if errors.Is(err, bus.ErrNotFound) {
				return nil
			}
			if err != nil {
				return unavailable(err)
			}
			read[i] = message.Data
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	results := make(map[string][]byte, len(ids))
	for i, id := range ids {
		if read[i] != nil {
			results[id] = read[i]
		}
	}
	return results, nil
}
