package blob

import "os"

// Syncer is what tests put in place of the disk.
type Syncer interface {
	File(f *os.File) error
	Folder(path string) error
}

// OpenWith opens a store that syncs through s.
func OpenWith(dir string, s Syncer) (*Store, error) { return openFolder(dir, s) }
