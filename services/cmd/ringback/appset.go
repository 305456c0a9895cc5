package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback/ringback/services/internal/application"
)

// appSetCommand sets what is given and leaves the rest alone.
type appSetCommand struct {
	ID                string   `arg:"" help:"The application."`
	PollRate          *float64 `help:"How many questions about results are answered a second."`
	Schedule          []string `sep:"none" placeholder:"[DIALECT=]5s,30s,…" help:"Pauses between the attempts of a delivery; may be given again."`
	Asymmetric        *bool    `negatable:"" help:"Sign with the application's key pair, too (v1a), so that receivers can check with its public key."`
	UnsignedCallbacks *bool    `negatable:"" help:"Leave the signature's headers out of XML callbacks."`
	CloudinarySHA256  *bool    `name:"cloudinary-sha256" negatable:"" help:"Sign notifications in Cloudinary's shape with SHA-256 instead of SHA-1."`
	PixtaWebhook      []string `name:"pixta-webhook" placeholder:"URL" help:"Address that is told of every process of Pixta Cloud's format; may be given again."`
	PixtaIgnore       *bool    `name:"pixta-ignore-unknown" negatable:"" help:"Pass over parameters of that format that are unknown, or cannot be had here."`
	BridgeBus         *string  `help:"Name or ARN of the EventBridge bus."`
	BridgeSource      *string  `help:"Source of the events there."`
	BridgeDetailType  *string  `help:"Detail-type of the events there."`
	BridgeAlways      *bool    `negatable:"" help:"Send every result there, and not only those whose job asks for it."`
	MediaCallbackURL  *string  `name:"media-callback-url" help:"Address that is told of media items which have none of their own."`
	MediaWindow       *string  `placeholder:"5m" help:"The time within which changes of one media item become one callback: 1s to 1h."`
	Reset             []string `help:"Setting to make as the installation has it, such as poll_rate, schedules.native or bridge; may be given again."`
	JSON              bool     `name:"json" help:"Print JSON."`
}

// Help says what the flags have no room for.
func (appSetCommand) Help() string {
	return `A schedule is for one dialect (native=5s,30s) or for all that have none of their own (5s,30s). Its pauses come before the
second and each later attempt; an empty list (native=) makes one attempt.`
}

var errNothingToSet = errors.New("nothing to set: see \"ringback app set --help\"")

// Run changes an application's settings.
func (c appSetCommand) Run(ctx context.Context, t *terminal) error {
	patch, err := c.patch()
	if err != nil {
		return err
	}
	return withStore(ctx, func(store *application.Store) error {
		a, err := store.Change(ctx, c.ID, func(s *application.Settings) error {
			patched, err := s.Patch(patch)
			if err == nil {
				*s = patched
			}
			return err
		})
		if err != nil {
			return err
		}
		return showApplication(t, a, c.JSON, false)
	})
}

// patch writes the flags as the document that the HTTP API takes, so that both have one set of names and rules. The
// resets come first: what is set in the same breath is meant.
func (c appSetCommand) patch() ([]byte, error) {
	document := map[string]any{}
	for _, name := range c.Reset {
		put(document, strings.ReplaceAll(name, "-", "_"), nil)
	}
	for name, value := range map[string]any{
		"poll_rate": c.PollRate, "asymmetric": c.Asymmetric, "unsigned_callbacks": c.UnsignedCallbacks,
		"cloudinary_sha256": c.CloudinarySHA256, "pixta.ignore_unknown": c.PixtaIgnore, "bridge.bus": c.BridgeBus, "bridge.source": c.BridgeSource,
		"bridge.detail_type": c.BridgeDetailType, "bridge.always": c.BridgeAlways,
		"media.callback_url": c.MediaCallbackURL, "media.window": c.MediaWindow,
	} {
		switch value := value.(type) {
		case *float64:
			if value != nil {
				put(document, name, *value)
			}
		case *bool:
			if value != nil {
				put(document, name, *value)
			}
		case *string:
			if value != nil {
				put(document, name, *value)
			}
		}
	}
	if len(c.PixtaWebhook) > 0 {
		put(document, "pixta.webhook_urls", c.PixtaWebhook)
	}
	for _, schedule := range c.Schedule {
		dialect, pauses, found := strings.Cut(schedule, "=")
		if !found {
			dialect, pauses = application.EveryDialect, schedule
		}
		put(document, "schedules."+dialect, pauses)
	}
	if len(document) == 0 {
		return nil, errNothingToSet
	}
	patch, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("encode the settings: %w", err)
	}
	return patch, nil
}

// put sets a field of the document, or one of an object in it.
func put(document map[string]any, name string, value any) {
	outer, inner, nested := strings.Cut(name, ".")
	if !nested {
		document[outer] = value
		return
	}
	object, ok := document[outer].(map[string]any)
	if !ok {
		object = map[string]any{}
		document[outer] = object
	}
	object[inner] = value
}

// settingLines are the settings that an application has of its own, each a name and a value.
func settingLines(s application.Settings) [][2]string {
	var lines [][2]string
	add := func(name, value string) { lines = append(lines, [2]string{name, value}) }
	if s.PollRate != nil {
		add("poll_rate", strconv.FormatFloat(*s.PollRate, 'g', -1, 64))
	}
	for _, dialect := range slices.Sorted(maps.Keys(s.Schedules)) {
		name, pauses := "schedules."+dialect, s.Schedules[dialect].String()
		if dialect == application.EveryDialect {
			name = "schedules"
		}
		if pauses == "" {
			pauses = "none: one attempt"
		}
		add(name, pauses)
	}
	for _, flag := range []struct {
		name string
		on   bool
	}{{"asymmetric", s.Asymmetric}, {"unsigned_callbacks", s.UnsignedCallbacks}, {"cloudinary_sha256", s.CloudinarySHA256}} {
		if flag.on {
			add(flag.name, "yes")
		}
	}
	if p := s.Pixta; p != nil {
		if len(p.WebhookURLs) > 0 {
			add("pixta.webhook_urls", strings.Join(p.WebhookURLs, " "))
		}
		if p.IgnoreUnknown {
			add("pixta.ignore_unknown", "yes")
		}
	}
	if b := s.Bridge; b != nil {
		for _, field := range [][2]string{{"bus", b.Bus}, {"source", b.Source}, {"detail_type", b.DetailType}} {
			if field[1] != "" {
				add("bridge."+field[0], field[1])
			}
		}
		if b.Always {
			add("bridge.always", "yes")
		}
	}
	if m := s.Media; m != nil {
		if m.CallbackURL != "" {
			add("media.callback_url", m.CallbackURL)
		}
		if m.Window != nil {
			add("media.window", time.Duration(*m.Window).String())
		}
		if m.Renditions != nil {
			add("media.renditions", strconv.Itoa(len(m.Renditions.Outputs())))
		}
	}
	return lines
}
