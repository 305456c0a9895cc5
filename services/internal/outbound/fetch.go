package outbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// source is what messages about a fetch are about.
const source = "the source"

// firstBuffer bounds what is set aside on the word of a Content-Length alone.
const firstBuffer = 1 << 20

// Body is a source that was fetched whole.
type Body struct {
	Data []byte
	// ContentType is what the source called itself, which may be anything.
	ContentType string
	// Bytes is the length of Data.
	Bytes int64
}

// errRedirects ends a chain of redirects.
var errRedirects = errors.New("too many redirects")

// Fetch gets the whole of the http or https address. It follows a few redirects, each of them checked, keeps no cookies
// and stops at the size limit by the bytes that came, whatever the header promised. It fails with an [*Error], or with
// the cause of ctx when that ended.
func (c *Client) Fetch(ctx context.Context, rawURL string) (Body, error) {
	body, err := c.fetch(ctx, rawURL)
	if err != nil && ctx.Err() != nil {
		// Neither the source's fault nor ours: the caller went away.
		return Body{}, fmt.Errorf("fetch source: %w", context.Cause(ctx))
	}
	return body, err
}

func (c *Client) fetch(ctx context.Context, rawURL string) (Body, error) {
	if err := c.guard.CheckURL(rawURL); err != nil {
		return Body{}, classify(err, source)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.FetchTimeout, &deadlineError{"fetch"})
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, rawURL, nil)
	if err != nil {
		return Body{}, classify(err, source)
	}
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := c.fetcher.Do(req)
	if err != nil {
		return Body{}, fetchError(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return Body{}, &Error{
			Class: ClassStatus, Status: resp.StatusCode, Message: fmt.Sprintf("%s answered %d", source, resp.StatusCode),
		}
	}
	data, err := c.readAll(resp)
	if err != nil {
		return Body{}, err
	}
	return Body{Data: data, ContentType: resp.Header.Get("Content-Type"), Bytes: int64(len(data))}, nil
}

// readAll reads no more than the limit and one byte, which proves that there was more.
func (c *Client) readAll(resp *http.Response) ([]byte, error) {
	limit := int64(c.cfg.FetchMaxSize)
	tooLarge := &Error{
		Class: ClassTooLarge, Status: resp.StatusCode, Message: fmt.Sprintf("%s is larger than %s", source, c.cfg.FetchMaxSize),
	}
	if resp.ContentLength > limit {
		return nil, tooLarge
	}
	var buf bytes.Buffer
	buf.Grow(int(min(max(resp.ContentLength, 0), firstBuffer)) + bytes.MinRead)
	n, err := buf.ReadFrom(io.LimitReader(resp.Body, limit+1))
	if n > limit {
		return nil, tooLarge
	}
	if err != nil {
		failure := classify(err, source)
		failure.Status = resp.StatusCode
		return nil, failure
	}
	return buf.Bytes(), nil
}

// checkRedirect holds each redirect to the rules of the first address.
func (c *Client) checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > c.cfg.FetchRedirects {
		return errRedirects
	}
	// Package http tells the next host where it was sent from, and addresses of pictures are often signed.
	req.Header.Del("Referer")
	return c.guard.checkURL(req.URL)
}

func fetchError(err error) *Error {
	if errors.Is(err, errRedirects) {
		return &Error{Class: ClassRedirect, Message: source + " redirects too many times", Err: err}
	}
	return classify(err, source)
}
