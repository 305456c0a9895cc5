package imaging

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// maxMessage bounds a message that came from a renderer.
const maxMessage = 300

// tally gathers what a renderer reports about one picture. The renderer may have been taken over by the picture, so it
// may only fill in what the recipe has left open: each output once, under the recipe's own id.
type tally struct {
	saves    []recipe.Save
	open     []bool
	left     int
	room     Bytes // for further outputs
	source   int64
	progress func(done, total int)
	response Response
}

func newTally(req Request, room Bytes) *tally {
	saves := req.Recipe.Outputs()
	t := &tally{
		saves: saves, open: make([]bool, len(saves)), left: len(saves), room: room,
		source: int64(len(req.Source)), progress: req.Progress,
	}
	for i := range t.open {
		t.open[i] = true
	}
	return t
}

// take adds one report, and returns true with the last. Its error is the [Error] of the job, or a breach of the
// protocol.
func (t *tally) take(r report, body []byte) (done bool, err error) {
	switch {
	case r.Output != nil:
		return false, t.output(*r.Output, body)
	case r.Failure != nil:
		return false, t.failure(*r.Failure)
	case r.Done != nil:
		return true, t.finish(*r.Done)
	case r.Error != nil:
		if !slices.Contains(jobCodes, r.Error.Code) {
			return true, fmt.Errorf("unknown code %q of a job", r.Error.Code)
		}
		return true, &recipe.Error{Code: r.Error.Code, Message: harmless(r.Error.Message)}
	default:
		return false, errors.New("empty report")
	}
}

func (t *tally) output(r Rendered, body []byte) error {
	if err := t.close(r.Index); err != nil {
		return err
	}
	format, known := recipe.Sniff(body)
	if !known || string(format) != r.Format || !slices.Contains(recipe.Writable, format) {
		return fmt.Errorf("output %d is no %q file", r.Index, r.Format)
	}
	if r.Width < 1 || r.Width > recipe.MaxEdge || r.Height < 1 || r.Height > recipe.MaxEdge {
		return fmt.Errorf("output %d has %d × %d pixels", r.Index, r.Width, r.Height)
	}
	r.ID, r.Data = t.saves[r.Index].ID, body
	t.room -= Bytes(len(body))
	t.response.Outputs = append(t.response.Outputs, r)
	t.tell()
	return nil
}

func (t *tally) failure(f Failure) error {
	if err := t.close(f.Index); err != nil {
		return err
	}
	if !slices.Contains(outputCodes, f.Code) {
		return fmt.Errorf("unknown code %q of an output", f.Code)
	}
	f.ID, f.Message = t.saves[f.Index].ID, harmless(f.Message)
	t.response.Failures = append(t.response.Failures, f)
	t.tell()
	return nil
}

func (t *tally) finish(f Facts) error {
	if t.left > 0 {
		return fmt.Errorf("%d outputs are missing", t.left)
	}
	if f.Width < 1 || f.Height < 1 || (recipe.Size{Width: f.Width, Height: f.Height}).Pixels() > recipe.MaxStillPixels || len(f.Format) > 8 {
		return fmt.Errorf("source of %d × %d pixels", f.Width, f.Height)
	}
	f.Bytes = t.source
	t.response.Source = f
	byIndex := func(a, b int) int { return a - b }
	slices.SortFunc(t.response.Outputs, func(a, b Rendered) int { return byIndex(a.Index, b.Index) })
	slices.SortFunc(t.response.Failures, func(a, b Failure) int { return byIndex(a.Index, b.Index) })
	return nil
}

// close marks an output as reported.
func (t *tally) close(index int) error {
	if index < 0 || index >= len(t.open) || !t.open[index] {
		return fmt.Errorf("output %d is none of those awaited", index)
	}
	t.open[index] = false
	t.left--
	return nil
}

func (t *tally) tell() {
	if t.progress != nil {
		t.progress(len(t.saves)-t.left, len(t.saves))
	}
}

// harmless cuts a message to a bounded line of printable text.
func harmless(message string) string {
	line := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(message[:min(len(message), maxMessage)], ""))
	return line
}
