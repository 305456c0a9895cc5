package application_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/config"
)

func full() application.Settings {
	rate := 20.0
	return application.Settings{
		PollRate: &rate, Asymmetric: true, UnsignedCallbacks: true, CloudinarySHA256: true,
		Schedules: map[string]config.Durations{"": {time.Second}, "native": {5 * time.Second, 30 * time.Second}},
		Bridge:    &application.Bridge{Bus: "pictures", Source: "shop", DetailType: "done", Always: true},
	}
}

func TestSettings_Patch(t *testing.T) {
	t.Parallel()
	half := 0.5
	for name, row := range map[string]struct {
		from  application.Settings
		patch string
		want  func(*application.Settings)
	}{
		"Nothing":           {full(), `{}`, func(*application.Settings) {}},
		"Number":            {full(), `{"poll_rate": 0.5}`, func(s *application.Settings) { s.PollRate = &half }},
		"NumberBack":        {full(), `{"poll_rate": null}`, func(s *application.Settings) { s.PollRate = nil }},
		"Switches":          {full(), `{"asymmetric": false, "unsigned_callbacks": null, "cloudinary_sha256": true}`, func(s *application.Settings) { s.Asymmetric, s.UnsignedCallbacks = false, false }},
		"OneSchedule":       {full(), `{"schedules": {"pixta": "1m,1h"}}`, func(s *application.Settings) { s.Schedules["pixta"] = config.Durations{time.Minute, time.Hour} }},
		"OneScheduleBack":   {full(), `{"schedules": {"native": null}}`, func(s *application.Settings) { delete(s.Schedules, "native") }},
		"NoRetries":         {full(), `{"schedules": {"native": ""}}`, func(s *application.Settings) { s.Schedules["native"] = nil }},
		"SchedulesBack":     {full(), `{"schedules": null}`, func(s *application.Settings) { s.Schedules = nil }},
		"LastScheduleBack":  {full(), `{"schedules": {"native": null, "": null}}`, func(s *application.Settings) { s.Schedules = nil }},
		"FieldOfBridge":     {full(), `{"bridge": {"bus": "other"}}`, func(s *application.Settings) { s.Bridge.Bus = "other" }},
		"FieldOfBridgeBack": {full(), `{"bridge": {"always": null, "source": null}}`, func(s *application.Settings) { s.Bridge.Always, s.Bridge.Source = false, "" }},
		"Pixta": {full(), `{"pixta": {"webhook_urls": ["https://example.com/hook"], "ignore_unknown": true}}`, func(s *application.Settings) {
			s.Pixta = &application.Pixta{WebhookURLs: []string{"https://example.com/hook"}, IgnoreUnknown: true}
		}},
		"PixtaBack":  {full(), `{"pixta": {"webhook_urls": null, "ignore_unknown": false}}`, func(*application.Settings) {}},
		"BridgeBack": {full(), `{"bridge": null}`, func(s *application.Settings) { s.Bridge = nil }},
		"FirstOfAll": {application.Settings{}, `{"bridge": {"detail_type": "d"}, "schedules": {"": "5s"}}`, func(s *application.Settings) {
			s.Bridge, s.Schedules = &application.Bridge{DetailType: "d"}, map[string]config.Durations{"": {5 * time.Second}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from := row.from
			got, err := from.Patch([]byte(row.patch))
			if err != nil {
				t.Fatal(err)
			}
			if err := got.Validate(); err != nil {
				t.Error(err)
			}
			if row.from.PollRate != nil {
				if diff := cmp.Diff(full(), from); diff != "" {
					t.Errorf("the settings before were changed (-want +got):\n%s", diff)
				}
			}
			want := application.Settings{}
			if row.from.PollRate != nil {
				want = full()
			}
			row.want(&want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("patched (-want +got):\n%s", diff)
			}
			// What is shown can be sent back.
			shown, err := json.Marshal(got)
			if err != nil {
				t.Fatal(err)
			}
			again, err := application.Settings{}.Patch(shown)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("as shown (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSettings_PatchRefuses(t *testing.T) {
	t.Parallel()
	for patch, want := range map[string][]string{
		`[]`:   {`invalid settings of the application:  is [], want a JSON object`},
		`null`: {`invalid settings of the application:  is null, want a JSON object`},
		`{"a"`: {`want a JSON object`},
		`{} x`: {`want a JSON object`},
		`{"pol_rate": 1}`: {
			`pol_rate is 1, want one of asymmetric, bridge, cloudinary, cloudinary_sha256, media, pixta, poll_rate, schedules, unsigned_callbacks`,
		},
		`{"poll_rate": "1", "asymmetric": 1}`:           {`asymmetric is 1, want true or false`, `poll_rate is "1", want a number`},
		`{"bridge": 1}`:                                 {`bridge is 1, want a JSON object`},
		`{"bridge": {"buss": "x", "always": "yes"}}`:    {`bridge.always is "yes", want true or false`, `bridge.buss is "x", want one of always, bus, detail_type, source`},
		`{"schedules": "5s"}`:                           {`schedules is "5s", want an object of lists by dialect`},
		`{"schedules": {"native": 5}}`:                  {`schedules is {"native": 5}, want an object`},
		`{"schedules": {"native": "soon"}}`:             {`schedules.native is "soon", want pauses such as 5s,30s,2m`},
		`{"x": "` + strings.Repeat("é", 100) + `"}`:     {`x is "` + strings.Repeat("é", 59) + `…, want`},
		`{"token": "rb_1", "secrets": {}, "id": "you"}`: {`id is "you"`, `secrets is {}`, `token is "rb_1"`},
	} {
		_, err := full().Patch([]byte(patch))
		if !errors.Is(err, application.ErrInvalidSettings) {
			t.Errorf("%s: got %v, want ErrInvalidSettings", patch, err)
			continue
		}
		lines := strings.Split(err.Error(), "\n")
		if len(lines) != len(want) || len(application.SettingErrors(err)) != len(want) {
			t.Errorf("%s: got %q, want %d errors", patch, lines, len(want))
			continue
		}
		for i, line := range lines {
			if !strings.Contains(line, want[i]) {
				t.Errorf("%s: got %q, want %q", patch, line, want[i])
			}
		}
	}
}

func TestSettings_Validate(t *testing.T) {
	t.Parallel()
	if err := full().Validate(); err != nil {
		t.Errorf("everything set: %v", err)
	}
	rate := func(r float64) application.Settings { return application.Settings{PollRate: &r} }
	schedule := func(dialect string, pauses ...time.Duration) application.Settings {
		return application.Settings{Schedules: map[string]config.Durations{dialect: pauses}}
	}
	for want, s := range map[string]application.Settings{
		"poll_rate is 0,":                        rate(0),
		"poll_rate is -1,":                       rate(-1),
		"poll_rate is NaN,":                      rate(math.NaN()),
		"poll_rate is 10001,":                    rate(10001),
		"schedules.native is 0s,":                schedule("native", 0),
		"schedules. is 168h0m0.000000001s,":      schedule("", 168*time.Hour+1),
		"schedules.native is 101 pauses long":    schedule("native", make([]time.Duration, 101)...),
		"schedules.nativ is for no dialect":      schedule("nativ", time.Second),
		"pixta.webhook_urls is ftp://x, want":    {Pixta: &application.Pixta{WebhookURLs: []string{"ftp://x"}}},
		"bridge.bus is 1601 bytes long":          {Bridge: &application.Bridge{Bus: strings.Repeat("b", 1601)}},
		"bridge.source is 257 bytes long":        {Bridge: &application.Bridge{Source: strings.Repeat("b", 257)}},
		"bridge.detail_type is 129 bytes long":   {Bridge: &application.Bridge{DetailType: strings.Repeat("b", 129)}},
		"bridge.source is 3 bytes long, want at": {Bridge: &application.Bridge{Source: "a\nb"}},
	} {
		if err := s.Validate(); !errors.Is(err, application.ErrInvalidSettings) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
