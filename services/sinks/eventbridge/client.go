package eventbridge

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsbridge "github.com/aws/aws-sdk-go-v2/service/eventbridge"
)

// putter makes one request.
type putter interface {
	PutEvents(context.Context, *awsbridge.PutEventsInput, ...func(*awsbridge.Options)) (*awsbridge.PutEventsOutput, error)
}

// anyRegion signs requests to an endpoint without a region; emulators do not mind.
const anyRegion = "us-east-1"

// newClient makes a client that repeats nothing by itself: when an attempt is repeated is the broker's affair, and the
// log of attempts shall have each of them. It fails when the AWS settings of the machine cannot be read.
func newClient(ctx context.Context, c Config) (client putter, closeIdle func(), err error) {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, nil, errors.New("somebody replaced the default transport of HTTP")
	}
	transport = transport.Clone()
	transport.MaxIdleConnsPerHost = c.InFlight
	settings := aws.Config{
		Region: either(c.Region, anyRegion),
		HTTPClient: &http.Client{
			Transport: transport,
			// A signature is for one host: what answers with another address is no event bus.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
	if c.AccessKeyID != "" {
		settings.Credentials = credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey.Reveal(), "")
	} else {
		found, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(settings.Region))
		if err != nil {
			return nil, nil, fmt.Errorf("read the AWS settings of this machine: %w", err)
		}
		settings.Credentials = found.Credentials
	}
	return awsbridge.NewFromConfig(settings, func(o *awsbridge.Options) {
		if c.Endpoint != "" {
			o.BaseEndpoint = aws.String(c.Endpoint)
		}
	}), transport.CloseIdleConnections, nil
}
