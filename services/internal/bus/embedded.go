package bus

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"golang.org/x/crypto/bcrypt"

	"github.com/ringback/ringback/events"
)

// startTimeout bounds the recovery of what is stored; a million events take about two seconds.
const startTimeout = 5 * time.Minute

// embedded is the nats-server in this process.
type embedded struct {
	server   *server.Server
	services Login
	lock     *os.File
}

func startEmbedded(config Config, dataDir string, log *slog.Logger) (*embedded, error) {
	host, port, err := config.listener()
	if err != nil {
		return nil, err
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	storeDir := filepath.Join(dataDir, "nats")
	if err := os.MkdirAll(storeDir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	lock, err := lockFolder(dataDir)
	if err != nil {
		return nil, err
	}
	logins, err := loadLogins(dataDir)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	if err := addressFree(host, port); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	options := &server.Options{
		ServerName: "ringback", Host: host, Port: port, JetStream: true, StoreDir: storeDir,
		// An accepted job must survive a power cut on one machine: every write is synced before it is confirmed.
		SyncAlways: true,
		NoSigs:     true, DisableJetStreamBanner: true, MaxPayload: maxPayload, NoLog: false,
		Users: []*server.User{
			{Username: logins.Services.User, Password: hashed(logins.Services.Password)},
			{Username: logins.Reader.User, Password: hashed(logins.Reader.Password), Permissions: readerPermissions()},
		},
	}
	s, err := server.NewServer(options)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("configure the embedded server: %w", err), lock.Close())
	}
	s.SetLoggerV2(&serverLog{log}, false, false, false)
	s.Start()
	e := &embedded{server: s, services: logins.Services, lock: lock}
	if !s.ReadyForConnections(startTimeout) || !s.JetStreamEnabled() {
		return nil, errors.Join(errors.New("the embedded server did not start; its log says why"), e.stop())
	}
	logins.URL = "nats://" + s.Addr().String()
	if err := logins.save(dataDir); err != nil {
		return nil, errors.Join(err, e.stop())
	}
	return e, nil
}

// maxPayload leaves room for a result of up to 256 KiB and its headers several times over.
const maxPayload = 1 << 20

func (e *embedded) inProcess() []nats.Option {
	return []nats.Option{nats.InProcessServer(e.server), nats.UserInfo(e.services.User, e.services.Password)}
}

// stop writes everything out and frees the folder.
func (e *embedded) stop() error {
	e.server.Shutdown()
	e.server.WaitForShutdown()
	return e.lock.Close()
}

// lockFolder keeps a second process out of the data folder; the lock goes with the process that holds it.
func lockFolder(dataDir string) (*os.File, error) {
	path := filepath.Join(dataDir, "lock")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("data folder %s: %w by another ringback; stop it, or set RINGBACK_DATA to another folder", dataDir, ErrInUse)
	}
	return file, nil
}

func addressFree(host string, port int) error {
	if port < 0 {
		return nil
	}
	address := net.JoinHostPort(host, fmt.Sprint(port))
	listener, err := net.Listen("tcp", address) //nolint:noctx // bound and closed at once
	if err != nil {
		return fmt.Errorf("RINGBACK_NATS_ADDR %s: %w by another program; set it to another address, or to port 0 for any: %w", address, ErrInUse, err)
	}
	return listener.Close()
}

// Login is a user of the broker.
type Login struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// Logins are the embedded server's users and where it listens, as kept in the data folder.
type Logins struct {
	URL string `json:"url"`
	// Services may do everything; Reader may listen to live messages, results and statuses.
	Services Login `json:"services"`
	Reader   Login `json:"reader"`
}

const loginsFile = "nats.json"

// ReadLogins reads what the running embedded server wrote into its data folder. It fails with [ErrNotFound] when none
// ever ran there.
func ReadLogins(dataDir string) (Logins, error) {
	var logins Logins
	raw, err := os.ReadFile(filepath.Join(dataDir, loginsFile))
	if errors.Is(err, os.ErrNotExist) {
		return logins, fmt.Errorf("no Ringback has run in %s: %w; start one with `ringback run`, or set RINGBACK_DATA", dataDir, ErrNotFound)
	}
	if err != nil {
		return logins, fmt.Errorf("read the broker's users: %w", err)
	}
	if err := json.Unmarshal(raw, &logins); err != nil {
		return logins, fmt.Errorf("read the broker's users in %s: %w", dataDir, err)
	}
	return logins, nil
}

