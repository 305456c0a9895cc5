package outbound_test

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	ftpserver "github.com/fclairamb/ftpserverlib"
	"github.com/spf13/afero"

	"github.com/ringback/ringback/services/internal/outbound"
)

func TestClient_PutFTP(t *testing.T) {
	t.Parallel()
	files := afero.NewMemMapFs()
	server := ftpserver.NewFtpServer(&ftpDriver{files: files})
	if err := server.Listen(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve() }()
	t.Cleanup(func() { _ = server.Stop() })
	client := newClient(t, testConfig(t), outbound.Deps{})
	file := outbound.FTPFile{Server: server.Addr(), User: "u", Password: "p", Directory: "/pictures/new", Name: "a b.png"}
	for _, text := range []string{"first", "second"} { // in place of the one before
		if err := client.PutFTP(t.Context(), file, []byte(text), 20*time.Second); err != nil {
			t.Fatal(err)
		}
		if got, err := afero.ReadFile(files, "/pictures/new/a b.png"); err != nil || string(got) != text {
			t.Errorf("stored %q, %v, want %q", got, err, text)
		}
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	wrong, injected, nobody, private := file, file, file, file
	wrong.Password = "guess"
	injected.Name = "a.png\r\nDELE other.png"
	nobody.Server = silent.Addr().String()
	private.Server = "10.0.0.1"
	for name, row := range map[string]struct {
		file  outbound.FTPFile
		class string
		says  string
	}{
		"WrongPassword": {wrong, outbound.ClassStatus, "the ftp server answered 530"},
		"Injection":     {injected, outbound.ClassBlocked, "the ftp server can be told no names with control characters"},
		"Silence":       {nobody, outbound.ClassTimeout, "the ftp server did not answer in time"},
		"Private":       {private, outbound.ClassBlocked, "the ftp server cannot be used: the address is not public"},
	} {
		err := client.PutFTP(t.Context(), row.file, []byte("x"), 500*time.Millisecond)
		failure, ok := errors.AsType[*outbound.Error](err)
		if !ok || failure.Class != row.class || !strings.HasPrefix(failure.Message, row.says) {
			t.Errorf("%s: %v, want %s and %q", name, err, row.class, row.says)
		}
	}
	// Nothing but FTP reaches its port.
	attempt, err := client.Post(t.Context(), outbound.Request{URL: "http://192.0.2.1:21/"})
	if err != nil || attempt.Class != outbound.ClassBlocked {
		t.Errorf("a post to port 21: %+v, %v", attempt, err)
	}
}

// ftpDriver lets one user in.
type ftpDriver struct{ files afero.Fs }

var errWrongPassword = errors.New("wrong password")

func (d *ftpDriver) GetSettings() (*ftpserver.Settings, error) {
	return &ftpserver.Settings{ListenAddr: "127.0.0.1:0"}, nil
}
func (*ftpDriver) ClientConnected(ftpserver.ClientContext) (string, error) { return "hello", nil }
func (*ftpDriver) ClientDisconnected(ftpserver.ClientContext)              {}
func (*ftpDriver) GetTLSConfig() (*tls.Config, error)                      { return nil, errors.ErrUnsupported }

func (d *ftpDriver) AuthUser(_ ftpserver.ClientContext, user, password string) (ftpserver.ClientDriver, error) {
	if user != "u" || password != "p" {
		return nil, errWrongPassword
	}
	return d.files, nil
}
