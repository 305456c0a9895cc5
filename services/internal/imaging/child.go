package imaging

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"time"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// warmTime is how long a renderer may take to say hello; it needs about 50 ms.
const warmTime = 10 * time.Second

// watchEvery is how often the memory of a working renderer is looked at.
const watchEvery = 50 * time.Millisecond

// errCrashed is returned when a renderer ended in the middle of a picture, or broke the protocol and was killed for it.
var errCrashed = errors.New("renderer ended unexpectedly")

// child is one renderer process. It is used by one goroutine at a time.
type child struct {
	cmd      *exec.Cmd
	orders   *os.File
	reports  *bufio.Reader
	pipe     *os.File // under reports
	temp     string
	greeting hello
	jobs     int
	ended    chan struct{} // closed when the process is gone and its folder removed
}

// newChild starts a renderer, of documents or of pictures alone, and waits until it is warm.
func newChild(s *spawner, executable string, documents bool, log *slog.Logger) (*child, error) {
	c := &child{ended: make(chan struct{})}
	if err := c.start(s, executable, documents, log); err != nil {
		return nil, fmt.Errorf("start renderer: %w", err)
	}
	alarm := time.AfterFunc(warmTime, c.kill)
	defer alarm.Stop()
	var first report
	_, err := readFrame(c.reports, &first, 0)
	if err == nil && (first.Hello == nil || first.Hello.Protocol != Protocol) {
		err = fmt.Errorf("it is of another version, %d is needed", Protocol)
	}
	if err != nil {
		c.end()
		return nil, fmt.Errorf("warm renderer: %w", err)
	}
	c.greeting = *first.Hello
	return c, nil
}

func (c *child) start(s *spawner, executable string, documents bool, log *slog.Logger) error {
	temp, err := os.MkdirTemp(s.temp, "")
	if err != nil {
		return err
	}
	c.temp = temp
	var theirs [2]*os.File
	if theirs[0], c.orders, err = os.Pipe(); err != nil {
		return errors.Join(err, os.RemoveAll(temp))
	}
	if c.pipe, theirs[1], err = os.Pipe(); err != nil {
		return errors.Join(err, theirs[0].Close(), c.orders.Close(), os.RemoveAll(temp))
	}
	for _, pipe := range []*os.File{c.orders, c.pipe} {
		widen(pipe)
	}
	c.reports = bufio.NewReaderSize(c.pipe, 64<<10)
	c.cmd = exec.Command(executable) //nolint:noctx // a renderer outlives the call that started it; the pool ends it
	if documents {
		c.cmd.Args = append(c.cmd.Args, Documents)
	}
	c.cmd.Env = environment(temp)
	if home := s.homes[documents]; home != "" {
		c.cmd.Env = append(c.cmd.Env, "VIPSHOME="+home)
	}
	c.cmd.Dir = temp
	c.cmd.ExtraFiles = theirs[:]
	c.cmd.Stderr = &lines{log: log}
	err = s.start(c.cmd)
	_ = theirs[0].Close()
	_ = theirs[1].Close()
	if err != nil {
		return errors.Join(err, c.orders.Close(), c.pipe.Close(), os.RemoveAll(temp))
	}
	go c.reap(log)
	return nil
}

// reap waits for the end of the process and clears up behind it. [child.end] waits for it.
func (c *child) reap(log *slog.Logger) {
	defer close(c.ended)
	err := c.cmd.Wait()
	log.Debug("renderer ended", "pid", c.cmd.Process.Pid, "err", err)
	if err := os.RemoveAll(c.temp); err != nil {
		log.Warn("remove renderer's folder", "err", err)
	}
}

// kill ends the process at once. It may be called at any time from any goroutine.
func (c *child) kill() { _ = c.cmd.Process.Kill() }

// end kills the process, waits until it is gone and closes the pipes.
func (c *child) end() {
	c.kill()
	<-c.ended
	_ = c.orders.Close()
	_ = c.pipe.Close()
}

// render makes one picture. It fails with an [Error], with the context's cause, with [ErrClosed] or with errCrashed; the
// process is then dead, or about to be, unless the error is the renderer's own.
func (c *child) render(ctx context.Context, req Request, cfg Config, closing <-chan struct{}) (Response, error) {
	c.jobs++
	watch := watchChild(ctx, c, cfg, closing)
	resp, err := c.exchange(req, cfg, watch.extend)
	if cause := watch.stop(); cause != nil {
		c.jobs = cfg.MaxJobs // killed, even if it was done just before
		if err != nil {
			return Response{}, cause
		}
	}
	if err == nil {
		return resp, nil
	}
	if _, own := errors.AsType[*recipe.Error](err); own {
		return Response{}, err
	}
	c.kill()
	return Response{}, errors.Join(errCrashed, err)
}

func (c *child) exchange(req Request, cfg Config, alive func()) (Response, error) {
	if err := c.send(req, cfg); err != nil {
		return Response{}, fmt.Errorf("send order: %w", err)
	}
	t := newTally(req, cfg)
	for {
		var r report
		body, err := readFrame(c.reports, &r, int64(t.room))
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return Response{}, fmt.Errorf("read report: %w", err)
		}
		done, err := t.take(r, body)
		if done || err != nil {
			return t.response, err
		}
		alive()
	}
}

func (c *child) send(req Request, cfg Config) error {
	o := order{Recipe: req.Recipe, Limits: cfg.Limits, Source: int64(len(req.Source))}
	bodies := [][]byte{req.Source}
	for name, picture := range req.Pictures {
		o.Pictures = append(o.Pictures, part{Name: name, Bytes: int64(len(picture))})
		bodies = append(bodies, picture)
	}
	return writeFrame(c.orders, o, bodies...)
}

// lines is a writer that logs what a renderer prints. It is libvips' own text, so it goes to debug and nowhere else.
type lines struct {
	log  *slog.Logger
	said int
}

// Write logs the text, up to 64 KiB over the life of the renderer.
func (l *lines) Write(text []byte) (int, error) {
	if l.said < 64<<10 {
		l.log.Debug("renderer printed", "text", string(text[:min(len(text), 4<<10)]))
	}
	l.said += len(text)
	return len(text), nil
}
