package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/ringback/ringback/services/internal/certs"
)

// tlsCommand makes what HTTPS needs in development.
type tlsCommand struct {
	Host []string `placeholder:"NAME" help:"Host name or address that the certificate is for, beside localhost and Blitline's own; may be given again."`
}

// usualHosts are this machine, and the hosts that clients of Blitline have hard-coded.
var usualHosts = []string{"localhost", "127.0.0.1", "::1", "api.blitline.com", "eu.blitline.com", "cache.blitline.com"}

// Run makes a certificate by an authority of one's own, and says what to do with it.
func (c tlsCommand) Run(t *terminal) error {
	config, err := settings()
	if err != nil {
		return err
	}
	files, err := certs.Make(filepath.Dir(config.Ingest.CertFile), append(usualHosts, c.Host...), time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(t.out, `certificate  %s
key          %s
authority    %s

Serve it:    RINGBACK_HTTPS_ADDR=127.0.0.1:8443 ringback run
Trust it:    NODE_EXTRA_CA_CERTS=%[3]s (Node.js), SSL_CERT_FILE=%[3]s (Ruby, Go, curl --cacert)
Get there:   a line such as "127.0.0.1 api.blitline.com cache.blitline.com" in the client's hosts file
`, files.Cert, files.Key, files.CA)
	return nil
}
