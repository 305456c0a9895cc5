package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/ringback/ringback/services/internal/job"
)

// sweepEvery is how often the queue is asked what waits in it, for wake-ups that were missed and for jobs whose
// processor was killed. It costs one question, whatever the number of lanes.
const sweepEvery = 2 * time.Second

// lanePause is the wait before a lane is looked into again that could not be.
const lanePause = 500 * time.Millisecond

// TakeJobs hands waiting jobs to a handler, one for each free slot and never one ahead, until ctx ends. The lanes of a
// class take turns; of twelve jobs eight are of class high, three standard and one bulk while all classes wait.
func (b *Bus) TakeJobs(ctx context.Context, slots int, duty Duty) error {
	t := &taker{bus: b, turns: newTurns(), settler: b.newSettler(duty, "processor")}
	stop, err := b.Listen(AcceptedFilter, func(m *Message) {
		if class, lane, ok := ParseAccepted(m.Subject); ok {
			t.turns.wake(class, lane)
		}
	})
	if err != nil {
		return err
	}
	defer stop()
	work, cancel := workContext(ctx, duty.Grace)
	defer cancel()
	defer t.settler.keepAlive(jobAckWait)()
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { t.sweep(ctx) })
	for range slots {
		running.Go(func() { t.slot(ctx, work) })
	}
	<-ctx.Done()
	t.turns.close()
	return nil
}

type taker struct {
	bus     *Bus
	turns   *turns
	settler *settler
	handles sync.Map // name of a lane's consumer to jetstream.Consumer
}

// slot is one place to work: it takes a job, sees it through, and takes the next.
func (t *taker) slot(ctx, work context.Context) {
	for {
		class, lane, ok := t.turns.next()
		if !ok {
			return
		}
		msg, err := t.fetch(ctx, class, lane)
		if err != nil {
			if ctx.Err() == nil {
				t.bus.log.Warn("take a job", "lane", JobConsumer(class, lane), "err", err)
			}
			t.wakeAfter(lanePause, class, lane) // it has jobs, and no leader for some seconds
			continue
		}
		if msg == nil {
			continue
		}
		t.turns.wake(class, lane) // there may be more
		if back, returns := t.settler.handle(work, msg); returns {
			t.wakeAfter(back+10*time.Millisecond, class, lane)
		}
	}
}

func (t *taker) wakeAfter(pause time.Duration, class job.Class, lane string) {
	time.AfterFunc(pause, func() { t.turns.wake(class, lane) })
}

// fetch takes one message without waiting; nil when the lane is empty.
func (t *taker) fetch(ctx context.Context, class job.Class, lane string) (jetstream.Msg, error) {
	consumer, err := t.consumer(ctx, JobConsumer(class, lane))
	if err != nil {
		return nil, err
	}
	batch, err := consumer.FetchNoWait(1)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	msg := <-batch.Messages()
	if msg == nil && batch.Error() != nil && !errors.Is(batch.Error(), jetstream.ErrNoMessages) {
		return nil, fmt.Errorf("fetch: %w", batch.Error())
	}
	return msg, nil
}

func (t *taker) consumer(ctx context.Context, name string) (jetstream.Consumer, error) {
	if c, ok := t.handles.Load(name); ok {
		return c.(jetstream.Consumer), nil
	}
	c, err := t.bus.consumer(ctx, Jobs, name)
	if err != nil {
		return nil, err
	}
	t.handles.Store(name, c)
	return c, nil
}

func (t *taker) sweep(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		t.wakeWaiting(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// wakeWaiting wakes every lane that has messages, also those that another processor is working on: a fetch that finds
// nothing costs little.
func (t *taker) wakeWaiting(ctx context.Context) {
	stream, err := t.bus.stream(ctx, Jobs)
	if err != nil {
		return // the next sweep asks again, and health tells people
	}
	ctx, cancel := context.WithTimeout(ctx, sweepEvery)
	defer cancel()
	info, err := stream.Info(ctx)
	if err != nil || info.State.Msgs == 0 {
		return
	}
	info, err = stream.Info(ctx, jetstream.WithSubjectFilter(prefix+"job.>"))
	if err != nil {
		return
	}
	for subject := range info.State.Subjects {
		if parts := strings.Split(subject, "."); len(parts) == 5 {
			t.turns.wake(job.Class(parts[2]), parts[3])
		}
	}
}

// turns decides which lane a free slot looks into. Only lanes that were woken are looked into, so that an idle
// processor asks nothing.
type turns struct {
	mu     sync.Mutex
	wakeup *sync.Cond
	closed bool
	awake  map[job.Class]map[string]bool
	queue  map[job.Class][]string // woken lanes in the order of their turns
	round  int
}

// classRound is the share of each class in twelve turns while all of them wait.
var classRound = [...]job.Class{
	job.High, job.High, job.Standard, job.High, job.High, job.Standard,
	job.High, job.High, job.Standard, job.High, job.High, job.Bulk,
}

func newTurns() *turns {
	t := &turns{awake: map[job.Class]map[string]bool{}, queue: map[job.Class][]string{}}
	for _, class := range job.Classes {
		t.awake[class] = map[string]bool{}
	}
	t.wakeup = sync.NewCond(&t.mu)
	return t
}

func (t *turns) wake(class job.Class, lane string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	lanes, known := t.awake[class]
	if !known || lanes[lane] {
		return
	}
	lanes[lane] = true
	t.queue[class] = append(t.queue[class], lane)
	t.wakeup.Signal()
}

// next waits for a woken lane and puts it to sleep; whoever finds a message there wakes it again.
func (t *turns) next() (job.Class, string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for !t.closed {
		if class, ok := t.pick(); ok {
			lane := t.queue[class][0]
			t.queue[class] = t.queue[class][1:]
			delete(t.awake[class], lane)
			return class, lane, true
		}
		t.wakeup.Wait()
	}
	return "", "", false
}

// pick gives the turn to the first class from the current place in the round that has a woken lane.
func (t *turns) pick() (job.Class, bool) {
	for i := range classRound {
		class := classRound[(t.round+i)%len(classRound)]
		if len(t.queue[class]) > 0 {
			t.round = (t.round + i + 1) % len(classRound)
			return class, true
		}
	}
	return "", false
}

func (t *turns) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	t.wakeup.Broadcast()
}
