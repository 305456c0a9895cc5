package bench_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback/ringback/events"
)

// bareClients is how many loops of the bare client post at a time.
const bareClients = 64

// bare is the yardstick: a loop over a tuned net/http client that signs and posts what it is given, and nothing else. No
// broker, no record of anything, no look at the address.
func bare() error {
	transport := &http.Transport{
		DialContext:  (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		MaxIdleConns: 16_384, MaxIdleConnsPerHost: bareClients, DisableCompression: true,
	}
	secret := "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	body := bytes.Repeat([]byte("x"), 1024)
	fmt.Println("ready")
	commands(func(words []string) string {
		endpoints, _ := strconv.Atoi(words[0])
		port, _ := strconv.Atoi(words[1])
		posts, _ := strconv.Atoi(words[2])
		var next atomic.Int64
		var running sync.WaitGroup
		for range bareClients {
			running.Go(func() {
				for {
					i := int(next.Add(1))
					if i > posts {
						return
					}
					if err := barePost(transport, secret, i, address(i%endpoints, port), body); err != nil {
						fmt.Fprintln(os.Stderr, err)
						return
					}
				}
			})
		}
		running.Wait()
		transport.CloseIdleConnections() // the sink begins each round without any, too
		return "ok"
	})
	return nil
}

func barePost(transport *http.Transport, secret string, i int, url string, body []byte) error {
	header, err := events.SignPostback([]string{secret}, "dlv_"+strconv.Itoa(i), time.Now(), body)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	request.Header = header
	request.Header.Set("Content-Type", "application/json")
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close()
	return err
}
