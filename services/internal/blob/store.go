package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"
)

const (
	// typeSuffix ends the name of the file with a content type. No key can hold the character.
	typeSuffix = "@type"
	// defaultType is the content type of what was put without one.
	defaultType = "application/octet-stream"
	// maxType bounds a content type.
	maxType = 255
	// folderMode keeps pictures from other users of the machine.
	folderMode = 0o750
)

var (
	// ErrNotFound is returned when there is nothing under a key.
	ErrNotFound = errors.New("no such blob")
	// ErrContentType is returned when a content type is too long to be one.
	ErrContentType = errors.New("content type is too long")

	// errNoFile would mean that the library changed what it gives away.
	errNoFile = errors.New("the store is not made of files")
)

// Store keeps blobs in a folder. It is safe for concurrent use, by several processes too: of two that put the same key
// one wins, whole.
type Store struct {
	bucket  *blob.Bucket
	folders *folders
	sync    syncer
}

// Info is what is known of a blob without reading it.
type Info struct {
	ContentType string
	Size        int64
	ModTime     time.Time
	// ETag changes when the blob does.
	ETag string
}

// Reader reads one blob, the one that was there when it was opened. Close it.
type Reader struct {
	io.ReadSeeker
	Info
	close func() error
}

// Close lets go of the blob. It fails with what the disk says.
func (r *Reader) Close() error { return r.close() }

// Open opens the store in dir, which is made if it is missing. Call Close when done.
func Open(dir string) (*Store, error) { return open(dir, disk{}) }

func open(dir string, s syncer) (*Store, error) {
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
	return &Store{bucket: bucket, sync: s, folders: &folders{root: root, sync: s, known: map[string]bool{}}}, nil
}

// Close ends the use of the store.
func (s *Store) Close() error { return s.bucket.Close() }

// Put stores data under key, in place of what was there. When it returns nil the blob survives a power cut. It fails with
// a [*KeyError], [ErrContentType], the error of ctx or of the disk; the blob that was there before is then there still,
// perhaps already under the new content type, or, when only the last sync failed, all of the new one is.
func (s *Store) Put(ctx context.Context, key string, data []byte, contentType string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if len(contentType) > maxType {
		return fmt.Errorf("put blob %s: %w", key, ErrContentType)
	}
	if contentType == "" {
		contentType = defaultType
	}
	if err := s.putType(ctx, key, contentType); err != nil {
		return fmt.Errorf("put blob %s: %w", key, err)
	}
	if err := s.write(ctx, key, data); err != nil {
		return fmt.Errorf("put blob %s: %w", key, err)
	}
	if err := s.folders.settle(filepath.Dir(s.path(key))); err != nil {
		return fmt.Errorf("put blob %s: %w", key, err)
	}
	return nil
}

// putType comes before the blob: without it a type is nothing, while a blob must never be without its type. A redelivered
// job puts what is there already, so that is most often left as it is; it was synced before it got its name.
func (s *Store) putType(ctx context.Context, key, contentType string) error {
	if there, err := s.bucket.ReadAll(ctx, key+typeSuffix); err == nil && string(there) == contentType {
		return nil
	}
	return s.write(ctx, key+typeSuffix, []byte(contentType))
}

// write writes one file through a temporary one, which is on disk before it gets the name.
func (s *Store) write(ctx context.Context, name string, data []byte) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var file *os.File
	w, err := s.bucket.NewWriter(ctx, name, &blob.WriterOptions{
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
	_, err = w.Write(data)
	if err == nil {
		err = s.sync.File(file)
	}
	if err != nil {
		// Closing a writer whose context has ended throws the file away instead of naming it.
		cancel()
		_ = w.Close()
		return err
	}
	return w.Close()
}

// Get reads the blob under key whole, with its content type. It fails with [ErrNotFound], a [*KeyError], or what the
// disk says.
func (s *Store) Get(ctx context.Context, key string) (data []byte, contentType string, err error) {
	r, err := s.NewReader(ctx, key)
	if err != nil {
		return nil, "", err
	}
	defer r.Close() //nolint:errcheck // read only
	data = make([]byte, r.Size)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, "", fmt.Errorf("get blob %s: %w", key, err)
	}
	return data, r.ContentType, nil
}

// NewReader opens the blob under key for reading in parts. It fails as Get does.
func (s *Store) NewReader(ctx context.Context, key string) (*Reader, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	r, err := s.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return nil, failed("get", key, err)
	}
	reader, err := s.reader(ctx, key, r)
	if err != nil {
		return nil, errors.Join(failed("get", key, err), r.Close())
	}
	return reader, nil
}

// reader reads from the file itself: the library takes the size before it opens the file, and opens it again after each
// Seek, and a Put may come between.
func (s *Store) reader(ctx context.Context, key string, r *blob.Reader) (*Reader, error) {
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
	contentType, err := s.contentType(ctx, key)
	if err != nil {
		return nil, err
	}
	return &Reader{ReadSeeker: file, Info: infoOf(contentType, info.Size(), info.ModTime()), close: r.Close}, nil
}

// Stat tells what is known of the blob under key. It fails as Get does.
func (s *Store) Stat(ctx context.Context, key string) (Info, error) {
	if err := CheckKey(key); err != nil {
		return Info{}, err
	}
	attrs, err := s.bucket.Attributes(ctx, key)
	if err != nil {
		return Info{}, failed("stat", key, err)
	}
	contentType, err := s.contentType(ctx, key)
	if err != nil {
		return Info{}, failed("stat", key, err)
	}
	return infoOf(contentType, attrs.Size, attrs.ModTime), nil
}

// Delete removes the blob under key. It fails as Get does. After a power cut a deleted blob may be back.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	// The library would remove an empty folder of that name too.
	if _, err := s.bucket.Attributes(ctx, key); err != nil {
		return failed("delete", key, err)
	}
	if err := s.bucket.Delete(ctx, key); err != nil {
		return failed("delete", key, err)
	}
	if err := s.bucket.Delete(ctx, key+typeSuffix); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return failed("delete", key, err)
	}
	return nil
}

// contentType reads the type beside a blob. A blob that someone laid into the folder by hand has none.
func (s *Store) contentType(ctx context.Context, key string) (string, error) {
	text, err := s.bucket.ReadAll(ctx, key+typeSuffix)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return defaultType, nil
	}
	return string(text), err
}

func (s *Store) path(key string) string {
	return filepath.Join(s.folders.root, filepath.FromSlash(key))
}

func infoOf(contentType string, size int64, modified time.Time) Info {
	return Info{
		ContentType: contentType, Size: size, ModTime: modified, ETag: fmt.Sprintf(`"%x-%x"`, modified.UnixNano(), size),
	}
}

func failed(verb, key string, err error) error {
	// ENOTDIR: a segment of the key is a blob itself.
	if gcerrors.Code(err) == gcerrors.NotFound || errors.Is(err, syscall.ENOTDIR) {
		// The library's error holds the path of the folder, which is nobody's business.
		return fmt.Errorf("%s blob %s: %w", verb, key, ErrNotFound)
	}
	return fmt.Errorf("%s blob %s: %w", verb, key, err)
}
