package blob

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"gocloud.dev/blob"
)

// Listed is a blob as a list has it.
type Listed struct {
	Key string
	Info
}

// MaxList is how many blobs one call to [Store.List] gives at most.
const MaxList = 1000

// List gives up to n blobs, 1 to [MaxList], whose keys begin with the folder prefix, which ends in a slash. It goes on after
// a position that an earlier call returned, also one of another process; "" begins. next is "" at the end. Content types and
// ETags are not told, and in a folder there is also what a power cut left half written. A page costs what is in it, however
// many blobs there are: in a bucket one request, in a folder the names of the folders on the way. It fails with a
// [*KeyError], [ErrBucket], the error of ctx, or what the disk or the bucket says, also of a position that it does not know.
func (s *Store) List(ctx context.Context, prefix, after string, n int) (list []Listed, next string, err error) {
	if err := CheckKey(strings.TrimSuffix(prefix, "/")); err != nil {
		return nil, "", err
	}
	list, next, err = s.place.list(ctx, prefix, after, min(max(n, 1), MaxList))
	if err != nil {
		return nil, "", fmt.Errorf("list blobs %s: %w", prefix, err)
	}
	return list, next, nil
}

func (b *bucket) list(ctx context.Context, prefix, after string, n int) ([]Listed, string, error) {
	limited, cancel := context.WithTimeoutCause(ctx, b.patience, errPatience)
	defer cancel()
	position := blob.FirstPageToken
	if after != "" {
		var err error
		if position, err = base64.StdEncoding.DecodeString(after); err != nil {
			return nil, "", fmt.Errorf("read position: %w", err)
		}
	}
	objects, next, err := b.blobs.ListPage(limited, position, n, &blob.ListOptions{Prefix: prefix})
	if err != nil {
		return nil, "", b.absent(ctx, b.failure(limited, err))
	}
	list := make([]Listed, len(objects))
	for i, o := range objects {
		list[i] = Listed{Key: o.Key, Info: Info{Size: o.Size, ModTime: o.ModTime}}
	}
	return list, base64.StdEncoding.EncodeToString(next), nil
}

// list walks the files itself, because the library looks at all of them for every page. The position is the last key.
func (f *folder) list(ctx context.Context, prefix, after string, n int) ([]Listed, string, error) {
	w := &walk{folder: f, after: strings.Split(after, "/"), most: n}
	err := filepath.WalkDir(f.path(prefix), func(path string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		return w.visit(path, entry)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, "", err
	}
	return w.list, w.next, nil
}

// walk gathers a page of files.
type walk struct {
	folder *folder
	after  []string
	most   int
	list   []Listed
	next   string
}

// visit sees files and folders in the order of their names at each level, so that keys are compared by their segments.
func (w *walk) visit(path string, entry fs.DirEntry) error {
	name, err := filepath.Rel(w.folder.folders.root, path)
	if err != nil {
		return err
	}
	key := filepath.ToSlash(name)
	segments := strings.Split(key, "/")
	if entry.IsDir() {
		if past := w.after[:min(len(w.after), len(segments))]; slices.Compare(segments, past) < 0 {
			return fs.SkipDir
		}
		return nil
	}
	if slices.Compare(segments, w.after) <= 0 || CheckKey(key) != nil {
		return nil
	}
	if len(w.list) == w.most {
		w.next = w.list[w.most-1].Key
		return fs.SkipAll
	}
	info, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // removed a moment ago
	}
	if err != nil {
		return err
	}
	w.list = append(w.list, Listed{Key: key, Info: Info{Size: info.Size(), ModTime: info.ModTime()}})
	return nil
}
