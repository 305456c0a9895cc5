package imaging

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// The file descriptors of the pipes in a renderer. Standard output is left alone: a library that prints must not be
// able to break a frame.
const (
	orderFD  = 3
	reportFD = 4
)

// Documents is the argument with which a renderer is started that may read documents.
const Documents = "documents"

// Order is one picture and what an [Engine] is to make of it.
type Order struct {
	Recipe   recipe.Recipe
	Limits   recipe.Limits
	Source   []byte
	Pictures map[string][]byte
}

// Engine renders pictures, one at a time.
type Engine interface {
	// Name and version, for the log.
	Name() string
	// Render makes the outputs and hands each to the sink when it is ready, and each failed one. It fails with an
	// [recipe.Error] when the picture as a whole is at fault, and with any other error when the sink did.
	Render(o Order, sink Sink) (Facts, error)
}

// Sink takes outputs as they are made. An error ends the job. It is called by one goroutine at a time.
type Sink interface {
	// Pages is called before any output of a recipe that names pages, with those that it is applied to.
	Pages(pages []int) error
	Output(r Rendered) error
	Failure(f Failure) error
}

// ServeRenderer is the whole life of a renderer process: it gives up what it does not need, says hello, and renders one
// order after another until its pool closes the pipe, which returns nil. It fails when it was not started by a pool.
func ServeRenderer(engine Engine) error {
	orders, reports := os.NewFile(orderFD, "orders"), os.NewFile(reportFD, "reports")
	for _, pipe := range []*os.File{orders, reports} {
		if info, err := pipe.Stat(); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
			return errors.New("serve renderer: no pipes; a renderer is started by ringback, not by hand")
		}
	}
	return serve(orders, reports, engine, confine())
}

func serve(orders io.Reader, reports io.Writer, engine Engine, measures []Measure) error {
	first := report{Hello: &hello{Protocol: Protocol, Engine: engine.Name(), Measures: measures}}
	if err := writeFrame(reports, first); err != nil {
		return fmt.Errorf("say hello: %w", err)
	}
	for {
		var o order
		body, err := readFrame(orders, &o, 1<<40)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read order: %w", err)
		}
		if err := fulfil(reports, engine, o, body); err != nil {
			return err
		}
	}
}

// fulfil renders one order and reports its end.
func fulfil(reports io.Writer, engine Engine, o order, body []byte) error {
	facts, err := engine.Render(unpack(o, body), frames{reports})
	last := report{Done: &facts}
	if fault, ok := errors.AsType[*recipe.Error](err); ok {
		last = report{Error: fault}
	} else if err != nil {
		return fmt.Errorf("render: %w", err)
	}
	if err := writeFrame(reports, last); err != nil {
		return fmt.Errorf("report the end: %w", err)
	}
	return nil
}

// unpack takes the pictures out of the body of an order. The pool wrote it, so its lengths are right.
func unpack(o order, body []byte) Order {
	full := Order{Recipe: o.Recipe, Limits: o.Limits, Source: body[:o.Source:o.Source], Pictures: map[string][]byte{}}
	at := o.Source
	for _, p := range o.Pictures {
		full.Pictures[p.Name] = body[at : at+p.Bytes : at+p.Bytes]
		at += p.Bytes
	}
	return full
}

// frames is the [Sink] that writes to the pool.
type frames struct{ w io.Writer }

func (f frames) Pages(pages []int) error { return writeFrame(f.w, report{Pages: pages}) }

func (f frames) Output(r Rendered) error { return writeFrame(f.w, report{Output: &r}, r.Data) }

func (f frames) Failure(fail Failure) error { return writeFrame(f.w, report{Failure: &fail}) }
