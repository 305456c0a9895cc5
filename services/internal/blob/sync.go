package blob

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// syncer makes what was written survive a power cut. Tests replace it to see the order.
type syncer interface {
	File(f *os.File) error
	Folder(path string) error
}

// disk is the syncer of every store.
type disk struct{}

func (disk) File(f *os.File) error { return f.Sync() }

func (disk) Folder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// maxKnown bounds how many folders are remembered as being on disk.
const maxKnown = 4096

// folders makes folders below root, and remembers which of them are on disk with their names.
type folders struct {
	root string
	sync syncer

	mu    sync.Mutex
	known map[string]bool
}

// settle syncs folder, and above it, up to root, each parent that may hold a name which is not on disk yet. That a
// folder exists says nothing: another process may have made it a moment ago.
func (f *folders) settle(folder string) error {
	if err := f.sync.Folder(folder); err != nil {
		return err
	}
	for dir := folder; dir != f.root && !f.isKnown(dir); dir = filepath.Dir(dir) {
		if err := f.sync.Folder(filepath.Dir(dir)); err != nil {
			return err
		}
		f.learn(dir)
	}
	return nil
}

func (f *folders) isKnown(dir string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known[dir]
}

// learn forgets everything when there is too much of it, which costs a few more syncs and no bookkeeping.
func (f *folders) learn(dir string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.known) >= maxKnown {
		clear(f.known)
	}
	f.known[dir] = true
}
