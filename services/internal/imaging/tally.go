package imaging

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

const (
	// maxMessage bounds a message that came from a renderer, in bytes.
	maxMessage = 300
	// maxDetails bounds what a renderer may say about a source, in bytes of JSON: it travels in the result's event.
	maxDetails = 128 << 10
	// maxPlaceholder bounds a placeholder, in bytes of base64.
	maxPlaceholder = 64
	// maxDPI is the finest density that is believed.
	maxDPI = 1_000_000
)

// tally gathers what a renderer reports about one picture. The renderer may have been taken over by the picture, so it
// may only fill in what the recipe has left open: each output once for each page, under the recipe's own id.
type tally struct {
	recipe   recipe.Recipe
	limits   recipe.Limits
	saves    []recipe.Save
	awaited  map[place]bool // nil until the pages are known
	total    int
	room     Bytes // for further outputs
	source   int64
	progress func(done, total int)
	response Response
}

// place names one output of one page.
type place struct{ page, index int }

func newTally(req Request, cfg Config) *tally {
	t := &tally{
		recipe: req.Recipe, limits: cfg.Limits, saves: req.Recipe.Outputs(), room: cfg.MaxOutput,
		source: int64(len(req.Source)), progress: req.Progress,
	}
	if req.Recipe.Pages == "" {
		t.await([]int{0})
	}
	return t
}

// await opens every output for each of the pages.
func (t *tally) await(pages []int) {
	t.awaited = map[place]bool{}
	for _, page := range pages {
		for index := range t.saves {
			t.awaited[place{page, index}] = true
		}
	}
	t.total = len(t.awaited)
}

// take adds one report, and returns true with the last. Its error is the [recipe.Error] of the job, or a breach of the
// protocol.
func (t *tally) take(r report, body []byte) (done bool, err error) {
	switch {
	case r.Pages != nil:
		return false, t.pages(r.Pages)
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

// pages takes the pages of the source that the recipe is applied to. The recipe itself says which they may be.
func (t *tally) pages(pages []int) error {
	if len(pages) == 0 || t.awaited != nil {
		return fmt.Errorf("pages %v are not awaited", pages)
	}
	want, err := t.recipe.PageList(slices.Max(pages), t.limits)
	if err != nil || !slices.Equal(want, pages) {
		return fmt.Errorf("pages %v are none of those awaited", pages)
	}
	t.await(pages)
	return nil
}

func (t *tally) output(r Rendered, body []byte) error {
	if err := t.close(r.Page, r.Index); err != nil {
		return err
	}
	format, known := recipe.Sniff(body)
	if !known || string(format) != r.Format || !slices.Contains(recipe.Writable, format) {
		return fmt.Errorf("output %d is no %q file", r.Index, r.Format)
	}
	if r.Width < 1 || r.Width > recipe.MaxEdge || r.Height < 1 || r.Height > recipe.MaxEdge {
		return fmt.Errorf("output %d has %d × %d pixels", r.Index, r.Width, r.Height)
	}
	if r.Frames < 1 || r.Frames > max(t.limits.Frames, t.limits.Pages) || len(r.Sprites) > t.limits.Pictures+1 {
		return fmt.Errorf("output %d has %d frames and %d sprites", r.Index, r.Frames, len(r.Sprites))
	}
	if len(r.Placeholder) > maxPlaceholder {
		return fmt.Errorf("output %d has a placeholder of %d bytes", r.Index, len(r.Placeholder))
	}
	if r.Quality < 0 || r.Quality > 100 || r.DPI < 0 || r.DPI > maxDPI || r.Blank && !t.saves[r.Index].CheckBlank {
		return fmt.Errorf("output %d has the quality %d and %d dots an inch, blank %v", r.Index, r.Quality, r.DPI, r.Blank)
	}
	r.ID, r.Data, r.Placeholder = t.saves[r.Index].ID, body, harmless(r.Placeholder)
	for i := range r.Sprites {
		r.Sprites[i].Name = harmless(r.Sprites[i].Name)
	}
	t.room -= Bytes(len(body))
	t.response.Outputs = append(t.response.Outputs, r)
	t.tell()
	return nil
}

func (t *tally) failure(f Failure) error {
	if err := t.close(f.Page, f.Index); err != nil {
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
	if t.awaited == nil || len(t.awaited) > 0 {
		return fmt.Errorf("%d outputs are missing", len(t.awaited))
	}
	size := recipe.Size{Width: f.Width, Height: f.Height}
	if f.Width < 1 || f.Height < 1 || size.Pixels() > t.limits.StillPixels || len(f.Format) > 8 || f.Pages < 1 || f.DPI < 0 || f.DPI > maxDPI {
		return fmt.Errorf("source of %d × %d pixels, %d pages and %d dots an inch", f.Width, f.Height, f.Pages, f.DPI)
	}
	if err := checkDetails(f.Details, t.recipe.Inspect); err != nil {
		return err
	}
	f.Bytes = t.source
	t.response.Source = f
	slices.SortFunc(t.response.Outputs, func(a, b Rendered) int { return place{a.Page, a.Index}.compare(place{b.Page, b.Index}) })
	slices.SortFunc(t.response.Failures, func(a, b Failure) int { return place{a.Page, a.Index}.compare(place{b.Page, b.Index}) })
	return nil
}

// checkDetails refuses more about a source than was asked for, or than fits into an event.
func checkDetails(details *Details, asked []string) error {
	if details == nil {
		return nil
	}
	text, err := json.Marshal(details)
	if err != nil {
		return fmt.Errorf("encode details: %w", err)
	}
	if len(text) > maxDetails || len(asked) == 0 {
		return fmt.Errorf("details of %d bytes, asked for %v", len(text), asked)
	}
	return nil
}

func (p place) compare(q place) int {
	if p.page != q.page {
		return p.page - q.page
	}
	return p.index - q.index
}

// close marks an output as reported.
func (t *tally) close(page, index int) error {
	if !t.awaited[place{page, index}] {
		return fmt.Errorf("output %d of page %d is none of those awaited", index, page)
	}
	delete(t.awaited, place{page, index})
	return nil
}

func (t *tally) tell() {
	if t.progress != nil {
		t.progress(t.total-len(t.awaited), t.total)
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
