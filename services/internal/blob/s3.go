package blob

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	gcaws "gocloud.dev/aws"
	"gocloud.dev/blob/s3blob"
)

// anyRegion is signed for services that have no regions.
const anyRegion = "us-east-1"

// openS3 opens a bucket of S3, or of anything that speaks it. A service of one's own is asked by path, because it seldom
// has names for its buckets; use_path_style says otherwise.
func openS3(ctx context.Context, c Config) (provider, error) {
	config, err := gcaws.V2ConfigFromURLParams(ctx, c.URL.onlyOf(
		"region", "profile", "role", "anonymous", "dualstack", "fips", "request_checksum_calculation", "response_checksum_validation",
	))
	if err != nil {
		return provider{}, err
	}
	if c.AccessKeyID != "" {
		config.Credentials = credentials.NewStaticCredentialsProvider(
			c.AccessKeyID.Reveal(), c.SecretAccessKey.Reveal(), c.SessionToken.Reveal())
	}
	endpoint := c.URL.options.Get("endpoint")
	if config.Region == "" && endpoint != "" {
		config.Region = anyRegion
	}
	connections := transport(c.Timeout)
	client := s3.NewFromConfig(config, func(o *s3.Options) {
		o.HTTPClient = &http.Client{Transport: connections}
		o.Retryer = s3Retryer()
		o.UseAccelerate = c.URL.is("accelerate")
		o.UsePathStyle = c.URL.is("use_path_style") || c.URL.is("hostname_immutable")
		if endpoint != "" {
			o.BaseEndpoint = &endpoint
			o.UsePathStyle = o.UsePathStyle || !c.URL.options.Has("use_path_style")
		}
		// A blob that came in parts has a checksum of checksums, which nobody can check. That is no news for every read.
		o.DisableLogOutputChecksumValidationSkipped = true
		o.APIOptions = append(o.APIOptions, abortAnyway(c.patience()))
	})
	blobs, err := s3blob.OpenBucket(ctx, client, c.URL.bucket, &s3blob.Options{
		EncryptionType:             types.ServerSideEncryption(c.URL.options.Get("ssetype")),
		KMSEncryptionID:            c.URL.options.Get("kmskeyid"),
		RequestChecksumCalculation: config.RequestChecksumCalculation,
	})
	return provider{
		blobs: blobs, etag: s3ETag, absence: s3Absence, stopsAtErrors: true, close: connections.CloseIdleConnections,
		sign: func(a Announcement) signing {
			return signS3(a, types.ServerSideEncryption(c.URL.options.Get("ssetype")), c.URL.options.Get("kmskeyid"))
		},
	}, err
}

// signS3 signs length and type, as headers that the request must have. The library refuses to be told a type, for an SDK
// that signed none long ago. What a write of ours asks for in encryption, this one has to ask for too.
func signS3(a Announcement, encryption types.ServerSideEncryption, key string) signing {
	header := map[string]string{"Content-Type": a.ContentType}
	if encryption != "" {
		header["X-Amz-Server-Side-Encryption"] = string(encryption)
	}
	if key != "" {
		header["X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"] = key
	}
	return signing{header: header, prepare: func(as func(any) bool) error {
		var in *s3.PutObjectInput
		if !as(&in) {
			return errors.New("the driver for s3:// gives no request away")
		}
		in.ContentLength, in.ContentType, in.ServerSideEncryption = &a.Size, &a.ContentType, encryption
		if key != "" {
			in.SSEKMSKeyId = &key
		}
		return nil
	}}
}

// abortAnyway lets an upload that was cancelled be aborted: the library's abort has the context of the upload, and would
// end with it, and its parts would be kept, and paid for, for ever. A part that was on its way then may still arrive, after
// an abort too; a moment's wait lets most of them, and a rule of the bucket's lifecycle is for the rest.
func abortAnyway(limit time.Duration) func(*middleware.Stack) error {
	detach := func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
		middleware.InitializeOutput, middleware.Metadata, error,
	) {
		if _, ok := in.Parameters.(*s3.AbortMultipartUploadInput); ok {
			cancelled := ctx.Err() != nil
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeoutCause(context.WithoutCancel(ctx), limit, errPatience)
			defer cancel()
			if cancelled {
				_ = sleep(ctx, firstPause) // whatever comes of it, the abort is next
			}
		}
		return next.HandleInitialize(ctx, in)
	}
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("AbortAnyway", detach), middleware.Before)
	}
}

func s3ETag(as func(any) bool) string {
	var read s3.GetObjectOutput
	if as(&read) {
		return aws.ToString(read.ETag)
	}
	var head s3.HeadObjectOutput
	as(&head)
	return aws.ToString(head.ETag)
}

// s3Absence cannot tell what is missing from the answer to a HEAD, which has no body.
func s3Absence(err error) absence {
	answer, ok := errors.AsType[smithy.APIError](err)
	switch {
	case !ok:
		return absentNot
	case answer.ErrorCode() == "NoSuchKey":
		return absentKey
	case answer.ErrorCode() == "NoSuchBucket":
		return absentBucket
	default:
		return absentSomething
	}
}

// onlyOf are the named options, as far as they were given.
func (a Address) onlyOf(names ...string) url.Values {
	some := url.Values{}
	for _, name := range names {
		if a.options.Has(name) {
			some[name] = a.options[name]
		}
	}
	return some
}
