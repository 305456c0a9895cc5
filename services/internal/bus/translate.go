package bus

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
)

// Translation turns the messages of one stream into messages of another, once each: the position in the first is stored
// with what was made of it, and fenced.
type Translation struct {
	// Stream is read in its order, as far as Filters match.
	Stream  string
	Filters []string
	// Reader names the consumer that reads; there is one for all processes.
	Reader string
	// Target is the stream that is written, and Cursor the subject in it that holds the position.
	Target, Cursor string
	// Newest keeps only the last message for each subject of a batch, for streams that hold one a subject.
	Newest bool
	// Kind is the word for the queue in RINGBACK_DEAD.
	Kind string
	// Translate makes messages of one; none is fine. Those that a repeat must not double have an id. A message is
	// translated again when what was made of it could not be stored, so what Translate does beside making messages must
	// bear repeating. Its error follows the law of [Handler], but holds up what comes after: the order is kept.
	Translate func(ctx context.Context, message *Message) ([]Out, error)
}

const (
	// translateAhead is how many messages are read ahead, and the most that share a write: half of them are records, and a
	// batch costs as much as a dozen writes whatever its size.
	translateAhead = 1000
	translateTries = 10
	cursorBytes    = 8
	// standbyCheck is how often a process that stands by looks whether the owner still lives.
	standbyCheck  = time.Second
	resignTimeout = time.Second
	// idleCursor is how often the position is stored while nothing is made, so that a restart does not read it all again.
	idleCursor = 5 * time.Second
	readerPull = 10 * time.Second
	readerIdle = time.Minute
)

// Translate runs a translation until ctx ends. Any number of processes may run the same one: the position is fenced by
// the sequence of the message that holds it, so one of them wins each batch, and the others stand by until it stops.
//
// The broker's own acknowledgements are not used. On a stream that keeps its messages they reach the disk late, and a
// new owner would be handed new messages before the ones its predecessor left behind: the position would jump over them.
func (b *Bus) Translate(ctx context.Context, translation Translation) error {
	t := &translator{Translation: translation, bus: b}
	for ctx.Err() == nil {
		t.standBy(ctx)
		err := t.run(ctx)
		if ctx.Err() == nil {
			b.log.Warn("translation broke, starting over", "cursor", t.Cursor, "err", err)
			sleep(ctx, settleWait)
		}
	}
	return nil
}

type translator struct {
	Translation
	bus      *Bus
	made     time.Time // when the broker made the reader that was ours last
	position uint64    // sequence of the newest translated message
	revision uint64    // sequence of the cursor message that says so
	stored   time.Time
}

// run reads from the stored position and translates until something breaks.
func (t *translator) run(ctx context.Context) error {
	if err := t.load(ctx); err != nil {
		return err
	}
	feed, broken, stop, err := t.read(ctx)
	if err != nil {
		return err
	}
	defer stop()
	for {
		select {
		case <-ctx.Done():
			t.resign(ctx)
			return ctx.Err()
		case err := <-broken:
			return err
		case msg := <-feed:
			if err := t.round(ctx, drain(msg, feed)); err != nil {
				return err
			}
		}
	}
}

// read makes the reader anew at the stored position. Its name is fixed, so that there is one for all processes and
// that people's users can be kept away from it; a predecessor that still lives sees a gap and stops.
func (t *translator) read(ctx context.Context) (feed chan jetstream.Msg, broken chan error, stop func(), err error) {
	consumer, err := answer(ctx, t.bus.wait.write, func(ctx context.Context) (jetstream.Consumer, error) {
		t.resign(ctx) // in each try: who made the last one may be dead, or the one that it was to remove
		return t.bus.js.CreateConsumer(ctx, t.Stream, jetstream.ConsumerConfig{
			Name: t.Reader, FilterSubjects: t.Filters, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1,
			DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: t.position + 1, InactiveThreshold: readerIdle,
		})
	})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read %s from %d: %w", t.Stream, t.position+1, err)
	}
	t.made = consumer.CachedInfo().Created
	messages, err := consumer.Messages(jetstream.PullMaxMessages(translateAhead), jetstream.PullExpiry(readerPull),
		jetstream.PullHeartbeat(pulse))
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read %s: %w", t.Stream, err)
	}
	feed, broken = make(chan jetstream.Msg, translateAhead), make(chan error, 1)
	quit := make(chan struct{})
	var forwarding sync.WaitGroup
	forwarding.Go(func() {
		if err := forward(messages, feed, quit); err != nil {
			broken <- fmt.Errorf("read %s: %w", t.Stream, err)
		}
	})
	return feed, broken, func() { close(quit); messages.Stop(); forwarding.Wait() }, nil
}

