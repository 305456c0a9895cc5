package blob

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	azureblobs "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"gocloud.dev/blob/azureblob"
)

// openAzure opens a container of Azure Blob Storage. Which account, and with what, is in the variables of Azure's own
// tools: AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, AZURE_STORAGE_CONNECTION_STRING, or
// whatever identity the machine has.
func openAzure(ctx context.Context, c Config) (provider, error) {
	connections := transport(c.Timeout)
	options := &container.ClientOptions{}
	options.Retry = azureRetry()
	options.Transport = &http.Client{Transport: connections}
	client, err := azureClient(c.URL, options)
	if err != nil {
		return provider{}, err
	}
	blobs, err := azureblob.OpenBucket(ctx, client, nil)
	scope := c.URL.options.Get("encryption_scope")
	return provider{
		blobs: blobs, sign: signAzure, etag: azureETag, absence: azureAbsence, stopsAtErrors: true, close: connections.CloseIdleConnections,
		prepare: func(as func(any) bool) error {
			var o *azblob.UploadStreamOptions
			if !as(&o) {
				return errors.New("the driver for azblob:// gives no options away")
			}
			if scope != "" {
				o.CPKScopeInfo = &azureblobs.CPKScopeInfo{EncryptionScope: &scope}
			}
			return nil
		},
	}, err
}

// signAzure signs neither length nor type, because a shared access signature has no room for them.
func signAzure(a Announcement) signing {
	return signing{header: map[string]string{"Content-Type": a.ContentType, "X-Ms-Blob-Type": "BlockBlob"}}
}

func azureClient(a Address, options *container.ClientOptions) (*container.Client, error) {
	service := azureblob.NewDefaultServiceURLOptions()
	service.AccountName = cmp.Or(a.options.Get("storage_account"), service.AccountName)
	service.StorageDomain = cmp.Or(a.options.Get("domain"), service.StorageDomain)
	service.Protocol = cmp.Or(a.options.Get("protocol"), service.Protocol)
	service.IsCDN = service.IsCDN || a.is("cdn")
	service.IsLocalEmulator = service.IsLocalEmulator || a.is("localemu")
	if service.AccountName == "" {
		return nil, errors.New("expected the account, as storage_account in the address or in AZURE_STORAGE_ACCOUNT")
	}
	account, err := azureblob.NewServiceURL(service)
	if err != nil {
		return nil, err
	}
	address, err := url.JoinPath(string(account), a.bucket)
	if err != nil {
		return nil, err
	}
	key, connection := os.Getenv("AZURE_STORAGE_KEY"), os.Getenv("AZURE_STORAGE_CONNECTION_STRING")
	switch {
	case key != "":
		shared, err := azblob.NewSharedKeyCredential(service.AccountName, key)
		if err != nil {
			return nil, errors.New("AZURE_STORAGE_KEY: expected a key in base64")
		}
		return container.NewClientWithSharedKeyCredential(address, shared, options)
	case service.SASToken != "":
		return container.NewClientWithNoCredential(address, options)
	case connection != "":
		return container.NewClientFromConnectionString(connection, a.bucket, options)
	default:
		identity, err := azidentity.NewDefaultAzureCredential(nil)
		if err != nil {
			return nil, err
		}
		return container.NewClient(address, identity, options)
	}
}

func azureETag(as func(any) bool) string {
	var read azureblobs.DownloadStreamResponse
	if as(&read) {
		return etagText(read.ETag)
	}
	var properties azureblobs.GetPropertiesResponse
	as(&properties)
	return etagText(properties.ETag)
}

func etagText(etag *azcore.ETag) string {
	if etag == nil {
		return ""
	}
	return string(*etag)
}

func azureAbsence(err error) absence {
	answer, ok := errors.AsType[*azcore.ResponseError](err)
	switch {
	case !ok:
		return absentNot
	case answer.ErrorCode == string(bloberror.BlobNotFound):
		return absentKey
	case answer.ErrorCode == string(bloberror.ContainerNotFound):
		return absentBucket
	case answer.StatusCode == http.StatusNotFound:
		return absentSomething
	default:
		return absentNot
	}
}
