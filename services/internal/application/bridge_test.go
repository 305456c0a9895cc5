package application_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ringback/ringback/services/internal/application"
)

func TestSettings_ValidateBridge(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		bridge application.Bridge
		ok     bool
	}{
		{"NothingSet", application.Bridge{}, true},
		{"Name", application.Bridge{Bus: "pictures", Source: "shop", DetailType: "Picture made", Always: true}, true},
		{"ARN", application.Bridge{Bus: "arn:aws:events:eu-central-1:123456789012:event-bus/pictures"}, true},
		{"SourceOfAWS", application.Bridge{Source: "aws.ec2"}, false},
		{"LongSource", application.Bridge{Source: strings.Repeat("x", 257)}, false},
		{"LongDetailType", application.Bridge{DetailType: strings.Repeat("x", 129)}, false},
		{"BusOfTwoLines", application.Bridge{Bus: "a\nb"}, false},
		{"LongBus", application.Bridge{Bus: strings.Repeat("x", 1601)}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := application.Settings{Bridge: &tt.bridge}.Validate()
			if tt.ok && err != nil || !tt.ok && !errors.Is(err, application.ErrInvalidSettings) {
				t.Errorf("%+v: %v", tt.bridge, err)
			}
		})
	}
}
