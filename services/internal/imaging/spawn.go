package imaging

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
)

// spawner starts renderers, all from one operating system thread of its own. Linux ties "die with your parent" and "no
// new privileges" to the thread that forks, not to its process: a renderer started from just any goroutine would be
// killed whenever the scheduler let go of that thread.
type spawner struct {
	starts  chan start
	stopped sync.WaitGroup
	temp    string // holds the renderers' folders
	network error  // why renderers have a network; nil when they have none
	// homes has the folders of plug-ins for renderers of pictures and of documents; empty where the system has none.
	homes map[bool]string
	files error // why renderers may read any file of our user; nil when they may not
}

type start struct {
	cmd  *exec.Cmd
	done chan error
}

// newSpawner starts the thread and finds out how far the kernel lets renderers be isolated.
func newSpawner(executable string) (*spawner, error) {
	temp, err := os.MkdirTemp("", "ringback-render-")
	if err != nil {
		return nil, fmt.Errorf("make folder for renderers: %w", err)
	}
	s := &spawner{starts: make(chan start), temp: temp, homes: map[bool]string{}}
	for documents, modules := range map[bool][]string{false: pictureModules, true: documentModules} {
		home := filepath.Join(temp, fmt.Sprintf("modules-%t", documents))
		if linkModules(home, modules) {
			s.homes[documents] = home
		}
	}
	s.network = tryIsolation(executable)
	ready := make(chan struct{})
	s.stopped.Go(func() { s.run(executable, ready) })
	<-ready
	return s, nil
}

func (s *spawner) run(executable string, ready chan<- struct{}) {
	// Never unlocked: the thread ends with the goroutine, and with it what was set on it.
	runtime.LockOSThread()
	forbidPrivileges()
	s.files = restrictFiles(executable, s.temp)
	close(ready)
	for next := range s.starts {
		next.done <- next.cmd.Start()
	}
}

// start runs the command.
func (s *spawner) start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = isolation(s.network == nil)
	request := start{cmd: cmd, done: make(chan error, 1)}
	s.starts <- request
	return <-request.done
}

// stop ends the thread and removes the folder. Every renderer must have ended before.
func (s *spawner) stop() error {
	close(s.starts)
	s.stopped.Wait()
	return os.RemoveAll(s.temp)
}

// environment is all that a renderer finds in its environment: nothing of ours, whose variables hold secrets.
func environment(temp string) []string {
	env := []string{
		"TMPDIR=" + temp,
		"HOME=" + temp,
		"VIPS_BLOCK_UNTRUSTED=1", // most of libvips' loaders were never tried against hostile files
		"VIPS_CONCURRENCY=1",     // parallelism is over pictures
		"VIPS_DISC_THRESHOLD=8g", // decoded pixels stay in memory, which is limited; files are forbidden
		"MALLOC_ARENA_MAX=2",     // glibc otherwise keeps a heap for every thread that ever decoded
		"GOMAXPROCS=2",
		"GOTRACEBACK=none",
	}
	if path := allocator(); path != "" {
		env = append(env, "LD_PRELOAD="+path)
	}
	return env
}

// allocator is the path of jemalloc, or empty. It gives memory back after a picture where glibc keeps it.
func allocator() string {
	for _, folder := range []string{
		"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib",
	} {
		path := folder + "/libjemalloc.so.2"
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}

// checkExecutable fails unless the file is there and may be run.
func checkExecutable(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("find the renderer (RINGBACK_RENDER_EXECUTABLE): %w", err)
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return fmt.Errorf("find the renderer (RINGBACK_RENDER_EXECUTABLE): %s is not a program", path)
	}
	return nil
}
