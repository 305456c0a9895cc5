package outbound_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
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

// BenchmarkClient_PostManyEndpoints posts to 6,000 endpoints in turn, each a host of its own, with room for the
// connections of all and with the default room.
func BenchmarkClient_PostManyEndpoints(b *testing.B) {
	const endpoints = 6000
	listener, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "0.0.0.0:0")
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	defer server.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	for _, total := range []int{outbound.DefaultConfig().IdleTotal, endpoints} {
		b.Run(fmt.Sprintf("kept_%d", total), func(b *testing.B) {
			cfg := outbound.DefaultConfig()
			cfg.Allow, cfg.IdleTotal = []string{"127.0.0.0/8"}, total
			client, err := outbound.New(cfg, outbound.Deps{})
			if err != nil {
				b.Fatal(err)
			}
			defer client.Close()
			body := bytes.Repeat([]byte("x"), 1000)
			round := func() (connected int) {
				for i := range endpoints {
					url := fmt.Sprintf("http://127.0.%d.%d:%d/", i/250, i%250+1, port)
					a, err := client.Post(b.Context(), outbound.Request{URL: url, Body: body})
					if err != nil || a.Status != 200 {
						b.Fatal(a, err)
					}
					if a.Connect > 0 {
						connected++
					}
				}
				return connected
			}
			round()
			connected := 0
			for b.Loop() {
				connected += round()
			}
			var memory runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&memory)
			b.ReportMetric(float64(connected)/float64(b.N)/endpoints, "connects/post")
			b.ReportMetric(float64(memory.HeapInuse+memory.StackInuse)/(1<<20), "MiB")
		})
	}
}
