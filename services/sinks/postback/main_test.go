package postback_test

import (
	"context"
	"testing"

	"github.com/ringback/ringback/services/sinks/sinktest"
)

// TestMain fails the package when anything that a test started still runs.
func TestMain(m *testing.M) { sinktest.Main(m) }

func TestLifecycle(t *testing.T) {
	t.Parallel()
	sinktest.RunLifecycle(t, nativeSink())
}

// TestRun_StopBeforeTheSecretsAreKnown ends at once, although nothing may be sent yet.
func TestRun_StopBeforeTheSecretsAreKnown(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sinktest.Open(t).Unfed(nativeSink()).Run(ctx); err != nil {
		t.Errorf("run: %v", err)
	}
}
