package bus

import (
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

func TestOnGap(t *testing.T) {
	t.Parallel()
	b, err := Open(t.Context(), Config{Addr: "127.0.0.1:0", Replicas: 1}, t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	told := make(chan struct{}, 9)
	stop := b.OnGap(func() { told <- struct{}{} })
	for name, gap := range map[string]func() error{
		"Reconnect":  b.nc.ForceReconnect,
		"TooSlow":    func() error { b.nc.ErrorHandler()(b.nc, nil, nats.ErrSlowConsumer); return nil },
		"OtherError": func() error { b.nc.ErrorHandler()(b.nc, nil, nats.ErrPermissionViolation); return nil },
	} {
		if err := gap(); err != nil {
			t.Fatal(err)
		}
		if name == "OtherError" {
			continue
		}
		select {
		case <-told:
		case <-time.After(time.Minute):
			t.Errorf("%s: nobody is told", name)
		}
	}
	stop()
	b.gaps.tell()
	if left := len(told); left > 0 {
		t.Errorf("told %d times too often", left)
	}
}
