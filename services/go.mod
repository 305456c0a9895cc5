module github.com/ringback/ringback/services

go 1.26.0

require (
	github.com/alecthomas/kong v1.17.0
	github.com/caarlos0/env/v11 v11.4.0
	github.com/cloudevents/sdk-go/v2 v2.16.2
	github.com/davidbyttow/govips/v2 v2.19.0
	github.com/gofiber/fiber/v2 v2.52.15
	github.com/google/go-cmp v0.7.0
	github.com/nats-io/nats-server/v2 v2.15.2
	github.com/nats-io/nats.go v1.55.0
	github.com/prometheus/client_golang v1.25.0
	github.com/ringback/ringback/events v0.0.0
	github.com/ringback/ringback/schemas v0.0.0
	github.com/rogpeppe/go-internal v1.16.0
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
	github.com/schollz/progressbar/v3 v3.18.0
	github.com/standard-webhooks/standard-webhooks/libraries v0.0.1
	github.com/synadia-io/orbit.go/jetstreamext v0.3.1
	go.uber.org/goleak v1.3.0
	gocloud.dev v0.46.0
	golang.org/x/crypto v0.58.0
	golang.org/x/sync v0.20.0
)

require golang.org/x/image v0.41.0 // indirect

replace (
	github.com/ringback/ringback/events => ../events
	github.com/ringback/ringback/schemas => ../schemas
)
