// Package storage puts outputs where clients want them, and signs the addresses of sources in buckets. Whatever the
// service, an output goes out as one HTTP PUT through the outbound guard: to S3 signed with an account of the application
// (AWS Signature Version 4), or to an address that its maker signed.
package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/ringback/ringback/services/internal/application"
	"github.com/ringback/ringback/services/internal/job"
	"github.com/ringback/ringback/services/internal/outbound"
)

const (
	service = "s3"
	// anyRegion signs for services that have no regions.
	anyRegion = "us-east-1"
	// amazon is the host of S3 without a region.
	amazon = "s3.amazonaws.com"
	// SourceLifetime is how long the signed address of a source may be used.
	SourceLifetime = 15 * time.Minute
)

// ClassAccount is the class of an error for want of an account: no request was made.
const ClassAccount = "account"

// Sender sends outputs, guarded; [outbound.Client] is one.
type Sender interface {
	Post(ctx context.Context, request outbound.Request) (outbound.Attempt, error)
	PutFTP(ctx context.Context, file outbound.FTPFile, data []byte, timeout time.Duration) error
}

// Object is what is put.
type Object struct {
	Data        []byte
	ContentType string
}

// Request makes the request that puts an object at a destination, signed for now. It fails with an [*outbound.Error] of
// [ClassAccount] when the application has no account for the bucket.
func Request(ctx context.Context, app application.Application, d job.Destination, o Object, now time.Time) (outbound.Request, error) {
	return request(ctx, app, http.MethodPut, d, o, now)
}

func request(
	ctx context.Context, app application.Application, method string, d job.Destination, o Object, now time.Time,
) (outbound.Request, error) {
	header := http.Header{"Content-Type": {o.ContentType}}
	for name, value := range d.Headers {
		header.Set(name, value)
	}
	if d.Kind == job.DestinationPut {
		return outbound.Request{Method: method, URL: d.URL, Header: header, Body: o.Data}, nil
	}
	account, ok := app.StorageNamed(d.Account, d.Bucket)
	if !ok {
		return outbound.Request{}, noAccount(d.Account, d.Bucket)
	}
	u := address(account, d.Bucket, d.Key, d.Region)
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(o.Data))
	if err != nil {
		return outbound.Request{}, fmt.Errorf("make request: %w", err)
	}
	sum := sha256.Sum256(o.Data)
	hash := hex.EncodeToString(sum[:])
	header.Set("X-Amz-Content-Sha256", hash)
	req.Header = header
	if err := signer().SignHTTP(ctx, credentials(account), req, hash, service, region(account, d.Region), now); err != nil {
		return outbound.Request{}, fmt.Errorf("sign request: %w", err)
	}
	return outbound.Request{Method: method, URL: u.String(), Header: req.Header, Body: o.Data}, nil
}

// Put puts an object at a destination. It fails with an [*outbound.Error], whose message is for the client, or with the
// cause of ctx when that ended.
func Put(ctx context.Context, sender Sender, app application.Application, d job.Destination, o Object, timeout time.Duration) error {
	if d.Kind == job.DestinationFTP {
		file := outbound.FTPFile{Server: d.Server, User: d.User, Password: d.Password, Directory: d.Bucket, Name: d.Key}
		return sender.PutFTP(ctx, file, o.Data, timeout)
	}
	request, err := Request(ctx, app, d, o, time.Now())
	if err != nil {
		return err
	}
	request.Timeout = timeout
	attempt, err := sender.Post(ctx, request)
	if err != nil {
		return err
	}
	return Failure(d, attempt)
}

// Failure is what an attempt to put something came to: nil when it was taken, else an [*outbound.Error].
func Failure(d job.Destination, a outbound.Attempt) error {
	if a.Class == "" {
		return nil
	}
	message := a.Message
	if a.Status != 0 {
		message = fmt.Sprintf("the storage answered %d", a.Status)
	} else {
		message = strings.Replace(message, "the endpoint", "the storage", 1)
	}
	var answer struct {
		Code    string `xml:"Code"`
		Message string `xml:"Message"`
	}
	if xml.Unmarshal(a.Body, &answer) == nil && answer.Code != "" {
		message += " (" + answer.Code
		if answer.Message != "" {
			message += ": " + strings.TrimSuffix(answer.Message, ".")
		}
		message += ")"
	}
	return &outbound.Error{Class: a.Class, Status: a.Status, Message: message + " for " + Shown(d)}
}

