package postback

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/signing"
)

// parcel is one delivery: everything that its attempts need, rendered once.
type parcel struct {
	ID          string
	Application string
	Job         string
	Dialect     string
	URL         string
	Form        job.Form
	ContentType string
	// Scheme is how each attempt is signed.
	Scheme signing.Scheme
	// Put is a [job.Destination] in JSON that takes the body in place of a post; empty for a post.
	Put string
	// Pauses are the job's own schedule, if it has one.
	Pauses delivery.Schedule
	Header map[string]string
	Body   []byte
}

// The headers of a stored delivery: nothing that is secret.
const (
	headerDelivery = "Ringback-Delivery"
	headerEndpoint = "Ringback-Endpoint"
	// headerAddress is the id of the whole address, which can be disabled apart from the rest of its endpoint.
	headerAddress = "Ringback-Address"
	// headerAttempts counts the attempts that were made before the message was stored.
	headerAttempts = "Ringback-Attempts"
	// headerDue is when the attempt was to be made, in milliseconds since 1970; it stays while a delivery is held.
	headerDue = "Ringback-Due"
	// headerReplay names the replay that a delivery belongs to.
	headerReplay = "Ringback-Replay"
	// headerReleased marks what was parked and has come back into its lane.
	headerReleased = "Ringback-Released"
)

// headers are what every message of a delivery carries.
func (p parcel) headers(made int, due time.Time) bus.Header {
	return bus.Header{
		bus.HeaderApplication: {p.Application}, headerDelivery: {p.ID},
		headerEndpoint: {delivery.Endpoint(p.Application, p.URL)}, headerAddress: {delivery.Address(p.Application, p.URL)},
		headerAttempts: {strconv.Itoa(made)}, headerDue: {strconv.FormatInt(due.UnixMilli(), 10)},
	}
}

// pack seals a parcel, because it may hold the client's own headers.
func (s *Service) pack(p parcel) ([]byte, error) {
	sealed, err := s.deps.Key.Seal(p.append(make([]byte, 0, packedSize+len(p.Body))), []byte(sealedAs+p.ID))
	if err != nil {
		return nil, fmt.Errorf("seal delivery: %w", err)
	}
	return sealed, nil
}

func (s *Service) unpack(m *bus.Message) (parcel, error) {
	plain, err := s.deps.Key.Open(m.Data, []byte(sealedAs+m.Header.Get(headerDelivery)))
	if err != nil {
		return parcel{}, fmt.Errorf("open delivery: %w", err)
	}
	return readParcel(plain)
}

const (
	// sealedAs is what a parcel is sealed for, before its id.
	sealedAs = "delivery:"
	// packedSize is what a parcel without its body seldom exceeds.
	packedSize = 512
)

// append writes a parcel: its texts, each behind its length; the number of pauses, and each in nanoseconds; the number of
// headers, and their names and values; the body.
func (p parcel) append(to []byte) []byte {
	for _, text := range []string{p.ID, p.Application, p.Job, p.Dialect, p.URL, string(p.Form), p.ContentType, string(p.Scheme), p.Put} {
		to = appendText(to, text)
	}
	to = binary.AppendUvarint(to, uint64(len(p.Pauses)))
	for _, pause := range p.Pauses {
		to = binary.AppendUvarint(to, uint64(pause)) //nolint:gosec // never negative
	}
	to = binary.AppendUvarint(to, uint64(len(p.Header)))
	for name, value := range p.Header {
		to = appendText(appendText(to, name), value)
	}
	return append(to, p.Body...)
}

func appendText(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

var errTorn = errors.New("delivery is shorter than it says")

// readParcel reads what append wrote; it fails when something is missing.
func readParcel(plain []byte) (parcel, error) {
	r := reader{rest: plain}
	p := parcel{
		ID: r.text(), Application: r.text(), Job: r.text(), Dialect: r.text(), URL: r.text(), Form: job.Form(r.text()),
		ContentType: r.text(), Scheme: signing.Scheme(r.text()), Put: r.text(),
	}
	for left := r.number(); left > 0 && !r.torn; left-- {
		p.Pauses = append(p.Pauses, time.Duration(r.number())) //nolint:gosec // written by us
	}
	for left := r.number(); left > 0 && !r.torn; left-- {
		if p.Header == nil {
			p.Header = map[string]string{}
		}
		name := r.text()
		p.Header[name] = r.text()
	}
	if r.torn {
		return parcel{}, errTorn
	}
	p.Body = r.rest
	return p, nil
}

// reader takes a parcel apart.
type reader struct {
	rest []byte
	torn bool
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.rest, r.torn = nil, true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) text() string {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.rest, r.torn = nil, true
		return ""
	}
	text := string(r.rest[:n])
	r.rest = r.rest[n:]
	return text
}

// made is how many attempts were made of a stored delivery.
func made(m *bus.Message) int {
	n, _ := strconv.Atoi(m.Header.Get(headerAttempts)) // written by us; a broken one counts from the start
	return max(n, 0)
}

// due is when a stored delivery was to be attempted.
func due(m *bus.Message) time.Time {
	ms, err := strconv.ParseInt(m.Header.Get(headerDue), 10, 64)
	if err != nil {
		return m.Stored
	}
	return time.UnixMilli(ms)
}
