package processor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/blob"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/imaging"
	"github.com/ringback/ringback/services/internal/job"
)

// kept is what was made of a job, while a destination does not take it yet. It lies in the blob store between two tries:
// neither is the source fetched again and rendered, nor is anything written again where it is.
type kept struct {
	// Result is what there is of it already, and Timing how long that took.
	Result   events.Result    `json:"result"`
	Timing   events.Timing    `json:"timing"`
	Response imaging.Response `json:"response"`
	// Data are the files of the outputs, in their order.
	Data [][]byte `json:"data"`
	// Copies are what became of each output, in their order, at each of its destinations; nil before the first try.
	Copies [][]copied `json:"copies"`
	// resumed tells that it came out of the blob store.
	resumed bool
}

func madeKey(j job.Job) string { return "made/" + j.Application + "/" + j.ID.String() }

// keepMade keeps what was made for the next try. That it cannot be kept only means that the job is done again.
func (s *Service) keepMade(ctx context.Context, t *task, made *kept) {
	if ctx.Err() != nil || t.job.Keep != nil { // an asset needs the source, too
		return
	}
	made.Result, made.Timing = t.result, t.timing
	made.Data = make([][]byte, len(made.Response.Outputs))
	for i, output := range made.Response.Outputs {
		made.Data[i] = output.Data
	}
	body, err := json.Marshal(made)
	if err == nil {
		err = s.deps.Store.Put(ctx, madeKey(t.job), body, "application/json")
	}
	if err != nil {
		s.deps.Log.Warn("what was made is not kept", "job", t.job.ID.String(), "err", err)
	}
}

// resume brings back what an earlier try made; nil when there is none.
func (s *Service) resume(ctx context.Context, t *task) (*kept, error) {
	body, _, err := s.deps.Store.Get(ctx, madeKey(t.job))
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, bus.Later(fmt.Errorf("read what was made: %w", err), storePause)
	}
	made := &kept{resumed: true}
	if err := json.Unmarshal(body, made); err != nil || len(made.Data) != len(made.Response.Outputs) || len(made.Copies) != len(made.Data) {
		s.deps.Log.Warn("what was made cannot be read, and is made again", "job", t.job.ID.String(), "err", err)
		return nil, nil
	}
	for i := range made.Response.Outputs {
		made.Response.Outputs[i].Data = made.Data[i]
	}
	queued := t.timing.QueuedMS
	t.result, t.timing = made.Result, made.Timing
	t.timing.QueuedMS = queued
	return made, nil
}

// dropMade removes what was kept of a job that has its result.
func (s *Service) dropMade(ctx context.Context, j job.Job) {
	if err := s.deps.Store.Delete(ctx, madeKey(j)); err != nil && !errors.Is(err, blob.ErrNotFound) {
		s.deps.Log.Warn("what was kept of a job is not removed", "job", j.ID.String(), "err", err)
	}
}
