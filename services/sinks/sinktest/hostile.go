package sinktest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/outbound"
)

// hazard is an endpoint that means no good, and how a delivery to it must end.
type hazard struct {
	name string
	// open starts it and returns its address.
	open func(*perils) string
	// kind is the log's last word on the first attempt, or on the second where the endpoint recovers.
	kind    string
	attempt int
	status  int
	class   string
}

// hazards are what receivers do on bad days, by malice or not.
var hazards = []hazard{
	{"NeverAnswers", raw(func(p *perils, _ net.Conn) { <-p.over }), events.TypeDeliveryScheduled, 1, 0, outbound.ClassTimeout},
	{"HeaderByTheByte", raw(func(p *perils, c net.Conn) {
		p.drip(c, "HTTP/1.1 200 OK\r\n", "X: y\r\n")
	}), events.TypeDeliveryScheduled, 1, 0, outbound.ClassTimeout},
	{"BodyByTheByte", raw(func(p *perils, c net.Conn) {
		p.drip(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "y")
	}), events.TypeDeliveryDelivered, 1, 200, ""},
	{"TenGigabytes", raw((*perils).flood), events.TypeDeliveryDelivered, 1, 200, ""},
	{"GzipBomb", raw((*perils).bomb), events.TypeDeliveryDelivered, 1, 200, ""},
	{"NineMegabytesOfHeader", raw(func(_ *perils, c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\n")
		value := strings.Repeat("x", 1<<10)
		for i := range 9 << 10 {
			_, _ = fmt.Fprintf(c, "X-%d: %s\r\n", i, value)
		}
		_, _ = io.WriteString(c, "\r\n")
	}), events.TypeDeliveryScheduled, 1, 0, outbound.ClassProtocol},
	{"ClosesInsideATakenBody", raw(func(_ *perils, c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
	}), events.TypeDeliveryDelivered, 1, 200, ""},
	{"ClosesInsideARefusal", raw(func(_ *perils, c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 503 No\r\nContent-Length: 1000\r\n\r\nhalf")
	}), events.TypeDeliveryScheduled, 1, 503, outbound.ClassStatus},
	{"ClosesWithoutAWord", raw(func(*perils, net.Conn) {}), events.TypeDeliveryScheduled, 1, 0, outbound.ClassProtocol},
	{"RedirectsToCloudMetadata", raw(func(_ *perils, c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 307 X\r\nLocation: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\n\r\n")
	}), events.TypeDeliveryScheduled, 1, 307, outbound.ClassRedirect},
	{"ExpiredCertificate", secure("hook.example", true, -time.Hour), events.TypeDeliveryScheduled, 1, 0, outbound.ClassTLS},
	{"CertificateOfAnotherHost", secure("other.example", true, time.Hour), events.TypeDeliveryScheduled, 1, 0, outbound.ClassTLS},
	{"CertificateOfItsOwnMaking", secure("hook.example", false, time.Hour), events.TypeDeliveryScheduled, 1, 0, outbound.ClassTLS},
	{"GoodCertificate", secure("hook.example", true, time.Hour), events.TypeDeliveryDelivered, 1, 200, ""},
	{"FailsAndRecovers", func(p *perils) string {
		return p.house.Receive(p.sink, FailFirst(1, http.StatusInternalServerError)).URL
	}, events.TypeDeliveryDelivered, 2, 200, ""},
}

const (
	// floodMost is what sockets and a transport may take of an answer that is cut off.
	floodMost = 32 << 20
	// heapMost is how much the heap may grow on a day with ten gigabytes of answers.
	heapMost = 256 << 20
	// answerMost is what the log keeps of an answer.
	answerMost = 16 << 10
)

// Hostile gives a sink all hostile receivers at once, and a healthy one in the same lane as the silent one. It measures the
// heap, so no other test may run beside it.
func Hostile(t *testing.T, sink Sink) {
	t.Helper()
	p := &perils{t: t, sink: sink, house: Open(t), over: make(chan struct{}), authority: newAuthority(t), packed: pack()}
	t.Cleanup(func() { close(p.over); p.talks.Wait() })
	roots := x509.NewCertPool()
	roots.AddCert(p.authority.certificate)
	p.house.GoOut(outbound.Deps{RootCAs: roots, Resolver: toLoopback{}}, "127.0.0.0/8")
	urls := make([]string, len(hazards))
	for i, h := range hazards {
		urls[i] = h.open(p)
	}
	silent := delivery.Endpoint(Application, urls[0])
	healthy := p.house.Receive(sink, Accept)
	for lane(healthy) != laneOf(silent) {
		healthy = p.house.Receive(sink, Accept)
	}
	before, peak := heap(), p.watchHeap()
	p.house.Start(sink, 1500*time.Millisecond, time.Hour)
	about := make([]string, len(hazards))
	for i := range hazards {
		about[i] = p.house.Tell(sink, urls[i])
	}
	p.neighbour(healthy)
	for i, h := range hazards {
		t.Run(h.name, func(t *testing.T) { h.check(t, p.house, about[i], urls[i]) })
	}
	if n := p.flooded.Load(); n == 0 || n > floodMost {
		t.Errorf("%d bytes were taken of ten gigabytes, want the beginning", n)
	}
	grown := int64(peak()) - int64(before) //nolint:gosec // sizes of a heap
	t.Logf("the heap grew by %d bytes", grown)
	if grown > heapMost {
		t.Errorf("the heap grew by %d bytes, want at most %d", grown, heapMost)
	}
}