// forward passes messages on until quit, and fails at the first that does not follow the one before.
func forward(messages jetstream.MessagesContext, feed chan<- jetstream.Msg, quit <-chan struct{}) error {
	for want := uint64(1); ; want++ {
		msg, err := messages.Next()
		if err != nil {
			return err
		}
		meta, err := msg.Metadata()
		if err != nil {
			return err
		}
		if meta.Sequence.Consumer != want {
			return fmt.Errorf("message %d came, want %d", meta.Sequence.Consumer, want)
		}
		select {
		case feed <- msg:
		case <-quit:
			return nil
		}
	}
}

// drain takes what is waiting already: whoever waits shares one write.
func drain(first jetstream.Msg, feed <-chan jetstream.Msg) []jetstream.Msg {
	batch := []jetstream.Msg{first}
	for len(batch) < translateAhead {
		select {
		case msg := <-feed:
			batch = append(batch, msg)
		default:
			return batch
		}
	}
	return batch
}

// round translates a batch and stores what was made of it, in as few writes as fit.
func (t *translator) round(ctx context.Context, batch []jetstream.Msg) error {
	var outs []Out
	last := t.position
	for _, msg := range batch {
		made, sequence, err := t.translate(ctx, msg)
		if err != nil {
			return err
		}
		if len(outs)+len(made)+1 > MaxBatch {
			if err := t.store(ctx, outs, last); err != nil {
				return err
			}
			outs = nil
		}
		outs, last = append(outs, made...), sequence
	}
	return t.store(ctx, outs, last)
}

// translate sees one message through: a failure holds up the rest until it passes or the message is rejected.
func (t *translator) translate(ctx context.Context, msg jetstream.Msg) ([]Out, uint64, error) {
	message, err := fromJetStream(msg)
	if err != nil {
		return nil, 0, err
	}
	for try := 1; ; try++ {
		made, err := t.Translate(ctx, message)
		if err == nil {
			return made, message.Sequence, nil
		}
		sentence, delay := judge(ctx, err, try, translateTries, 0)
		switch sentence {
		case cancelled:
			return nil, 0, ctx.Err()
		case reject:
			t.bus.log.Error("message rejected", "subject", message.Subject, "err", err)
			return nil, message.Sequence, t.bus.Bury(ctx, t.Kind, message, err)
		default:
			t.bus.log.Warn("translation held up", "subject", message.Subject, "attempt", try, "in", delay, "err", err)
			sleep(ctx, delay)
		}
	}
}

// store writes what was made and the new position. A full batch goes in one write, all or nothing. A few messages go
// one by one and the position last: an atomic batch costs as much as a dozen writes. Killed in between, or outrun by
// a rival, the same messages are made again; the broker drops those it has by their ids, and an attempt that is made
// again all the same has the delivery's one id.
func (t *translator) store(ctx context.Context, outs []Out, last uint64) error {
	if len(outs) == 0 && time.Since(t.stored) < idleCursor {
		return nil // nothing that a repeat could double
	}
	if t.Newest {
		outs = newestOfEach(outs)
	}
	revision := t.revision
	cursor := Out{
		Subject: t.Cursor, Data: binary.BigEndian.AppendUint64(nil, last), Last: &revision,
		Header: Header{jetstream.MsgRollup: {jetstream.MsgRollupSubject}}, // older positions are of no use
	}
	sequence, err := t.bus.PublishInOrder(ctx, append(outs, cursor))
	if errors.Is(err, ErrExists) {
		// Written by a rival, or by a try whose answer was lost; the same position means the same work, done.
		if lost := t.load(ctx); lost != nil || t.position != last {
			return errors.Join(err, lost)
		}
		return nil
	}
	if err != nil {
		return err
	}
	t.position, t.revision, t.stored = last, sequence, time.Now()
	return nil
}

