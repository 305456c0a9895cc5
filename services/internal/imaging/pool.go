package imaging

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// restartPause is how long a slot waits after a renderer could not be started, unless a picture asks before.
const restartPause = time.Second

// Pool keeps warm renderers and hands each one picture at a time. A renderer that dies, gets old or grows fat is replaced
// in the background.
type Pool struct {
	cfg     Config
	log     *slog.Logger
	spawner *spawner
	// pictures and documents are the queues of the two kinds of renderers. Nothing waits in them but callers.
	pictures, documents chan call
	// waiting has room for the documents that may wait at a time.
	waiting chan struct{}
	closing chan struct{}
	close   sync.Once
	slots   sync.WaitGroup
	// measures are those of the first renderer; the others are started alike.
	measures []Measure
}

// call is one picture on its way to a slot.
type call struct {
	ctx   context.Context //nolint:containedctx // a call is a message to a slot and lives as long as its caller waits
	req   Request
	reply chan answer
}

type answer struct {
	resp Response
	err  error
}

// NewPool starts the renderers. It fails when the configuration is invalid or the first renderer does not start.
func NewPool(cfg Config, log *slog.Logger) (*Pool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("configure renderers: %w", err)
	}
	if err := checkExecutable(cfg.Executable); err != nil {
		return nil, err
	}
	spawner, err := newSpawner(cfg.Executable)
	if err != nil {
		return nil, err
	}
	first, err := newChild(spawner, cfg.Executable, false, log)
	if err != nil {
		return nil, errors.Join(err, spawner.stop())
	}
	p := &Pool{
		cfg: cfg, log: log, spawner: spawner, closing: make(chan struct{}),
		pictures: make(chan call), documents: make(chan call), waiting: make(chan struct{}, 2*cfg.Documents),
	}
	p.measures = p.allMeasures(first.greeting.Measures)
	p.slots.Go(func() { p.run(first, p.pictures) })
	for range cfg.Workers - 1 {
		p.slots.Go(func() { p.run(nil, p.pictures) })
	}
	for range cfg.Documents {
		p.slots.Go(func() { p.run(nil, p.documents) })
	}
	log.Debug("renderers started", "workers", cfg.Workers, "documents", cfg.Documents, "engine", first.greeting.Engine)
	return p, nil
}

// Slots is how many pictures are rendered at a time, not counting documents.
func (p *Pool) Slots() int { return p.cfg.Workers }

// Limits are those that sources and recipes have to keep.
func (p *Pool) Limits() recipe.Limits { return p.cfg.Limits }

// Isolation lists the measures that keep a hostile picture in its renderer, and why one does not hold here.
func (p *Pool) Isolation() []Measure { return p.measures }

// Render makes every output of the request, and waits for a free slot first. It fails with a [recipe.Error] when the
// picture is at fault; with the context's error when that ends, which kills the renderer; with [ErrBusy]; with
// [ErrClosed]; and with any other error when no renderer could be started. A picture that ends its renderer gets one
// fresh try.
func (p *Pool) Render(ctx context.Context, req Request) (Response, error) {
	if err := checkHead(req.Source); err != nil {
		return Response{}, err
	}
	queue := p.pictures
	if hasDocument(req) {
		if p.cfg.Documents == 0 {
			return Response{}, recipe.Errorf(recipe.UnsupportedFormat, "documents (PDF, SVG, JPEG XL) are not accepted here")
		}
		select {
		case p.waiting <- struct{}{}:
			defer func() { <-p.waiting }()
		default:
			return Response{}, ErrBusy
		}
		queue = p.documents
	}
	c := call{ctx: ctx, req: req, reply: make(chan answer, 1)}
	select {
	case queue <- c:
	case <-ctx.Done():
		return Response{}, gaveUp(ctx)
	case <-p.closing:
		return Response{}, ErrClosed
	}
	a := <-c.reply
	return a.resp, a.err
}

// hasDocument tells whether one of the files needs a renderer of documents.
func hasDocument(req Request) bool {
	if format, _ := recipe.Sniff(req.Source); format.Document() {
		return true
	}
	for _, picture := range req.Pictures {
		if format, _ := recipe.Sniff(picture); format.Document() {
			return true
		}
	}
	return false
}

// Close kills the renderers and returns when they are gone. Pictures in the making end with [ErrClosed].
func (p *Pool) Close() {
	p.close.Do(func() {
		close(p.closing)
		p.slots.Wait()
		if err := p.spawner.stop(); err != nil {
			p.log.Warn("remove renderers' folder", "err", err)
		}
	})
}

