package certs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"
)

func TestMake(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := time.Now()
	files, err := Make(dir, []string{"api.example.com", "127.0.0.1"}, now)
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.ReadFile(files.CA)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(root)
	verify := func(host string) error {
		config, err := Config(files)
		if err != nil {
			t.Fatal(err)
		}
		pair, err := config.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: trusted, DNSName: host, CurrentTime: now})
		return err
	}
	for host, good := range map[string]bool{"api.example.com": true, "127.0.0.1": true, "eu.example.com": false, "example.com": false} {
		if err := verify(host); (err == nil) != good {
			t.Errorf("%s: %v", host, err)
		}
	}
	// A new certificate is by the authority that clients trust already.
	if _, err := Make(dir, []string{"eu.example.com"}, now); err != nil {
		t.Fatal(err)
	}
	if err := verify("eu.example.com"); err != nil {
		t.Error(err)
	}
	for _, name := range []string{files.Key, dir + "/ca.key"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v, want 0600", name, info.Mode(), err)
		}
	}
}

func TestConfig_TakesANewCertificate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := Config(In(dir)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without files: %v", err)
	}
	files, err := Make(dir, []string{"old.example.com"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	k := &keeper{files: files}
	if err := k.load(); err != nil {
		t.Fatal(err)
	}
	if _, err := Make(dir, []string{"new.example.com"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(files.Cert, later, later); err != nil {
		t.Fatal(err)
	}
	names := func() string {
		pair, err := k.certificate(&tls.ClientHelloInfo{})
		if err != nil {
			t.Fatal(err)
		}
		return pair.Leaf.DNSNames[0]
	}
	if got := names(); got != "new.example.com" {
		t.Errorf("serves %s after the files changed", got)
	}
	// A file that cannot be read is no reason to serve nothing.
	if err := os.WriteFile(files.Cert, []byte("cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	k.looked = time.Time{}
	if got := names(); got != "new.example.com" {
		t.Errorf("serves %s after the file was cut", got)
	}
}
