package eventbridge_test

import (
	"testing"
	"time"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/bus"
	"github.com/ringback/ringback/services/internal/config"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/sinks/eventbridge"
	"github.com/ringback/ringback/services/sinks/eventbridge/eventbridgetest"
	"github.com/ringback/ringback/services/sinks/sinktest"
)

// TestBatches has a backlog behind a request in progress, and wants it in few requests.
func TestBatches(t *testing.T) {
	t.Parallel()
	const backlog = 95
	h := sinktest.Open(t)
	release := make(chan struct{})
	server := eventbridgetest.Start(t, func(eventbridgetest.Request) eventbridgetest.Reply {
		<-release
		return eventbridgetest.Reply{}
	})
	sink := sinkAt(server.URL, func(c *eventbridge.Config) { c.InFlight = 1 })
	told := tell(h, sink, backlog)
	h.Start(sink)
	handedOut(h, backlog)
	close(release)
	once(t, eachTaken(t, server, told))
	if n, _ := server.Requests(); n > backlog/4 {
		t.Errorf("%d events took %d requests, want about ten to a request", backlog, n)
	}
	h.Await("what is done is trimmed", func() bool {
		return len(h.Stored(bus.Bridge, bus.BridgeFirst(sinktest.Application))) == 0
	})
}

// TestALoneEventGoes has nothing that would fill a request.
func TestALoneEventGoes(t *testing.T) {
	t.Parallel()
	h, server := sinktest.Open(t), eventbridgetest.Start(t, nil)
	sink := sinkAt(server.URL)
	h.Start(sink)
	eachTaken(t, server, tell(h, sink, 1))
}

// TestInFlight limits how many requests are in progress, and uses what is allowed.
func TestInFlight(t *testing.T) {
	t.Parallel()
	const most = 2
	h := sinktest.Open(t)
	release := make(chan struct{})
	server := eventbridgetest.Start(t, func(eventbridgetest.Request) eventbridgetest.Reply {
		<-release
		return eventbridgetest.Reply{}
	})
	sink := sinkAt(server.URL, func(c *eventbridge.Config) { c.InFlight = most })
	told := tell(h, sink, 40)
	for _, app := range otherLanes(t, h) { // each lane has as many workers as there may be requests
		for range 20 {
			told = append(told, tellOf(t, h, app))
		}
	}
	h.Start(sink)
	server.Until("all that may be are in progress", func() bool { n, _ := server.Requests(); return n == most })
	handedOut(h, 40) // and others wait for their turn
	close(release)
	once(t, eachTaken(t, server, told))
	if _, got := server.Requests(); got != most {
		t.Errorf("%d requests were in progress at a time, want %d", got, most)
	}
}

// TestNotConfigured puts on record what nobody can send, with the reason, and waits for nothing.
func TestNotConfigured(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	sink := sinkAt("", func(c *eventbridge.Config) { c.Region, c.Endpoint = "", "" })
	h.Start(sink, time.Hour)
	job := h.Tell(sink)
	dead := h.Buried("bridge", 1)
	if reason := dead[0].Header.Get("Ringback-Reason"); reason != "not_configured: no event bus is configured: "+
		"RINGBACK_EVENTBRIDGE_REGION is not set where the sink runs" {
		t.Errorf("buried for %q", reason)
	}
	entry := h.Logs(events.TypeDeliveryExhausted, job)
	if entry.Attempt != 0 || entry.Error != "not_configured" || entry.Sink != "eventbridge" {
		t.Errorf("log has %+v, want no attempt and the reason", entry)
	}
}

// TestOwnSchedule repeats as the application wants it, not as the installation does.
func TestOwnSchedule(t *testing.T) {
	t.Parallel()
	h := sinktest.Open(t)
	server := eventbridgetest.Start(t, func(eventbridgetest.Request) eventbridgetest.Reply {
		return eventbridgetest.Reply{Codes: map[int]string{0: "InternalFailure"}}
	})
	change(t, h, application.Settings{Schedules: map[string]config.Durations{application.EveryDialect: {50 * time.Millisecond}}})
	sink := sinkAt(server.URL)
	h.Start(sink, time.Hour, time.Hour)
	job := h.Tell(sink)
	if entry := h.Logs(events.TypeDeliveryExhausted, job); entry.Attempt != 2 {
		t.Errorf("log has %+v, want attempt 2 and no other", entry)
	}
}

// TestNobodyIsTold sends nothing of jobs that ask for nothing here.
func TestNobodyIsTold(t *testing.T) {
	t.Parallel()
	h, server := sinktest.Open(t), eventbridgetest.Start(t, nil)
	sink := sinkAt(server.URL)
	h.Start(sink)
	for _, targets := range [][]job.Target{nil, {{Sink: job.SinkPostback, URL: "http://127.0.0.1:1/"}}} {
		if err := h.Publish(h.NewResult(), job.Record{Dialect: "native", Targets: targets}); err != nil {
			t.Fatal(err)
		}
	}
	asked := tell(h, sink, 1)
	eachTaken(t, server, asked)
	if n := len(server.Arrived()); n != 1 {
		t.Errorf("%d events came, want the one that was asked for", n)
	}
}

// TestNew refuses what cannot work, and names it.
func TestNew(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*eventbridge.Config)
	}{
		{"EndpointWithoutHost", func(c *eventbridge.Config) { c.Endpoint = "events.example.com" }},
		{"EndpointWithUser", func(c *eventbridge.Config) { c.Endpoint = "https://me:secret@events.example.com" }},
		{"NoBus", func(c *eventbridge.Config) { c.Bus = "" }},
		{"NoSource", func(c *eventbridge.Config) { c.Source = "" }},
		{"SourceOfAWS", func(c *eventbridge.Config) { c.Source = "aws.ec2" }},
		{"LongDetailType", func(c *eventbridge.Config) { c.DetailType = string(make([]byte, 129)) }},
		{"KeyWithoutSecret", func(c *eventbridge.Config) { c.AccessKeyID = "AKID" }},
		{"SecretWithoutKey", func(c *eventbridge.Config) { c.SecretAccessKey = "s" }},
		{"NothingInFlight", func(c *eventbridge.Config) { c.InFlight = 0 }},
		{"NoTimeToAnswer", func(c *eventbridge.Config) { c.Timeout = 0 }},
		{"NegativeGrace", func(c *eventbridge.Config) { c.Grace = -1 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := eventbridge.DefaultConfig()
			tt.change(&c)
			if _, err := eventbridge.New(c, eventbridge.Deps{}); err == nil {
				t.Errorf("%+v was taken", c)
			}
		})
	}
	if err := eventbridge.DefaultConfig().Validate(); err != nil {
		t.Errorf("the default is refused: %v", err)
	}
}

// TestDefaultCredentials finds the credentials where every AWS program looks for them.
func TestDefaultCredentials(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", eventbridgetest.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", eventbridgetest.SecretAccessKey)
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	h, server := sinktest.Open(t), eventbridgetest.Start(t, nil)
	sink := sinkAt(server.URL, func(c *eventbridge.Config) { c.AccessKeyID, c.SecretAccessKey = "", "" })
	h.Start(sink)
	once(t, eachTaken(t, server, tell(h, sink, 1)))
}
