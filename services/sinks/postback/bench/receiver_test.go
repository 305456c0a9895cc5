package bench_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// report is what a receiver has to say about what came to it since it was reset.
type report struct {
	Count  int // posts that were taken
	Unique int // of different deliveries
	Jobs   int // that these are about, where it was asked for
	// First and Last are when the first and the last came, in nanoseconds since 1970.
	First, Last int64
	// Latencies of healthy endpoints in nanoseconds, from when the event was made to when it was received.
	P50, P99, Max int64
	// Silent is how many requests wait for an answer that never comes.
	Silent int
}

func (r report) perSecond() float64 {
	return float64(r.Count-1) / (float64(r.Last-r.First) / 1e9)
}

// receiver takes posts on every address of 127.0.0.0/8 at one port. It does as little as can be done, so that the sender
// is what is measured.
type receiver struct {
	mu        sync.Mutex
	count     int
	ids       map[uint64]struct{}
	jobs      map[string]struct{} // nil unless asked for: it costs
	first     int64
	last      int64
	latencies []int64
	silent    int
	// dead and dripping tell how many of ten thousand endpoints never answer, and how many answer a byte a second.
	dead, dripping int
	revived        chan struct{} // closed when the dead live again
	// from is the first endpoint whose latencies count.
	from int
	// delay is how long an answer takes.
	delay time.Duration
}

// receive is the receiver's process.
func receive() error {
	listener, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		return err
	}
	r := &receiver{ids: map[uint64]struct{}{}, revived: make(chan struct{})}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go r.serve(conn)
		}
	}()
	commands(r.command)
	return nil
}

func (r *receiver) command(words []string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch words[0] {
	case "reset":
		r.count, r.first, r.last, r.latencies, r.ids = 0, 0, 0, nil, map[uint64]struct{}{}
	case "dead":
		close(r.revived)
		r.revived = make(chan struct{})
		r.dead, _ = strconv.Atoi(words[1])
		r.dripping, _ = strconv.Atoi(words[2])
	case "delay":
		r.delay, _ = time.ParseDuration(words[1])
	case "from":
		r.from, _ = strconv.Atoi(words[1])
	case "jobs":
		r.jobs = map[string]struct{}{}
	case "report":
		answer := report{Count: r.count, Unique: len(r.ids), Jobs: len(r.jobs), First: r.first, Last: r.last, Silent: r.silent}
		if len(r.latencies) > 0 {
			sorted := slices.Sorted(slices.Values(r.latencies))
			at := func(q float64) int64 { return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))] }
			answer.P50, answer.P99, answer.Max = at(0.5), at(0.99), sorted[len(sorted)-1]
		}
		text, _ := json.Marshal(answer)
		return string(text)
	case "count":
		return strconv.Itoa(len(r.ids))
	}
	return "ok"
}

// endpointOf is the number of the endpoint at 127.1.x.y.
func endpointOf(host []byte) int {
	ip := net.ParseIP(string(bytes.SplitN(host, []byte(":"), 2)[0])).To4()
	if ip == nil {
		return 0
	}
	return int(ip[2])<<8 | int(ip[3])
}

// address is the address of endpoint i at a port.
func address(i, port int) string {
	return fmt.Sprintf("http://127.1.%d.%d:%d/hook", i>>8, i&255, port)
}

var taken = []byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

// serve answers the posts of one connection.
func (r *receiver) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReaderSize(conn, 4096)
	var body []byte
	for {
		var id, host []byte
		length := -1
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return
			}
			line = bytes.TrimRight(line, "\r\n")
			if len(line) == 0 {
				break
			}
			name, value, _ := bytes.Cut(line, []byte(":"))
			value = bytes.TrimSpace(value)
			switch {
			case bytes.EqualFold(name, []byte("Content-Length")):
				length, _ = strconv.Atoi(string(value))
			case bytes.EqualFold(name, []byte("Webhook-Id")):
				id = bytes.Clone(value)
			case bytes.EqualFold(name, []byte("Host")):
				host = bytes.Clone(value)
			}
		}
		if length < 0 {
			return
		}
		if cap(body) < length {
			body = make([]byte, length)
		}
		body = body[:length]
		if _, err := io.ReadFull(in, body); err != nil {
			return
		}
		if !r.note(conn, id, host, body) {
			return
		}
	}
}

// note counts one post and answers it. It reports whether the connection goes on.
func (r *receiver) note(conn net.Conn, id, host, body []byte) bool {
	now := time.Now().UnixNano()
	h := fnv.New64a()
	_, _ = h.Write(id)
	i := endpointOf(host)
	r.mu.Lock()
	if i < r.dead {
		revived := r.revived
		r.silent++
		r.mu.Unlock()
		return r.keepSilent(conn, revived)
	} else if i < r.dead+r.dripping {
		r.silent++
		r.mu.Unlock()
		return r.drip(conn)
	}
	r.count++
	r.ids[h.Sum64()] = struct{}{}
	if r.jobs != nil {
		r.jobs[jobOf(body)] = struct{}{}
	}
	if r.first == 0 {
		r.first = now
	}
	r.last = now
	if made, ok := storedAt(body); ok && i >= r.from {
		r.latencies = append(r.latencies, now-made)
	}
	delay := r.delay
	r.mu.Unlock()
	if delay > 0 {
		time.Sleep(delay)
	}
	_, err := conn.Write(taken)
	return err == nil
}

// storedAt is when the broker stored the event of a postback, in nanoseconds since 1970, to the millisecond before.
func storedAt(body []byte) (int64, bool) {
	_, rest, found := bytes.Cut(body, []byte(`"timestamp":"`))
	if !found {
		return 0, false
	}
	text, _, _ := bytes.Cut(rest, []byte(`"`))
	at, err := time.Parse(time.RFC3339, string(text))
	return at.UnixNano(), err == nil
}

// jobOf is the id of the job that a postback is about.
func jobOf(body []byte) string {
	var postback struct{ Data struct{ ID string } }
	_ = json.Unmarshal(body, &postback) // what cannot be read is about no job, which the count tells
	return postback.Data.ID
}

// keepSilent answers nothing until the sender gives up or the endpoint lives again; then the connection is closed.
func (r *receiver) keepSilent(conn net.Conn, revived <-chan struct{}) bool {
	gone := make(chan struct{})
	go func() {
		_, _ = conn.Read(make([]byte, 1))
		close(gone)
	}()
	select {
	case <-gone:
	case <-revived:
	}
	r.mu.Lock()
	r.silent--
	r.mu.Unlock()
	return false
}

// drip answers one byte a second.
func (r *receiver) drip(conn net.Conn) bool {
	for _, b := range taken {
		if _, err := conn.Write([]byte{b}); err != nil {
			break
		}
		time.Sleep(time.Second)
	}
	r.mu.Lock()
	r.silent--
	r.mu.Unlock()
	return false
}
