package imaging

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/ringback/ringback/services/internal/imaging/recipe"
)

// Config says how pictures are rendered.
type Config struct {
	Workers    int           `env:"RINGBACK_RENDER_WORKERS" doc:"How many pictures are rendered at a time, each in a process of its own."`
	Documents  int           `env:"RINGBACK_RENDER_DOCUMENTS" doc:"How many further renderers there are for PDF, SVG and JPEG XL, whose readers are open in no other."`
	Timeout    time.Duration `env:"RINGBACK_RENDER_TIMEOUT" doc:"How long one output of a picture may take before its renderer is killed."`
	Executable string        `env:"RINGBACK_RENDER_EXECUTABLE" doc:"Path of ringback-render. By default it lies beside ringback."`
	MaxJobs    int           `env:"RINGBACK_RENDER_MAX_JOBS" doc:"How many pictures a renderer makes before a fresh one takes its place."`
	// The sizes are in bytes of resident memory.
	RecycleMemory Bytes `env:"RINGBACK_RENDER_RECYCLE_MEMORY" doc:"A renderer that holds more memory than this after a picture is replaced by a fresh one."`
	MaxMemory     Bytes `env:"RINGBACK_RENDER_MAX_MEMORY" doc:"A renderer that needs more memory than this for a picture is killed."`
	MaxOutput     Bytes `env:"RINGBACK_RENDER_MAX_OUTPUT" doc:"How large the outputs of one picture may be together."`
	Limits        recipe.Limits
}

// DefaultConfig suits a machine of its own: one renderer more than there are processors, so that reading and writing
// one picture overlaps with the pixels of another.
func DefaultConfig() Config {
	return Config{
		Workers:       runtime.GOMAXPROCS(0) + 1,
		Documents:     1,
		Timeout:       60 * time.Second,
		Executable:    besideMe(),
		MaxJobs:       500,
		RecycleMemory: 512 << 20,
		MaxMemory:     2 << 30,
		MaxOutput:     1 << 30,
		Limits:        recipe.DefaultLimits(),
	}
}

// Validate returns every value that cannot be used, joined, or nil. It does not look for the executable: [NewPool] does.
func (c Config) Validate() error {
	var bad []error
	wrong := func(name string, value any, want string) {
		bad = append(bad, fmt.Errorf("%s is %v: expected %s", name, value, want))
	}
	if c.Workers < 1 || c.Workers > 1024 {
		wrong("RINGBACK_RENDER_WORKERS", c.Workers, "1 to 1024")
	}
	if c.Documents < 0 || c.Documents > 1024 {
		wrong("RINGBACK_RENDER_DOCUMENTS", c.Documents, "0 to 1024; with 0 documents are refused")
	}
	if c.Timeout < time.Second || c.Timeout > time.Hour {
		wrong("RINGBACK_RENDER_TIMEOUT", c.Timeout, "1s to 1h")
	}
	if c.Executable == "" {
		wrong("RINGBACK_RENDER_EXECUTABLE", `""`, "the path of ringback-render")
	}
	if c.MaxJobs < 1 {
		wrong("RINGBACK_RENDER_MAX_JOBS", c.MaxJobs, "1 or more")
	}
	if c.RecycleMemory < 64<<20 {
		wrong("RINGBACK_RENDER_RECYCLE_MEMORY", c.RecycleMemory, "64MiB or more")
	}
	if c.MaxMemory < c.RecycleMemory {
		wrong("RINGBACK_RENDER_MAX_MEMORY", c.MaxMemory, "no less than RINGBACK_RENDER_RECYCLE_MEMORY")
	}
	if c.MaxOutput < 1<<20 {
		wrong("RINGBACK_RENDER_MAX_OUTPUT", c.MaxOutput, "1MiB or more")
	}
	return errors.Join(append(bad, c.Limits.Validate())...)
}

// besideMe is the path of the renderer next to the running program.
func besideMe() string {
	me, err := os.Executable()
	if err != nil {
		return "ringback-render"
	}
	if real, err := filepath.EvalSymlinks(me); err == nil {
		me = real
	}
	return filepath.Join(filepath.Dir(me), "ringback-render")
}