// SourceURL is an address that an object can be read from for [SourceLifetime]: signed where the application has an
// account for the bucket, else the public one at AWS.
func SourceURL(ctx context.Context, app application.Application, o job.Object, now time.Time) (string, error) {
	account, ok := app.StorageNamed(o.Account, o.Bucket)
	if !ok && o.Account != "" {
		return "", noAccount(o.Account, o.Bucket)
	}
	u := address(account, o.Bucket, o.Key, o.Region)
	if !ok {
		return u.String(), nil
	}
	q := url.Values{"X-Amz-Expires": {fmt.Sprint(int(SourceLifetime.Seconds()))}}
	u.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return "", fmt.Errorf("make address: %w", err)
	}
	signed, _, err := signer().PresignHTTP(ctx, credentials(account), req, "UNSIGNED-PAYLOAD", service, region(account, o.Region), now)
	if err != nil {
		return "", fmt.Errorf("sign address: %w", err)
	}
	return signed, nil
}

// PublicURL is the address that clients are told of an output, before it is there. It has no signature and no query.
func PublicURL(app application.Application, d job.Destination) string {
	switch d.Kind {
	case job.DestinationPut:
		before, _, _ := strings.Cut(d.URL, "?")
		return before
	case job.DestinationFTP:
		return "ftp://" + d.Server + path.Join("/", d.Bucket, d.Key)
	}
	if d.Base != "" {
		return strings.TrimSuffix(d.Base, "/") + escape("/"+d.Key)
	}
	account, _ := app.StorageNamed(d.Account, d.Bucket)
	if account.Endpoint != "" {
		u := address(account, d.Bucket, d.Key, d.Region)
		return u.String()
	}
	if d.BucketAsDomain && !strings.Contains(d.Bucket, ".") {
		return "http://" + d.Bucket + "." + amazon + escape("/"+d.Key)
	}
	return "http://" + regional(d.Region, "s3-") + escape("/"+d.Bucket+"/"+d.Key)
}

// Shown names a destination in messages and logs, without what may be secret.
func Shown(d job.Destination) string {
	if d.Kind == job.DestinationPut {
		u, err := url.Parse(d.URL)
		if err != nil {
			return "the signed address"
		}
		return u.Host + u.Path
	}
	if d.Kind == job.DestinationFTP {
		return PublicURL(application.Application{}, d)
	}
	return "s3://" + d.Bucket + "/" + d.Key
}

// address is where an object is for requests. A service of one's own is asked by path, AWS by host unless the name of the
// bucket holds a dot, which its certificate does not cover.
func address(account application.StorageAccount, bucket, key, regionName string) url.URL {
	key = strings.TrimPrefix(key, "/")
	if account.Endpoint != "" {
		u, err := url.Parse(strings.TrimSuffix(account.Endpoint, "/")) // validated when it was set
		if err == nil {
			return withPath(*u, "/"+bucket+"/"+key)
		}
	}
	if regionName == "" {
		regionName = account.Region
	}
	host := regional(regionName, "s3.")
	if strings.Contains(bucket, ".") || bucket != strings.ToLower(bucket) {
		return withPath(url.URL{Scheme: "https", Host: host}, "/"+bucket+"/"+key)
	}
	return withPath(url.URL{Scheme: "https", Host: bucket + "." + host}, "/"+key)
}

// regional is AWS's host for a region, which may be spelt "eu-west-1" or "s3-eu-west-1".
func regional(regionName, prefix string) string {
	regionName = strings.TrimPrefix(regionName, "s3-")
	if regionName == "" || regionName == anyRegion {
		return amazon
	}
	return prefix + regionName + ".amazonaws.com"
}

func withPath(u url.URL, path string) url.URL {
	u.Path, u.RawPath = path, escape(path)
	return u
}

// escape encodes all but what Signature Version 4 leaves alone, so that both sides sign the same path.
func escape(path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("/-_.~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func region(account application.StorageAccount, wanted string) string {
	for _, name := range []string{strings.TrimPrefix(wanted, "s3-"), account.Region} {
		if name != "" {
			return name
		}
	}
	return anyRegion
}

func credentials(account application.StorageAccount) aws.Credentials {
	return aws.Credentials{
		AccessKeyID: account.AccessKeyID, SecretAccessKey: account.SecretAccessKey.Reveal(), SessionToken: account.SessionToken.Reveal(),
	}
}

func signer() *v4.Signer {
	return v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
}

func noAccount(name, bucket string) error {
	if name != "" {
		return &outbound.Error{Class: ClassAccount, Message: fmt.Sprintf("the application has no storage account %q", name)}
	}
	return &outbound.Error{Class: ClassAccount, Message: fmt.Sprintf("the application has no storage account for the bucket %q", bucket)}
}