// PublishInOrder stores messages of one stream, the last one last, and returns its sequence. Many go in one write, all or
// none; a few one by one. Those whose ids the broker has already are dropped.
func (b *Bus) PublishInOrder(ctx context.Context, outs []Out) (uint64, error) {
	if len(outs) >= manyWaiting {
		sequence, err := b.PublishAtomic(ctx, outs)
		if code, _ := apiError(err); code != jetstreamext.JSErrCodeBatchPublishDuplicateMsgID {
			return sequence, err
		}
		// One repeat refuses a whole batch; alone, each is dropped or stored.
	}
	var last Ack
	for _, out := range outs {
		var err error
		if last, err = b.Publish(ctx, out); err != nil {
			return 0, err
		}
	}
	return last.Sequence, nil
}

// newestOfEach drops the messages that a later one on the same subject would replace at once: a batch must not hold
// both.
func newestOfEach(outs []Out) []Out {
	newest := make(map[string]int, len(outs))
	for i, out := range outs {
		newest[out.Subject] = i
	}
	kept := outs[:0]
	for i, out := range outs {
		if newest[out.Subject] == i {
			kept = append(kept, out)
		}
	}
	return kept
}

// load reads the position that the newest batch left.
func (t *translator) load(ctx context.Context) error {
	message, err := t.bus.Last(ctx, t.Target, t.Cursor)
	switch {
	case errors.Is(err, ErrNotFound):
		t.position, t.revision = 0, 0
	case err != nil:
		return err
	case len(message.Data) != cursorBytes:
		return fmt.Errorf("cursor %s holds %d bytes, want %d", t.Cursor, len(message.Data), cursorBytes)
	default:
		t.position, t.revision = binary.BigEndian.Uint64(message.Data), message.Sequence
	}
	t.stored = time.Now()
	return nil
}

// standBy waits while another process translates: its reader waits for messages, or the position moves. A reader that
// does neither for the time of an owner has lost its process; one that is gone was given up. Who was the owner goes on at
// once unless another made a reader since: one that nobody can tell of was on a server that died.
func (t *translator) standBy(ctx context.Context) {
	seen, since := t.revision, time.Now()
	for ctx.Err() == nil && time.Since(since) < ownerTimeout {
		asking, cancel := context.WithTimeout(ctx, ofCluster.read)
		reader, err := t.bus.js.Consumer(asking, t.Stream, t.Reader)
		cancel()
		if errors.Is(err, jetstream.ErrConsumerNotFound) ||
			!t.made.IsZero() && (err != nil || reader.CachedInfo().Created.Equal(t.made)) {
			return
		}
		if err == nil && reader.CachedInfo().NumWaiting > 0 {
			since = time.Now()
		} else if message, err := t.bus.Last(ctx, t.Target, t.Cursor); err == nil && message.Sequence != seen {
			seen, since = message.Sequence, time.Now()
		}
		sleep(ctx, standbyCheck)
	}
}

// resign removes the reader, so that another can be made, and at a stop a successor need not wait for it to fall silent.
// One whose server died is removed without an answer.
func (t *translator) resign(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), resignTimeout)
	defer cancel()
	_ = t.bus.js.DeleteConsumer(ctx, t.Stream, t.Reader) // else it cannot be made anew, and that is told
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
