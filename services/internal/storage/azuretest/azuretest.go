// Package azuretest runs an emulator of Azure Blob Storage for tests: Azurite, Microsoft's own, which checks signatures.
package azuretest

import (
	"encoding/base64"
	"net"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/ringback/ringback/services/internal/storage/servertest"
)

const (
	version = "3.37.0"

	// Account is the one there is.
	Account = "ringbacktest"
)

// Key opens the account, in base64.
var Key = base64.StdEncoding.EncodeToString([]byte("a-secret-key-of-tests"))

// Start installs the emulator if it was not before, runs one with the containers until the test ends, and returns where, as
// http://127.0.0.1:7070. An account is the first segment of its addresses.
func Start(tb testing.TB, containers ...string) string {
	tb.Helper()
	executable, err := servertest.NPM("azurite", version, "azurite-blob")
	if err != nil {
		tb.Fatal(err)
	}
	address := servertest.Address(tb)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		tb.Fatal(err)
	}
	// Our library may be newer than the emulator, and asks for the version of the service that it was made for.
	servertest.Run(tb, address, []string{"AZURITE_ACCOUNTS=" + Account + ":" + Key}, executable,
		"--blobHost", host, "--blobPort", port, "--location", tb.TempDir(), "--silent", "--skipApiVersionCheck", "--disableTelemetry")
	credential, err := azblob.NewSharedKeyCredential(Account, Key)
	if err != nil {
		tb.Fatal(err)
	}
	client, err := azblob.NewClientWithSharedKeyCredential("http://"+address+"/"+Account, credential, nil)
	if err != nil {
		tb.Fatal(err)
	}
	for _, container := range containers {
		if _, err := client.CreateContainer(tb.Context(), container, nil); err != nil {
			tb.Fatal(err)
		}
	}
	return "http://" + address
}
