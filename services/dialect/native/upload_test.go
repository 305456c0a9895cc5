package native_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/dialect/native"
)

func TestParseUpload_NamesEachWrongField(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		`{}`:                                               {"content_type", "bytes"},
		`{"content_type":"jpeg","bytes":0}`:                {"content_type", "bytes"},
		`{"content_type":7,"bytes":"7"}`:                   {"content_type", "bytes"},
		`{"content_type":null,"bytes":null}`:               {"content_type", "bytes"},
		`{"content_type":"image/jpeg","bytes":7,"name":1}`: {"name"},
		`[]`: {""},
	} {
		_, err := native.ParseUpload([]byte(body))
		problem, _ := errors.AsType[*native.Problem](err)
		if problem == nil || problem.Type != native.InvalidRequest {
			t.Errorf("%s: %v", body, err)
			continue
		}
		var got []string
		for _, e := range problem.Errors {
			got = append(got, e.Field)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
}

func TestUploadID(t *testing.T) {
	t.Parallel()
	id := native.UploadID{ID: events.NewID(time.Now(), "demo", []byte("key")), Bytes: 12345678}
	if got, err := native.ParseUploadID(id.String()); err != nil || got != id {
		t.Errorf("%s: %v, %v", id, got, err)
	}
	for _, text := range []string{
		"", id.ID.String(), id.ID.String() + "-", id.ID.String() + "-0", id.ID.String() + "-07", id.ID.String() + "--7",
		id.ID.String() + "-7-8", id.ID.String() + "-+7", id.ID.String() + "-99999999999999999999", "x-7", "../" + id.String(),
	} {
		if got, err := native.ParseUploadID(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestUploadReply_AgreesWithItsSchema(t *testing.T) {
	t.Parallel()
	validate(t, "native/uploading.json", native.UploadReply(native.Upload{
		ID:  native.UploadID{ID: events.NewID(time.Now(), "demo", []byte("key")), Bytes: 7},
		URL: "https://pictures.example.com/a?b=c&d=e", Header: map[string]string{"Content-Type": "image/jpeg"}, ExpiresAt: time.Now(),
	}))
}
