package bus

import (
	"errors"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/job"
)

// ErrTooLarge is returned when a job and its record do not fit into a message.
var ErrTooLarge = errors.New("job is too large")

// headerRoom is how much of [MaxJobBytes] is left for the headers of a job's message.
const headerRoom = 4096

// JobMessage is the message that hands over a job with its sealed record; source is the ce-source of whoever does. It
// fails with [ErrTooLarge].
func JobMessage(j job.Job, sealed []byte, source string) (Out, error) {
	body, err := job.Encode(j, sealed)
	if err != nil {
		return Out{}, err
	}
	if len(body) > MaxJobBytes-headerRoom {
		return Out{}, ErrTooLarge
	}
	id := j.ID.String()
	out, err := Event(JobSubject(j.Class, j.Application), events.TypeJobAccepted, source, id, nil)
	if err != nil {
		return Out{}, err
	}
	out.Data, out.ID = body, id
	return out, nil
}
