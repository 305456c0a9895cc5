package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// serveOperations serves /livez, /readyz and /metrics on the HTTP address of a process that has no front door of its
// own to serve them.
func (h *house) serveOperations(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := h.health.Ready(r.Context()); err != nil {
			h.log.Warn("not ready", "err", err)
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ready\n"))
	})
	mux.Handle("GET /metrics", h.metrics.Handler())
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", h.config.Ingest.Addr)
	if err != nil {
		return fmt.Errorf("RINGBACK_HTTP_ADDR %s cannot be listened on; set it to another address: %w", h.config.Ingest.Addr, err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	h.listening(listener.Addr().String())
	if err := server.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve operations: %w", err)
	}
	return nil
}
