package events_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/ringback/ringback/events"
)

// The vector that the libraries of the standard share.
const (
	vectorSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorTime      = 1614265330
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	otherSecret     = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
)

func TestSignPostback_Vector(t *testing.T) {
	t.Parallel()
	header, err := events.SignPostback([]string{vectorSecret}, vectorID, time.Unix(vectorTime, 0), []byte(vectorBody))
	if err != nil {
		t.Fatal(err)
	}
	if got := header.Get("webhook-signature"); got != vectorSignature {
		t.Errorf("got %s, want %s", got, vectorSignature)
	}
	if header.Get("webhook-id") != vectorID || header.Get("webhook-timestamp") != "1614265330" {
		t.Errorf("got %v", header)
	}
}

func TestVerifyPostback(t *testing.T) {
	t.Parallel()
	at := time.Unix(vectorTime, 0)
	both := []string{otherSecret, vectorSecret}
	tests := []struct {
		name    string
		secrets []string
		change  func(http.Header)
		body    string
		now     time.Time
		want    error
	}{
		{"Fresh", []string{vectorSecret}, nil, vectorBody, at, nil},
		{"SecretWithoutPrefix", []string{vectorSecret[6:]}, nil, vectorBody, at, nil},
		{"OneOfTwoSecrets", both, nil, vectorBody, at, nil},
		{"OneOfSeveralSignatures", []string{vectorSecret}, func(h http.Header) {
			h.Set("webhook-signature", "v1a,AAAA v1,not-base-64 v1,AAAA "+vectorSignature)
		}, vectorBody, at, nil},
		{"JustInTime", both, nil, vectorBody, at.Add(5 * time.Minute), nil},
		{"TooOld", both, nil, vectorBody, at.Add(5*time.Minute + time.Second), events.ErrStaleSignature},
		{"TooNew", both, nil, vectorBody, at.Add(-5*time.Minute - time.Second), events.ErrStaleSignature},
		{"ChangedBody", both, nil, vectorBody + " ", at, events.ErrInvalidSignature},
		{"ChangedTime", both, func(h http.Header) { h.Set("webhook-timestamp", "1614265331") }, vectorBody, at, events.ErrInvalidSignature},
		{"ChangedID", both, func(h http.Header) { h.Set("webhook-id", "msg_2") }, vectorBody, at, events.ErrInvalidSignature},
		{"OtherSecret", []string{otherSecret}, nil, vectorBody, at, events.ErrInvalidSignature},
		{"OtherScheme", both, func(h http.Header) { h.Set("webhook-signature", "v2"+vectorSignature[2:]) }, vectorBody, at, events.ErrInvalidSignature},
		{"NoID", both, func(h http.Header) { h.Del("webhook-id") }, vectorBody, at, events.ErrInvalidSignature},
		{"NoTime", both, func(h http.Header) { h.Del("webhook-timestamp") }, vectorBody, at, events.ErrInvalidSignature},
		{"NoSignature", both, func(h http.Header) { h.Del("webhook-signature") }, vectorBody, at, events.ErrInvalidSignature},
		{"TimeIsNoNumber", both, func(h http.Header) { h.Set("webhook-timestamp", "now") }, vectorBody, at, events.ErrInvalidSignature},
		{"NoSecret", nil, nil, vectorBody, at, events.ErrInvalidSignature},
		{"EmptySecret", []string{"whsec_"}, nil, vectorBody, at, events.ErrInvalidSignature},
		{"SecretIsNotBase64", []string{"hunter2!"}, nil, vectorBody, at, events.ErrInvalidSignature},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			header, err := events.SignPostback([]string{vectorSecret}, vectorID, at, []byte(vectorBody))
			if err != nil {
				t.Fatal(err)
			}
			if tt.change != nil {
				tt.change(header)
			}
			if err := events.VerifyPostback(tt.secrets, header, []byte(tt.body), tt.now); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestSignPostback_TwoSecretsInRotation(t *testing.T) {
	t.Parallel()
	now := time.Now()
	header, err := events.SignPostback([]string{vectorSecret, otherSecret}, vectorID, now, []byte(vectorBody))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{vectorSecret, otherSecret} {
		if err := events.VerifyPostback([]string{secret}, header, []byte(vectorBody), now); err != nil {
			t.Error(err)
		}
	}
}

func TestSignPostback_Refuses(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{"EmptyID": "", "DotInID": "a.b"} {
		if _, err := events.SignPostback([]string{vectorSecret}, id, time.Now(), nil); !errors.Is(err, events.ErrInvalidSignature) {
			t.Errorf("%s: got %v, want ErrInvalidSignature", name, err)
		}
	}
	if _, err := events.SignPostback(nil, "1", time.Now(), nil); !errors.Is(err, events.ErrInvalidSignature) {
		t.Errorf("NoSecret: got %v, want ErrInvalidSignature", err)
	}
}
