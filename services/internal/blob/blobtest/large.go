package blobtest

import (
	"crypto/sha256"
	"hash"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/blob"
)

// mostHeap is how much the heap may grow while a blob of any size is streamed, in bytes.
const mostHeap = 48 << 20

// Random gives n bytes that do not repeat, the same ones each time.
func Random(n int64) io.Reader { return io.LimitReader(rand.NewChaCha8([32]byte{1}), n) }

// Large puts a blob of size bytes and reads it back, and expects little of it in memory at any time. Nothing else may run
// in the process meanwhile.
func Large(t *testing.T, store *blob.Store, size int64) {
	t.Helper()
	const key = "suite/large"
	meter := newMeter()
	written := sha256.New()
	if err := store.PutFrom(t.Context(), key, meter.watch(io.TeeReader(Random(size), written)), size, "image/tiff"); err != nil {
		t.Fatal(err)
	}
	r, err := store.NewReader(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // read only
	if r.Size != size || r.ContentType != "image/tiff" {
		t.Errorf("stored: %+v", r.Info)
	}
	if got := digest(t, meter.watch(r)); string(got.Sum(nil)) != string(written.Sum(nil)) {
		t.Error("what was read is not what was written")
	}
	t.Logf("%d MiB streamed with %d MiB of heap at most; the process had %s at its peak", size>>20, meter.most>>20, resident())
	if meter.most > mostHeap {
		t.Errorf("the heap grew by %d bytes, want %d at most", meter.most, mostHeap)
	}
	if err := store.Delete(t.Context(), key); err != nil {
		t.Error(err)
	}
}

func digest(t *testing.T, r io.Reader) hash.Hash {
	t.Helper()
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		t.Fatal(err)
	}
	return sum
}

// meter measures how far the heap grows beyond what it was, by what is alive.
type meter struct {
	before, most uint64
	stride, next int64
}

func newMeter() *meter { return &meter{before: alive(), stride: 8 << 20} }

func (m *meter) watch(r io.Reader) io.Reader {
	m.next = m.stride
	return &metered{meter: m, Reader: r}
}

type metered struct {
	io.Reader
	meter *meter
	read  int64
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	if m.read += int64(n); m.read >= m.meter.next {
		m.meter.next += m.meter.stride
		if now := alive(); now > m.meter.before {
			m.meter.most = max(m.meter.most, now-m.meter.before)
		}
	}
	return n, err
}

func alive() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// resident is the most memory that the process has ever had, as the system tells it, where it does.
func resident() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "memory that nobody counts here"
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	peak, _, _ := strings.Cut(after, "\n")
	return strings.TrimSpace(peak)
}
