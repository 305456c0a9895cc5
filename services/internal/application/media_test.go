package application_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/config"
)

func TestSettings_PatchOfMedia(t *testing.T) {
	t.Parallel()
	s, err := application.Settings{}.Patch([]byte(`{"media": {"callback_url": "https://example.com/c", "window": "90s", "renditions": {"steps":
		[{"op": "fit", "params": {"width": 640}, "save": {"id": "15", "format": "jpeg"}}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(); err != nil {
		t.Error(err)
	}
	before := *s.Media
	changed, err := s.Patch([]byte(`{"media": {"window": null, "callback_url": "http://other.example.com"}}`))
	if err != nil || changed.Media.Window != nil || changed.Media.Renditions == nil {
		t.Errorf("got %+v, %v", changed.Media, err)
	}
	length := config.Duration(90 * time.Second)
	if diff := cmp.Diff(application.Media{CallbackURL: "https://example.com/c", Window: &length, Renditions: before.Renditions}, *s.Media); diff != "" {
		t.Errorf("what was patched is another now (-want +got):\n%s", diff)
	}
	if back, err := s.Patch([]byte(`{"media": {"window": null, "callback_url": null, "renditions": null, "dialects": []}}`)); err != nil || back.Media != nil {
		t.Errorf("got %+v, %v", back.Media, err)
	}
	if back, err := s.Patch([]byte(`{"media": null}`)); err != nil || back.Media != nil {
		t.Errorf("got %+v, %v", back.Media, err)
	}
}

func TestSettings_MediaThatCannotWork(t *testing.T) {
	t.Parallel()
	for patch, field := range map[string]string{
		`{"callback_url": "ftp://example.com"}`:                "media.callback_url",
		`{"callback_url": 7}`:                                  "media.callback_url",
		`{"dialects": ["native"]}`:                             "media.dialects",
		`{"dialects": "pixta"}`:                                "media.dialects",
		`{"window": "500ms"}`:                                  "media.window",
		`{"window": "61m"}`:                                    "media.window",
		`{"window": "soon"}`:                                   "media.window",
		`{"renditions": {"inspect": ["exif"], "steps": [{}]}}`: "media.renditions",
		`{"windows": "5m"}`:                                    "media.windows",
		`{"renditions": {"steps": []}}`:                        "media.renditions.steps",
		`{"renditions": {"stairs": []}}`:                       "media.renditions",
		`{"renditions": {"steps": [{"op": "grayscale"}]}}`:     "media.renditions.steps",
		`{"renditions": {"steps": [{"op": "polish", "save": {"id": "a", "format": "jpeg"}}]}}`:                             "media.renditions.steps[0].op",
		`{"renditions": {"steps": [{"op": "overlay", "params": {"picture": "x"}, "save": {"id": "a", "format": "png"}}]}}`: "media.renditions",
	} {
		s, err := application.Settings{}.Patch([]byte(`{"media": ` + patch + `}`))
		if err == nil {
			err = s.Validate()
		}
		wrong := application.SettingErrors(err)
		if !errors.Is(err, application.ErrInvalidSettings) || len(wrong) == 0 || wrong[0].Field != field {
			t.Errorf("%s: got %v, want it to be about %s", patch, err, field)
		}
	}
}
