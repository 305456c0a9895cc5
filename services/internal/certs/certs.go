// Package certs serves TLS from certificate files, and makes such files for development: a certificate authority of one's
// own, and a certificate by it for the hosts that clients have hard-coded.
package certs

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// caLife is how long the authority is good for, and leafLife a certificate: clients refuse longer ones than 398 days.
	caLife   = 10 * 365 * 24 * time.Hour
	leafLife = 397 * 24 * time.Hour
	// before lets clocks differ.
	before = time.Hour
	// lookAgain is how often files are looked at for a newer certificate, at most.
	lookAgain = 10 * time.Second
)

// Files are where certificates are.
type Files struct {
	// CA is the authority's certificate, which clients have to trust.
	CA string
	// Cert and Key are the certificate, with what leads to its authority, and its key.
	Cert, Key string
}

// In are the files that [Make] writes in a folder.
func In(dir string) Files {
	return Files{CA: filepath.Join(dir, "ca.pem"), Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
}

// Make writes a certificate for the hosts, names or addresses, into a folder, in place of the one that was there. The
// authority stays when there is one, so that clients go on trusting it. It fails with what the disk says, or when the
// authority's files cannot be read.
func Make(dir string, hosts []string, now time.Time) (Files, error) {
	files := In(dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return files, fmt.Errorf("make the folder of certificates: %w", err)
	}
	authority, signer, err := authority(dir, now)
	if err != nil {
		return files, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return files, fmt.Errorf("make a key: %w", err)
	}
	leaf := template(pkix.Name{CommonName: hosts[0]}, now, leafLife)
	leaf.KeyUsage, leaf.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
			continue
		}
		leaf.DNSNames = append(leaf.DNSNames, host)
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, authority, key.Public(), signer)
	if err != nil {
		return files, fmt.Errorf("sign the certificate: %w", err)
	}
	return files, errors.Join(writeKey(files.Key, key), writePEM(files.Cert, "CERTIFICATE", 0o644, der))
}

// authority reads the authority in a folder, or makes it.
func authority(dir string, now time.Time) (*x509.Certificate, crypto.Signer, error) {
	certFile, keyFile := In(dir).CA, filepath.Join(dir, "ca.key")
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err == nil {
		signer, ok := pair.PrivateKey.(crypto.Signer)
		if !ok {
			return nil, nil, fmt.Errorf("%s holds no key that can sign", keyFile)
		}
		return pair.Leaf, signer, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("read the authority in %s: %w", dir, err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	root := template(pkix.Name{CommonName: "Ringback development", Organization: []string{"Ringback development"}}, now, caLife)
	root.IsCA, root.BasicConstraintsValid, root.MaxPathLenZero = true, true, true
	root.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	der, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	if err != nil {
		return nil, nil, fmt.Errorf("make the authority: %w", err)
	}
	if err := errors.Join(writeKey(keyFile, key), writePEM(certFile, "CERTIFICATE", 0o644, der)); err != nil {
		return nil, nil, err
	}
	made, err := x509.ParseCertificate(der)
	return made, key, err
}

func template(name pkix.Name, now time.Time, life time.Duration) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)) // never fails since Go 1.24
	return &x509.Certificate{SerialNumber: serial, Subject: name, NotBefore: now.Add(-before), NotAfter: now.Add(life)}
}

func writeKey(name string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return writePEM(name, "PRIVATE KEY", 0o600, der)
}

func writePEM(name, kind string, mode os.FileMode, der []byte) error {
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// Config serves the certificate in the files, and a newer one within seconds after it was put there. It fails when there is
// none that can be read; later, a file that cannot be read leaves the certificate as it was.
func Config(files Files) (*tls.Config, error) {
	k := &keeper{files: files}
	if err := k.load(); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: k.certificate}, nil
}

// keeper holds the newest certificate.
type keeper struct {
	files Files

	mu       sync.Mutex
	pair     *tls.Certificate
	modified time.Time
	looked   time.Time
}

func (k *keeper) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if time.Since(k.looked) > lookAgain {
		k.looked = time.Now()
		if info, err := os.Stat(k.files.Cert); err == nil && !info.ModTime().Equal(k.modified) {
			_ = k.load() // half of the pair may be new already: the next look gets both
		}
	}
	return k.pair, nil
}

func (k *keeper) load() error {
	info, err := os.Stat(k.files.Cert)
	if err != nil {
		return fmt.Errorf("read certificate: %w", err)
	}
	pair, err := tls.LoadX509KeyPair(k.files.Cert, k.files.Key)
	if err != nil {
		return fmt.Errorf("read certificate: %w", err)
	}
	k.pair, k.modified = &pair, info.ModTime()
	return nil
}
