module github.com/ringback/ringback/events/test

go 1.26.0

require (
	github.com/cloudevents/sdk-go/v2 v2.16.2
	github.com/google/go-cmp v0.7.0
	github.com/nats-io/nats-server/v2 v2.15.2
	github.com/nats-io/nats.go v1.55.0
	github.com/ringback/ringback/events v0.0.0
	github.com/ringback/ringback/schemas v0.0.0
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
)

replace (
	github.com/ringback/ringback/events => ..
	github.com/ringback/ringback/schemas => ../../schemas
)
