package outbound

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// endpoint is what messages about a post are about.
const endpoint = "the endpoint"

// maxAnswer is how much of an answer's body is read and kept for the log of attempts.
const maxAnswer = 16 << 10

// restTimeout is how long the body may take once the status is there. The status decides, and the body is for the log: an
// endpoint that drips it, a byte a second, must not hold the attempt's place for the whole of its deadline.
const restTimeout = time.Second

// Request is one notification for one endpoint, or one question to it.
type Request struct {
	// Method is POST when it is empty.
	Method string
	URL    string
	// Header is sent as it is, but for what belongs to the connection. It is not changed.
	Header http.Header
	// Body must not be changed even after Post returned: a connection that was given up may still be sending it.
	Body []byte
	// Timeout is the deadline over connecting, sending and the answer; the configured one when zero.
	Timeout time.Duration
}

// Attempt is what became of a post.
type Attempt struct {
	// Status is the answer's, 0 when there was none.
	Status int
	// RetryAfter is how long the endpoint asked us to wait, at most a day.
	RetryAfter time.Duration
	// Class is "" when the endpoint took the notification (2xx), else one of the Class constants.
	Class string
	// Message says the same as a sentence that may be shown to the owner of the endpoint.
	Message string
	// Addr is the address that was connected to.
	Addr string
	// DNS, Connect and TLS are zero on a connection that was open already. FirstByte and Total are since the start.
	DNS, Connect, TLS, FirstByte, Total time.Duration
	// Body is the beginning of the answer.
	Body []byte
	// Header is the answer's.
	Header http.Header
}

// Post sends one notification once. Whatever the endpoint does is in the Attempt; an error is returned only when ctx
// ended first, and is its cause. A redirect is an answer like any other and is not followed: it would take a signed body
// to where nobody signed up for it. The status decides, even if the rest of the answer never comes; it is waited for
// at most another second.
func (c *Client) Post(ctx context.Context, r Request) (Attempt, error) {
	began := time.Now()
	clock := &stopwatch{began: began}
	attempt, err := c.post(ctx, r, clock)
	clock.stop(&attempt)
	attempt.Total = time.Since(began)
	if err == nil {
		return attempt, nil
	}
	if ctx.Err() != nil {
		return attempt, fmt.Errorf("post notification: %w", context.Cause(ctx))
	}
	failure := classify(err, endpoint)
	attempt.Class, attempt.Message = failure.Class, failure.Message
	return attempt, nil
}

func (c *Client) post(ctx context.Context, r Request, clock *stopwatch) (Attempt, error) {
	u, err := c.guard.parse(r.URL)
	if err != nil {
		return Attempt{}, err
	}
	timeout := r.Timeout
	if timeout == 0 {
		timeout = c.cfg.PostTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &deadlineError{"post"})
	defer cancel()
	method := r.Method
	if method == "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(clock.trace(ctx), method, "", bytes.NewReader(r.Body))
	if err != nil {
		return Attempt{}, err
	}
	req.URL, req.Host, req.Header = u, u.Host, c.postHeader(r.Header)
	// Not an http.Client: it would follow redirects and remember cookies, and costs time for both.
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return Attempt{}, err
	}
	defer resp.Body.Close()
	if resp.ContentLength != 0 { // else there is nothing to wait for
		defer time.AfterFunc(restTimeout, cancel).Stop()
	}
	return answer(resp), nil
}

// answer reads the status and the beginning of the body. What cannot be read of the body is not missed.
func answer(resp *http.Response) Attempt {
	a := Attempt{
		Status:     resp.StatusCode,
		Header:     resp.Header,
		RetryAfter: RetryAfter(resp.Header.Get("Retry-After"), time.Now()),
	}
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		a.Class, a.Message = ClassRedirect, fmt.Sprintf("%s answered %d, and redirects are not followed", endpoint, resp.StatusCode)
	case resp.StatusCode < 200 || resp.StatusCode >= 400:
		a.Class, a.Message = ClassStatus, fmt.Sprintf("%s answered %d", endpoint, resp.StatusCode)
	}
	// One byte more than is kept, so that a body of just the limit is read to its end and its connection used again.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	a.Body = body[:min(len(body), maxAnswer)]
	return a
}

// postHeader copies what the caller wants to send, without what is between us and the next hop.
func (c *Client) postHeader(wanted http.Header) http.Header {
	header := wanted.Clone()
	if header == nil {
		header = http.Header{}
	}
	for _, name := range []string{
		"Accept-Encoding", "Connection", "Expect", "Host", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Te",
		"Trailer", "Transfer-Encoding", "Upgrade",
	} {
		header.Del(name)
	}
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", c.userAgent)
	}
	if _, set := header["Idempotency-Key"]; !set {
		// Present but empty, it is not sent, and tells the transport that the request may be sent again when a connection
		// turns out to have been closed while it lay idle. A repeat has the same delivery id, so that does no harm.
		header["Idempotency-Key"] = nil
	}
	return header
}