// check reads in the log how the delivery ended.
func (h hazard) check(t *testing.T, house *House, about, url string) {
	t.Helper()
	entry := house.Logs(h.kind, about)
	if entry.Attempt != h.attempt || entry.Status/100 != h.status/100 || entry.Error != h.class {
		t.Errorf("log has %+v, want attempt %d with status %d and class %q", entry.Delivery, h.attempt, h.status, h.class)
	}
	if entry.Target != url || entry.Endpoint != delivery.Endpoint(Application, url) || entry.Sink == "" || entry.Timing == nil {
		t.Errorf("log has %+v, want its sink, its endpoint, where it is and where the time went", entry.Delivery)
	}
	if entry.Status != 0 && !strings.HasPrefix(entry.Addr, "127.0.0.1:") {
		t.Errorf("log has address %q, want the one that answered", entry.Addr)
	}
	if n := len(entry.Answer); n > 3*answerMost { // what is no text is replaced by three bytes
		t.Errorf("log has %d bytes of the answer", n)
	}
}

// perils is what the hazards of one test share.
type perils struct {
	t         *testing.T
	sink      Sink
	house     *House
	over      chan struct{}
	talks     sync.WaitGroup
	flooded   atomic.Int64
	authority authority
	packed    []byte
}

// neighbour tells a healthy endpoint of one job after the other, and wants each to come soon.
func (p *perils) neighbour(healthy *Receiver) {
	p.t.Helper()
	for range 3 {
		about, begun := p.house.Tell(p.sink, healthy.URL), time.Now()
		if a := healthy.Next(p.t); p.sink.About(a) != about {
			p.t.Errorf("%s came, want %s", p.sink.About(a), about)
		}
		if took := time.Since(begun); took > 4*time.Second {
			p.t.Errorf("the healthy endpoint waited %s beside hostile ones", took)
		}
	}
}

// raw makes a hazard of what is done with a connection once the request was read.
func raw(talk func(*perils, net.Conn)) func(*perils) string {
	return func(p *perils) string {
		p.t.Helper()
		listener, err := net.Listen("tcp4", "127.0.0.1:0") //nolint:noctx // for a test, as long as it runs
		if err != nil {
			p.t.Fatal(err)
		}
		p.t.Cleanup(func() { _ = listener.Close() })
		p.talks.Go(func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				p.talks.Go(func() {
					defer func() { _ = conn.Close() }()
					if request, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
						_, _ = io.Copy(io.Discard, request.Body)
						talk(p, conn)
					}
				})
			}
		})
		return "http://" + listener.Addr().String() + "/hook"
	}
}

// drip writes a text and then a byte a second of another, again and again.
func (p *perils) drip(c net.Conn, head, text string) {
	_, _ = io.WriteString(c, head)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for i := 0; ; i++ {
		if _, err := c.Write([]byte{text[i%len(text)]}); err != nil {
			return
		}
		select {
		case <-tick.C:
		case <-p.over:
			return
		}
	}
}

// flood has ten gigabytes to give.
func (p *perils) flood(c net.Conn) {
	_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
	chunk := bytes.Repeat([]byte("x"), 64<<10)
	for {
		n, err := c.Write(chunk)
		p.flooded.Add(int64(n))
		if err != nil {
			return
		}
	}
}

// bomb answers with what would be a thousand times as much.
func (p *perils) bomb(c net.Conn) {
	_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", len(p.packed))
	_, _ = c.Write(p.packed)
}

// pack makes half a gigabyte of nothing small.
func pack() []byte {
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	chunk := make([]byte, 64<<10)
	for range 8 << 10 {
		_, _ = zip.Write(chunk)
	}
	_ = zip.Close()
	return packed.Bytes()
}

// heap is how many bytes of objects there are, dead ones included.
func heap() uint64 {
	runtime.GC()
	return heapNow()
}

func heapNow() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// watchHeap looks at the heap all the time; what it returns says how large it was at most.
func (p *perils) watchHeap() (peak func() uint64) {
	var most atomic.Uint64
	p.talks.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			most.Store(max(most.Load(), heapNow()))
			select {
			case <-tick.C:
			case <-p.over:
				return
			}
		}
	})
	return most.Load
}
