package postback

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/delivery"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/signing"
)

func TestParcel_ComesBack(t *testing.T) {
	t.Parallel()
	whole := parcel{
		ID: "dlv_1_0", Application: "shop", Job: "1", Dialect: "native", URL: "https://example.com/hook?täg=1", Form: job.FormStructured,
		ContentType: "application/json", Scheme: signing.Standard,
		Put: `{"kind":"s3"}`, Pauses: delivery.Schedule{time.Second, time.Hour}, Header: map[string]string{"X-Key": "s3cret", "X-Empty": ""},
		Body: []byte("{}\x00"),
	}
	for name, p := range map[string]parcel{"Whole": whole, "Plain": {ID: "dlv_1_0", Body: []byte{}}} {
		packed := p.append(nil)
		got, err := readParcel(packed)
		if diff := cmp.Diff(p, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
		for cut := range len(packed) - len(p.Body) {
			if _, err := readParcel(packed[:cut]); !errors.Is(err, errTorn) {
				t.Errorf("%s, cut at %d: %v, want %v", name, cut, err, errTorn)
			}
		}
	}
}

// FuzzParcel reads what nobody wrote: it comes to an end, and what is read is written the same way again.
func FuzzParcel(f *testing.F) {
	f.Add(parcel{ID: "dlv_1_0", Header: map[string]string{"A": "b"}, Body: []byte("x")}.append(nil))
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		p, err := readParcel(plain)
		if err != nil {
			return
		}
		again, err := readParcel(p.append(nil))
		if diff := cmp.Diff(p, again); err != nil || diff != "" {
			t.Errorf("%v (-first +second):\n%s", err, diff)
		}
	})
}
