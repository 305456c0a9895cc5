package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"
)

const (
	// typeSuffix ends the name of the file with a content type. No key can hold the character.
	typeSuffix = "@type"
	// folderMode keeps pictures from other users of the machine.
	folderMode = 0o750
)

// folder keeps blobs in files.
type folder struct {
	bucket  *blob.Bucket
	folders *folders
	sync    syncer
}

// OpenFolder opens the store in dir, which is made if it is missing. Call Close when done.
func OpenFolder(dir string) (*Store, error) { return openFolder(dir, disk{}) }

func openFolder(dir string, s syncer) (*Store, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open blob store: %w", err)
	}
	bucket, err := fileblob.OpenBucket(root, &fileblob.Options{
		CreateDir:   true,
		DirFileMode: folderMode,
		// The temporary file lies beside the final one, because a rename cannot cross file systems.
		NoTempDir: true,
		Metadata:  fileblob.MetadataDontWrite,
	})
	if err != nil {
		return nil, fmt.Errorf("open blob store: %w", err)
	}
	// The folder itself may be new.
	if err := s.Folder(filepath.Dir(root)); err != nil && !errors.Is(err, os.ErrPermission) {
		return nil, errors.Join(fmt.Errorf("open blob store: %w", err), bucket.Close())
	}
	return &Store{place: &folder{bucket: bucket, sync: s, folders: &folders{root: root, sync: s, known: map[string]bool{}}}}, nil
}

func (f *folder) close() error { return f.bucket.Close() }

func (f *folder) put(ctx context.Context, key string, body io.Reader, contentType string) error {
	if err := f.putType(ctx, key, contentType); err != nil {
		return err
	}
	if err := f.write(ctx, key, body); err != nil {
		return err
	}
	return f.folders.settle(filepath.Dir(f.path(key)))
}

// putType comes before the blob: without it a type is nothing, while a blob must never be without its type. A redelivered
// job puts what is there already, so that is most often left as it is; it was synced before it got its name.
func (f *folder) putType(ctx context.Context, key, contentType string) error {
	if there, err := f.bucket.ReadAll(ctx, key+typeSuffix); err == nil && string(there) == contentType {
		return nil
	}
	return f.write(ctx, key+typeSuffix, strings.NewReader(contentType))
}

// write writes one file through a temporary one, which is on disk before it gets the name.
func (f *folder) write(ctx context.Context, name string, body io.Reader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var file *os.File
	w, err := f.bucket.NewWriter(ctx, name, &blob.WriterOptions{
		ContentType: defaultType, // not kept; it only stops the library from guessing
		BeforeWrite: func(as func(any) bool) error {
			if !as(&file) {
				return errNoFile
			}
			return nil
		},
	})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, body)
	if err == nil {
		err = f.sync.File(file)
	}
	if err != nil {
		// Closing a writer whose context has ended throws the file away instead of naming it.
		cancel()
		_ = w.Close()
		return err
	}
	return w.Close()
}

// open reads from the file itself: the library takes the size before it opens the file, and opens it again after each
// Seek, and a put may come between.
func (f *folder) open(ctx context.Context, key string) (*Reader, error) {
	r, err := f.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return nil, missing(err)
	}
	reader, err := f.reader(ctx, key, r)
	if err != nil {
		return nil, errors.Join(missing(err), r.Close())
	}
	return reader, nil
}

func (f *folder) reader(ctx context.Context, key string, r *blob.Reader) (*Reader, error) {
	var raw io.Reader
	r.As(&raw)
	file, ok := raw.(*os.File)
	if !ok {
		return nil, errNoFile
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	contentType, err := f.contentType(ctx, key)
	if err != nil {
		return nil, err
	}
	return &Reader{ReadSeeker: file, Info: infoOf(contentType, info.Size(), info.ModTime()), close: r.Close}, nil
}

func (f *folder) stat(ctx context.Context, key string) (Info, error) {
	attrs, err := f.bucket.Attributes(ctx, key)
	if err != nil {
		return Info{}, missing(err)
	}
	contentType, err := f.contentType(ctx, key)
	if err != nil {
		return Info{}, missing(err)
	}
	return infoOf(contentType, attrs.Size, attrs.ModTime), nil
}

func (f *folder) remove(ctx context.Context, key string) error {
	// The library would remove an empty folder of that name too.
	if _, err := f.bucket.Attributes(ctx, key); err != nil {
		return missing(err)
	}
	if err := f.bucket.Delete(ctx, key); err != nil {
		return missing(err)
	}
	if err := f.bucket.Delete(ctx, key+typeSuffix); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return err
	}
	return nil
}

// contentType reads the type beside a blob. A blob that someone laid into the folder by hand has none.
func (f *folder) contentType(ctx context.Context, key string) (string, error) {
	text, err := f.bucket.ReadAll(ctx, key+typeSuffix)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return defaultType, nil
	}
	return string(text), err
}

func (f *folder) path(key string) string {
	return filepath.Join(f.folders.root, filepath.FromSlash(key))
}

func infoOf(contentType string, size int64, modified time.Time) Info {
	return Info{ContentType: contentType, Size: size, ModTime: modified, ETag: etagOf(modified, size)}
}

// etagOf is the ETag of a blob in a place that has none of its own.
func etagOf(modified time.Time, size int64) string {
	return fmt.Sprintf(`"%x-%x"`, modified.UnixNano(), size)
}

// missing tells the files that are not there from those that cannot be read.
func missing(err error) error {
	// ENOTDIR: a segment of the key is a blob itself.
	if gcerrors.Code(err) == gcerrors.NotFound || errors.Is(err, syscall.ENOTDIR) {
		// The library's error holds the path of the folder, which is nobody's business.
		return ErrNotFound
	}
	return err
}
