package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// serverFolder tells a copy of the test program to be a nats-server on a folder; its last part is the server's name.
const serverFolder = "RINGBACK_TEST_SERVER"

// cluster is nats-servers that know each other.
type cluster []*natsServer

// natsServer is a process that is a nats-server.
type natsServer struct {
	name, url string
	command   *exec.Cmd
	in        io.WriteCloser
	out       *bufio.Scanner
}

// startCluster starts three nats-servers with JetStream that end with the test.
func startCluster(tb testing.TB) cluster {
	tb.Helper()
	var servers cluster
	var routes []string
	for i := range 3 {
		s := startServer(tb, filepath.Join(tb.TempDir(), fmt.Sprint("n", i)))
		servers, routes = append(servers, s), append(routes, s.line(tb))
	}
	for _, s := range servers {
		if _, err := fmt.Fprintln(s.in, strings.Join(routes, " ")); err != nil {
			tb.Fatal(err)
		}
	}
	for _, s := range servers {
		s.url = s.line(tb)
	}
	return servers
}

func startServer(tb testing.TB, folder string) *natsServer {
	tb.Helper()
	s := &natsServer{name: filepath.Base(folder), command: exec.Command(os.Args[0])}
	s.command.Env, s.command.Stderr = append(os.Environ(), serverFolder+"="+folder), os.Stderr
	out, err := s.command.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if s.in, err = s.command.StdinPipe(); err != nil {
		tb.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		tb.Fatal(err)
	}
	s.out = bufio.NewScanner(out)
	tb.Cleanup(func() {
		_ = s.in.Close() // at the end of its input it ends
		_ = s.command.Wait()
	})
	return s
}

func (s *natsServer) line(tb testing.TB) string {
	tb.Helper()
	if !s.out.Scan() {
		tb.Fatalf("nats-server %s did not start: %v", s.name, s.out.Err())
	}
	return s.out.Text()
}

// kill ends the server as a power cut would.
func (s *natsServer) kill() {
	_ = s.command.Process.Kill()
	_ = s.command.Wait()
}

func (c cluster) urls() string {
	var urls []string
	for _, s := range c {
		urls = append(urls, s.url)
	}
	return strings.Join(urls, ",")
}

// beServer is a nats-server until the parent kills it or is gone. It says where the others find it and reads where they
// are, because all must know before any starts; then it says where clients find it.
func beServer(folder string) int {
	held, err := net.Listen("tcp", "127.0.0.1:0") // held until the server takes it, or another test might
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(held.Addr())
	in := bufio.NewScanner(os.Stdin)
	in.Scan()
	var routes []*url.URL
	for host := range strings.FieldsSeq(in.Text()) {
		routes = append(routes, &url.URL{Scheme: "nats", Host: host})
	}
	s, err := server.NewServer(&server.Options{
		ServerName: filepath.Base(folder), Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, NoSigs: true,
		NoLog: true, StoreDir: folder, SyncAlways: true, MaxPayload: 1 << 20,
		JetStreamMaxMemory: 256 << 20, JetStreamMaxStore: 4 << 30,
		Cluster: server.ClusterOpts{Name: "ringback", Host: "127.0.0.1", Port: held.Addr().(*net.TCPAddr).Port}, Routes: routes,
		Users: []*server.User{{Username: "services", Password: "of-the-test"}},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	_ = held.Close()
	s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		return 1
	}
	fmt.Println("nats://services:of-the-test@" + s.Addr().String())
	for in.Scan() {
	}
	s.Shutdown()
	s.WaitForShutdown()
	return 0
}
