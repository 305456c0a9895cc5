package imaging

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// watch kills a working renderer when its time, its memory or the interest in it ends.
type watch struct {
	done  chan struct{}
	more  chan struct{}
	ended sync.WaitGroup
	cause error
}

func watchChild(ctx context.Context, c *child, cfg Config, closing <-chan struct{}) *watch {
	w := &watch{done: make(chan struct{}), more: make(chan struct{}, 1)}
	w.ended.Go(func() {
		if w.cause = w.wait(ctx, c, cfg, closing); w.cause != nil {
			c.kill()
		}
	})
	return w
}

// stop ends the watch and returns why it killed the renderer, nil when it did not.
func (w *watch) stop() error {
	close(w.done)
	w.ended.Wait()
	return w.cause
}

// extend gives the renderer its time anew: it has finished an output.
func (w *watch) extend() {
	select {
	case w.more <- struct{}{}:
	default:
	}
}

func (w *watch) wait(ctx context.Context, c *child, cfg Config, closing <-chan struct{}) error {
	deadline := time.NewTimer(cfg.Timeout)
	defer deadline.Stop()
	look := time.NewTicker(watchEvery)
	defer look.Stop()
	for {
		select {
		case <-w.done:
			return nil
		case <-ctx.Done():
			return gaveUp(ctx)
		case <-closing:
			return ErrClosed
		case <-w.more:
			deadline.Reset(cfg.Timeout)
		case <-deadline.C:
			return recipe.Errorf(recipe.RendererTimeout, "no output of the picture was done within %s", cfg.Timeout)
		case <-look.C:
			if used, ok := resident(c.cmd.Process.Pid); ok && used > cfg.MaxMemory {
				return recipe.Errorf(recipe.RendererOutOfMemory, "the picture needs more than %s of memory", cfg.MaxMemory)
			}
		}
	}
}

// gaveUp is the error of a context that has ended, with its cause where there is one of its own.
func gaveUp(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("%w: %w", ctx.Err(), cause)
	}
	return ctx.Err()
}
