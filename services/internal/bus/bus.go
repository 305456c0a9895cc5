package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var errAckLate = errors.New("the broker did not confirm in time")

// reconnectWait is the pause between two tries to reach a server; tries never end.
const reconnectWait = 500 * time.Millisecond

// pingEvery is how often the server is asked whether it lives.
const pingEvery = 5 * time.Second

// Bus is a connection to the broker with the topology in place. It is safe for concurrent use.
type Bus struct {
	nc      *nats.Conn
	js      jetstream.JetStream
	server  *embedded // nil on an external cluster
	log     *slog.Logger
	handles sync.Map // stream name to jetstream.Stream
	refused atomic.Pointer[error]
	gaps    gaps
	wait    patience
}

// Open starts the embedded server in dataDir, or connects to the external one, and puts the topology in place. The
// embedded server fails with [ErrInUse] when another process has the folder or the address. An external cluster is
// waited for until ctx ends.
func Open(ctx context.Context, config Config, dataDir string, log *slog.Logger) (*Bus, error) {
	b := &Bus{log: log, wait: ofCluster}
	replicas := config.Replicas
	if config.URL == "" {
		server, err := startEmbedded(config, dataDir, log)
		if err != nil {
			return nil, err
		}
		b.server, b.wait, replicas = server, ofOne, 1
	}
	if err := b.connect(ctx, config); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	ctx, cancel := context.WithTimeout(ctx, declareTimeout)
	defer cancel()
	if err := b.declareWhenReady(ctx, replicas); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Dial connects to a running Ringback without touching its topology: for the command line.
func Dial(url string, log *slog.Logger) (*Bus, error) {
	b := &Bus{log: log, wait: ofCluster}
	nc, err := nats.Connect(url, nats.Name("ringback"), nats.CustomInboxPrefix(inboxPrefix))
	if err != nil {
		return nil, fmt.Errorf("connect to the broker: %w", withoutSecrets(err))
	}
	b.nc = nc
	if b.js, err = jetstream.New(nc); err != nil {
		return nil, errors.Join(fmt.Errorf("use the broker: %w", err), b.Close())
	}
	return b, nil
}

func (b *Bus) connect(ctx context.Context, config Config) error {
	options := []nats.Option{
		nats.Name("ringback"), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait),
		nats.RetryOnFailedConnect(true), nats.CustomInboxPrefix(inboxPrefix),
		// A server that vanished without a word is left after two of these; the library's two minutes are too long.
		nats.PingInterval(pingEvery),
		// Without a connection a publish must fail at once: the client is told to come back, and nothing is sent later
		// that its sender has given up.
		nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { b.log.Warn("broker connection lost", "err", err) }),
		nats.ReconnectHandler(func(*nats.Conn) {
			b.log.Info("broker connection back")
			b.gaps.tell()
		}),
		nats.ErrorHandler(func(_ *nats.Conn, sub *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrSlowConsumer) {
				b.gaps.tell()
			}
			subject := ""
			if sub != nil {
				subject = sub.Subject
			}
			b.log.Warn("broker connection", "subject", subject, "err", err)
		}),
	}
	url := config.URL.Reveal()
	if b.server != nil {
		url = ""
		options = append(options, b.server.inProcess()...)
	}
	nc, err := nats.Connect(url, options...)
	if err != nil {
		return fmt.Errorf("connect to the broker: %w", withoutSecrets(err))
	}
	b.nc = nc
	if b.js, err = jetstream.New(nc, jetstream.WithDefaultTimeout(publishTimeout)); err != nil {
		return fmt.Errorf("use the broker: %w", err)
	}
	return ctx.Err()
}

// declareWhenReady waits for a cluster that is still electing its leaders: a question that comes too early is never
// answered, so each gets a second.
func (b *Bus) declareWhenReady(ctx context.Context, replicas int) error {
	for b.server == nil {
		asking, cancel := context.WithTimeout(ctx, time.Second)
		_, err := b.js.AccountInfo(asking)
		cancel()
		if err == nil {
			break
		}
		b.log.Info("waiting for the broker", "err", err)
		if sleep(ctx, reconnectWait); ctx.Err() != nil {
			return fmt.Errorf("the broker did not answer in %s: %w", declareTimeout, err)
		}
	}
	return declare(ctx, b.js, replicas)
}

// Close ends the connection and then the embedded server. What is not acknowledged by then comes back.
func (b *Bus) Close() error {
	if b.nc != nil {
		b.nc.Close()
	}
	if b.server != nil {
		return b.server.stop()
	}
	return nil
}

// inboxPrefix keeps the services' answers apart from the inboxes that readers may listen on: an answer can hold a
// record.
const inboxPrefix = "_RINGBACK_INBOX"

// withoutSecrets drops the text of an error that may quote a URL with a password.
func withoutSecrets(err error) error {
	if strings.Contains(err.Error(), "@") {
		return errors.New("the URL in RINGBACK_NATS_URL cannot be used")
	}
	return err
}

// ConnectReader connects as people do, for the SDK in package events.
func ConnectReader(logins Logins) (*nats.Conn, error) {
	nc, err := nats.Connect(logins.URL, nats.UserInfo(logins.Reader.User, logins.Reader.Password), nats.MaxReconnects(-1))
	if err != nil {
		return nil, fmt.Errorf("connect to the broker at %s: %w", logins.URL, err)
	}
	return nc, nil
}
