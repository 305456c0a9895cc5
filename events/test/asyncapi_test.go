package test_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringback/ringback/events"
)

type asyncAPI struct {
	Channels map[string]struct {
		Address  string
		Messages map[string]any
	}
	Components struct {
		Messages map[string]struct {
			Name    string
			Payload map[string]string
		}
	}
}

func readAsyncAPI(t *testing.T) (document asyncAPI) {
	t.Helper()
	if err := json.Unmarshal(lookup(t, "asyncapi.json"), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

// TestAsyncAPI_KnowsEveryType reads the types from the source, so that a new one cannot be forgotten. A test of an endpoint
// is never on the bus.
func TestAsyncAPI_KnowsEveryType(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../types.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			if text, err := strconv.Unquote(literal.Value); err == nil && strings.HasPrefix(text, "dev.ringback.") && text != events.TypeEndpointTest {
				want = append(want, text)
			}
		}
		return true
	})
	var got []string
	for _, message := range readAsyncAPI(t).Components.Messages {
		got = append(got, message.Name)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-types.go +asyncapi.json):\n%s", diff)
	}
}

// TestAsyncAPI_HasTheSubjects fills in the addresses of the channels and compares them with what the SDK builds.
func TestAsyncAPI_HasTheSubjects(t *testing.T) {
	t.Parallel()
	fill := strings.NewReplacer("{application}", "shop", "{job}", "j", "{item}", "i", "{endpoint}", "e", "{class}", "std", "{lane}", "01",
		"{state}", "held", "{delivery}", "d")
	got := map[string]string{}
	document := readAsyncAPI(t)
	for name, channel := range document.Channels {
		got[name] = fill.Replace(channel.Address)
	}
	want := map[string]string{
		"results": events.ResultSubject("shop", "j"), "liveResults": events.LiveResultSubject("shop", "j"),
		"liveProgress": events.LiveProgressSubject("shop", "j"), "liveMedia": events.LiveMediaSubject("shop", "i"),
		"liveEndpoints": events.LiveEndpointSubject("shop", "e"), "status": "$KV." + events.StatusBucket + "." + events.StatusKey("shop", "j"),
		"liveAccepted": "ringback.live.shop.accepted.std.01", "deliveries": "ringback.dlv.shop.held.e.d",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("addresses (-SDK +asyncapi.json):\n%s", diff)
	}
	told := slices.Sorted(maps.Keys(document.Channels["liveEndpoints"].Messages))
	if diff := cmp.Diff([]string{"deliveryExhausted", "endpointDisabled", "endpointFailing", "endpointRecovered"}, told); diff != "" {
		t.Errorf("what operators are told (-want +got):\n%s", diff)
	}
}