// run is one slot. It keeps one renderer, nil while there is none.
func (p *Pool) run(c *child, queue chan call) {
	for {
		c = p.warm(c, queue)
		var ended chan struct{}
		var retry <-chan time.Time
		if c != nil {
			ended = c.ended
		} else {
			retry = time.After(restartPause)
		}
		select {
		case next := <-queue:
			var a answer
			c, a = p.serve(c, next, queue)
			next.reply <- a
		case <-ended:
		case <-retry:
		case <-p.closing:
			if c != nil {
				c.end()
			}
			return
		}
	}
}

// warm returns a renderer fit for the next picture: the given one, or a fresh one in its place. It returns nil when none
// could be started.
func (p *Pool) warm(c *child, queue chan call) *child {
	if c != nil && p.fit(c) {
		return c
	}
	if c != nil {
		c.end()
	}
	select {
	case <-p.closing:
		return nil
	default:
	}
	fresh, err := newChild(p.spawner, p.cfg.Executable, queue == p.documents, p.log)
	if err != nil {
		p.log.Warn("renderer did not start", "err", err)
	}
	return fresh
}

// fit tells whether a renderer is alive and neither old nor fat.
func (p *Pool) fit(c *child) bool {
	select {
	case <-c.ended:
		return false
	default:
	}
	used, known := resident(c.cmd.Process.Pid)
	return c.jobs < p.cfg.MaxJobs && (!known || used <= p.cfg.RecycleMemory)
}

// serve renders one picture, with a second, fresh renderer if the first one dies of it.
func (p *Pool) serve(c *child, next call, queue chan call) (*child, answer) {
	next.req.Progress = forward(next.req.Progress)
	for range 2 {
		if c == nil {
			var err error
			if c, err = newChild(p.spawner, p.cfg.Executable, queue == p.documents, p.log); err != nil {
				return nil, answer{err: err}
			}
		}
		resp, err := c.render(next.ctx, next.req, p.cfg, p.closing)
		if !errors.Is(err, errCrashed) {
			return p.keep(c, err), answer{resp, err}
		}
		p.log.Warn("renderer crashed", "pid", c.cmd.Process.Pid, "bytes", len(next.req.Source), "err", err)
		c.end()
		c = nil
	}
	return nil, answer{err: recipe.Errorf(recipe.RendererCrashed, "the picture crashed the renderer, twice")}
}

// keep returns the renderer when it is still good after the error, and otherwise ends it.
func (p *Pool) keep(c *child, err error) *child {
	fault, own := errors.AsType[*recipe.Error](err)
	if err == nil || own && fault.Code != recipe.RendererTimeout && fault.Code != recipe.RendererOutOfMemory {
		return c
	}
	c.end()
	return nil
}

// forward keeps the progress of a second try from going back behind the first one's.
func forward(progress func(done, total int)) func(done, total int) {
	if progress == nil {
		return nil
	}
	furthest := 0
	return func(done, total int) {
		if done > furthest {
			furthest = done
			progress(done, total)
		}
	}
}

// checkHead refuses what is no picture before it costs a renderer's time.
func checkHead(source []byte) error {
	if len(source) == 0 {
		return recipe.Errorf(recipe.SourceUnreadable, "the source is empty")
	}
	if _, known := recipe.Sniff(source); !known {
		return recipe.Errorf(recipe.UnsupportedFormat, "the source is none of %s", recipe.Readable)
	}
	return nil
}

// allMeasures adds what the pool itself sees to to what a renderer reported.
func (p *Pool) allMeasures(reported []Measure) []Measure {
	list := []Measure{held(MeasureProcess), held(MeasureEnvironment)}
	known := map[string]Measure{}
	for _, m := range reported {
		known[m.Name] = m
	}
	known[MeasureNetwork] = heldIf(MeasureNetwork, p.spawner.network)
	known[MeasureSecrets] = heldIf(MeasureSecrets, p.spawner.files)
	if memoryWatched {
		known[MeasureMemory] = held(MeasureMemory)
	}
	for _, name := range []string{
		MeasurePrivileges, MeasureParent, MeasureNetwork, MeasureSystemCalls, MeasureFiles,
		MeasureSecrets, MeasureMemory,
	} {
		m, ok := known[name]
		if !ok {
			m = missing(name, "only on Linux")
		}
		list = append(list, m)
	}
	return list
}
