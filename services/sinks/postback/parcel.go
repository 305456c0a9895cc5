package postback

import (
	"encoding/binary"
	"encoding/json"
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
	ID          string            `json:"id"`
	Application string            `json:"application"`
	Job         string            `json:"job"`
	Dialect     string            `json:"dialect"`
	URL         string            `json:"url"`
	Form        job.Form          `json:"form,omitempty"`
	Header      map[string]string `json:"header,omitempty"`
	ContentType string            `json:"content_type"`
	// Scheme is how each attempt is signed.
	Scheme signing.Scheme `json:"scheme"`
	Body   []byte         `json:"-"`
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

// pack seals a parcel, because it may hold the client's own headers. In the seal lie the length of the description, the
// description in JSON, and the body as it is.
func (s *Service) pack(p parcel) ([]byte, error) {
	description, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode delivery: %w", err)
	}
	plain := make([]byte, 0, 4+len(description)+len(p.Body))
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(description))) //nolint:gosec // bounded by the size of a job
	plain = append(append(plain, description...), p.Body...)
	sealed, err := s.deps.Key.Seal(plain, []byte("delivery:"+p.ID))
	if err != nil {
		return nil, fmt.Errorf("seal delivery: %w", err)
	}
	return sealed, nil
}

var errTorn = errors.New("delivery is shorter than it says")

func (s *Service) unpack(m *bus.Message) (parcel, error) {
	var p parcel
	plain, err := s.deps.Key.Open(m.Data, []byte("delivery:"+m.Header.Get(headerDelivery)))
	if err != nil {
		return p, fmt.Errorf("open delivery: %w", err)
	}
	if len(plain) < 4 {
		return p, errTorn
	}
	length := int64(binary.BigEndian.Uint32(plain))
	if int64(len(plain)) < 4+length {
		return p, errTorn
	}
	if err := json.Unmarshal(plain[4:4+length], &p); err != nil {
		return p, fmt.Errorf("read delivery: %w", err)
	}
	p.Body = plain[4+length:]
	return p, nil
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
