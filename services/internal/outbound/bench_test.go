package outbound_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ringback/ringback/services/internal/outbound"
)

// BenchmarkClient_Post posts 1 KB from 64 goroutines to one receiver in the same process.
func BenchmarkClient_Post(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer server.Close()
	cfg := outbound.DefaultConfig()
	cfg.Allow = []string{"127.0.0.1"}
	client, err := outbound.New(cfg, outbound.Deps{})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	request := outbound.Request{URL: server.URL, Body: bytes.Repeat([]byte("x"), 1000)}
	b.ReportAllocs()
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if a, err := client.Post(b.Context(), request); err != nil || a.Status != 200 {
				b.Error(a, err)
			}
		}
	})
}