func loadLogins(dataDir string) (Logins, error) {
	logins, err := ReadLogins(dataDir)
	if errors.Is(err, ErrNotFound) {
		return Logins{
			Services: Login{User: "services", Password: randomPassword()},
			Reader:   Login{User: "reader", Password: randomPassword()},
		}, nil
	}
	return logins, err
}

func (l Logins) save(dataDir string) error {
	raw, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the broker's users: %w", err)
	}
	path := filepath.Join(dataDir, loginsFile)
	if err := os.WriteFile(path+".new", append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the broker's users: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write the broker's users: %w", err)
	}
	return nil
}

// readerPermissions let people look and subscribe, and nothing else. Consumers of EVENTS are made through the subject
// that names their filter, so the server itself keeps a reader away from records; our own readers, which do read
// records, are out of bounds by name.
func readerPermissions() *server.Permissions {
	var deny []string
	for _, name := range []string{PostbackReader, CallbackResultReader, EventBridgeReader} {
		deny = append(deny, "$JS.API.CONSUMER.*."+Events+"."+name+".>", "$JS.API.CONSUMER.*."+Events+"."+name,
			"$JS.API.CONSUMER.MSG.NEXT."+Events+"."+name, "$JS.ACK."+Events+"."+name+".>")
	}
	return &server.Permissions{
		Publish: &server.SubjectPermission{
			Allow: []string{
				"$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST", "$JS.API.STREAM.INFO.*",
				"$JS.API.CONSUMER.NAMES.*", "$JS.API.CONSUMER.LIST.*", "$JS.API.CONSUMER.INFO.>",
				"$JS.API.CONSUMER.CREATE." + Events + ".*." + prefix + "evt.>",
				"$JS.API.CONSUMER.MSG.NEXT." + Events + ".*", "$JS.API.CONSUMER.DELETE." + Events + ".*",
				"$JS.ACK." + Events + ".>", "$JS.FC.>",
				"$JS.API.DIRECT.GET." + statusStream + ".>", "$JS.API.DIRECT.GET." + statusStream,
				"$JS.API.STREAM.MSG.GET." + statusStream,
				"$JS.API.CONSUMER.CREATE." + statusStream + ".>", "$JS.API.CONSUMER.DELETE." + statusStream + ".*",
			},
			Deny: deny,
		},
		Subscribe: &server.SubjectPermission{Allow: []string{events.LiveAll, "_INBOX.>"}},
	}
}

// serverLog puts the embedded server's words into ours.
type serverLog struct{ log *slog.Logger }

func (l *serverLog) Noticef(format string, v ...any) { l.log.Debug(serverSays, said(format, v)) }
func (l *serverLog) Warnf(format string, v ...any)   { l.log.Warn(serverSays, said(format, v)) }

// Errorf passes an error on. That somebody was refused something is for the log, but nobody has to act.
func (l *serverLog) Errorf(format string, v ...any) {
	level := slog.LevelError
	if strings.Contains(format, "Violation") || strings.Contains(format, "authentication error") {
		level = slog.LevelWarn
	}
	l.log.Log(context.Background(), level, serverSays, said(format, v))
}

func (l *serverLog) Fatalf(format string, v ...any) { l.log.Error(serverSays, said(format, v)) }
func (l *serverLog) Debugf(format string, v ...any) { l.log.Debug(serverSays, said(format, v)) }
func (l *serverLog) Tracef(string, ...any)          {}

const serverSays = "nats-server"

func said(format string, v []any) slog.Attr {
	return slog.String("says", strings.TrimSpace(fmt.Sprintf(format, v...)))
}

func randomPassword() string { return rand.Text() }

// hashed is the form in which the server wants passwords. The lowest cost is enough for 130 random bits, and it keeps
// the start short.
func hashed(password string) string {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		return password // longer than bcrypt takes: the operator's own choice, compared as it is
	}
	return string(hash)
}

// ServicesURL is the address of the broker with the services' user in it.
func (l Logins) ServicesURL() string {
	u, err := url.Parse(l.URL)
	if err != nil {
		return l.URL
	}
	u.User = url.UserPassword(l.Services.User, l.Services.Password)
	return u.String()
}

// Context is what the nats command line wants to know, in the shape of its context files.
func (l Logins) Context() ([]byte, error) {
	return json.MarshalIndent(map[string]string{
		"description": "Ringback, to look and to subscribe", "url": l.URL, "user": l.Reader.User, "password": l.Reader.Password,
	}, "", "  ")
}
