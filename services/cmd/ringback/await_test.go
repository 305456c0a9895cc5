package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// TestAwait_WaitsForItsTurn is refused once because others of the application ask, too.
func TestAwait_WaitsForItsTurn(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if turn := asked.Add(1); turn != 2 {
			w.Header().Set("Retry-After", map[int32]string{1: "1", 3: "3600"}[turn])
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"detail":"too often"}`)
			return
		}
		_, _ = io.WriteString(w, `{"id":"j","state":"completed","outputs":[],"timing":{}}`)
	}))
	defer server.Close()
	begun := time.Now()
	result, _, err := await(t.Context(), &client{base: server.URL}, "j")
	if err != nil || result.ID != "j" || time.Since(begun) < time.Second {
		t.Errorf("got %+v, %v after %s, want the job after a second", result, err, time.Since(begun))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	var later *laterError
	if _, _, err := await(ctx, &client{base: server.URL}, "j"); !errors.As(err, &later) || err.Error() != "too often" {
		t.Errorf("got %v, want the refusal", err)
	}
}
