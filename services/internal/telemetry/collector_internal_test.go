package telemetry

import (
	"runtime"
	"testing"
)

func TestPercentFor(t *testing.T) {
	t.Parallel()
	for inUse, want := range map[uint64]int{
		0: mostPercent, 1 << 20: mostPercent, 16 << 20: 400, 30 << 20: 200, 50 << 20: 125, 100 << 20: 50, 128 << 20: 50, 4 << 30: 50,
	} {
		if got := percentFor(inUse); got != want {
			t.Errorf("%d MiB in use: %d %%, want %d", inUse>>20, got, want)
		}
	}
}

// What is in use is asked for by names that another version of Go may not know; reading one that it does not know panics.
func TestInUse(t *testing.T) {
	t.Parallel()
	runtime.GC()
	if inUse() == 0 {
		t.Error("nothing in use, want what the newest collection left")
	}
}
