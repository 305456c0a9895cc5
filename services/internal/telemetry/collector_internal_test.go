package telemetry

import (
	"runtime"
	"testing"
)

func TestPercentFor(t *testing.T) {
	t.Parallel()
	for inUse, want := range map[uint64]int{
		0: mostPercent, 1 << 20: mostPercent, 16 << 20: 600, 32 << 20: 300, 50 << 20: 100, 128 << 20: 100, 4 << 30: 100,
	} {
		if got := percentFor(inUse); got != want {
			t.Errorf("%d MiB in use: %d %%, want %d", inUse>>20, got, want)
		}
	}
}

// The live bytes are asked for by a name that another version of Go may not know.
func TestInUse(t *testing.T) {
	t.Parallel()
	runtime.GC()
	if inUse() == 0 {
		t.Error("nothing in use, want what the newest collection left")
	}
}
