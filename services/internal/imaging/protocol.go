package imaging

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// The pool and a renderer talk over two pipes in frames: the header's length (4 bytes, big endian), the body's length
// (8 bytes), the header as JSON, the body as it is. The pool takes the renderer for hostile: both lengths are checked
// before anything is allocated, and the header before it is believed.

// Protocol is the version of the frames. A renderer of another version is refused.
const Protocol = 3

// maxHeader bounds a header: a recipe at its limits fits in many times over.
const maxHeader = 4 << 20

// order is the header of what the pool sends. In the body lie the source and then the further pictures, one after the
// other.
type order struct {
	Recipe   recipe.Recipe `json:"recipe"`
	Limits   recipe.Limits `json:"limits"`
	Source   int64         `json:"source"`
	Pictures []part        `json:"pictures,omitempty"`
}

// part is one picture in the body of an order.
type part struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// report is the header of what a renderer sends. Exactly one field is set. An output's file is the body.
type report struct {
	Hello *hello `json:"hello,omitempty"`
	// Pages comes before any output of a recipe that names pages: those that it is applied to.
	Pages   []int     `json:"pages,omitempty"`
	Output  *Rendered `json:"output,omitempty"`
	Failure *Failure  `json:"failure,omitempty"`
	// Done ends a job whose outputs are all reported, Error one that failed as a whole.
	Done  *Facts        `json:"done,omitempty"`
	Error *recipe.Error `json:"error,omitempty"`
}

// hello is a renderer's first word, when it is warm and before it has seen a picture.
type hello struct {
	Protocol int       `json:"protocol"`
	Engine   string    `json:"engine"`
	Measures []Measure `json:"measures"`
}

func writeFrame(w io.Writer, header any, bodies ...[]byte) error {
	text, err := json.Marshal(header)
	if err != nil {
		return fmt.Errorf("encode header: %w", err)
	}
	frame := make([]byte, 12, 12+len(text))
	binary.BigEndian.PutUint32(frame, uint32(len(text))) //nolint:gosec // headers are bounded above
	size := 0
	for _, body := range bodies {
		size += len(body)
	}
	binary.BigEndian.PutUint64(frame[4:], uint64(size))
	if _, err := w.Write(append(frame, text...)); err != nil {
		return fmt.Errorf("write header: %w", err)
	}
	for _, body := range bodies {
		if _, err := w.Write(body); err != nil {
			return fmt.Errorf("write body: %w", err)
		}
	}
	return nil
}

// readFrame fills the header and returns the body, of at most maxBody bytes. It returns io.EOF unwrapped between frames.
func readFrame(r io.Reader, header any, maxBody int64) ([]byte, error) {
	var lengths [12]byte
	if _, err := io.ReadFull(r, lengths[:]); err != nil {
		return nil, err
	}
	headed, bodied := binary.BigEndian.Uint32(lengths[:]), binary.BigEndian.Uint64(lengths[4:])
	if headed > maxHeader || bodied > uint64(maxBody) { //nolint:gosec // limits are not negative
		return nil, fmt.Errorf("frame of %d and %d bytes is over the limit of %d and %d", headed, bodied, maxHeader, maxBody)
	}
	text := make([]byte, headed)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	if err := json.Unmarshal(text, header); err != nil {
		return nil, fmt.Errorf("decode header: %w", err)
	}
	body := make([]byte, bodied)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	return body, nil
}
