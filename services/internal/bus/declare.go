package bus

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// declare makes what is missing and updates what changed. Nothing is ever deleted or made anew: a setting that the
// server cannot change on a living stream is refused with a sentence, and what is stored stays as it is. Of several
// processes that declare the same at once, a cluster leaves some without an answer; asked again, what was done by then is
// found done.
func declare(ctx context.Context, js jetstream.JetStream, replicas int) error {
	for _, want := range streams(replicas) {
		if err := ask(ctx, answerTimeout, func(ctx context.Context) error { return declareStream(ctx, js, want) }); err != nil {
			return err
		}
	}
	for stream, list := range consumers() {
		if err := ask(ctx, answerTimeout, func(ctx context.Context) error { return declareConsumers(ctx, js, stream, list) }); err != nil {
			return err
		}
	}
	return nil
}

func declareStream(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) error {
	have, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if _, err = js.CreateStream(ctx, want); err == nil {
			return nil
		}
		if !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			return fmt.Errorf("declare stream %s: %w", want.Name, err)
		}
		have, err = js.Stream(ctx, want.Name) // another process was faster
	}
	if err != nil {
		return fmt.Errorf("look up stream %s: %w", want.Name, err)
	}
	if err := changeable(have.CachedInfo().Config, want); err != nil {
		return err
	}
	if sameStream(have.CachedInfo().Config, want) {
		return nil
	}
	if _, err := js.UpdateStream(ctx, want); err != nil && ctx.Err() != nil {
		return fmt.Errorf("update stream %s: %w", want.Name, err)
	} else if err != nil {
		return fmt.Errorf("stream %s exists with other settings and the server refuses to change them; "+
			"what it stores was left alone. Move its data with `nats stream backup` and `restore`: %w", want.Name, err)
	}
	return nil
}

// changeable names the settings that a living stream cannot change, before the server is asked.
func changeable(have, want jetstream.StreamConfig) error {
	var field string
	switch {
	case have.Retention != want.Retention:
		field = fmt.Sprintf("retention is %s, want %s", have.Retention, want.Retention)
	case have.Storage != want.Storage:
		field = fmt.Sprintf("storage is %s, want %s", have.Storage, want.Storage)
	case have.AllowMsgSchedules && !want.AllowMsgSchedules:
		field = "message schedules are on and cannot be switched off"
	case have.PersistMode != want.PersistMode:
		field = fmt.Sprintf("persistence is %s, want %s", have.PersistMode, want.PersistMode)
	default:
		return nil
	}
	return fmt.Errorf("%w: stream %s: %s. Nothing was changed; move its data with `nats stream backup` and `restore`",
		ErrTopology, want.Name, field)
}

func declareConsumers(ctx context.Context, js jetstream.JetStream, stream string, list []jetstream.ConsumerConfig) error {
	have, err := consumerConfigs(ctx, js, stream)
	if err != nil {
		return err
	}
	for _, want := range list {
		if current, ok := have[want.Durable]; ok && sameConsumer(current, want) {
			continue // a restart with 70 consumers asks 5 questions, not 70
		}
		if _, err := js.CreateOrUpdateConsumer(ctx, stream, want); err != nil {
			return fmt.Errorf("declare consumer %s of %s: %w", want.Durable, stream, err)
		}
	}
	return nil
}

func consumerConfigs(ctx context.Context, js jetstream.JetStream, stream string) (map[string]jetstream.ConsumerConfig, error) {
	s, err := js.Stream(ctx, stream)
	if err != nil {
		return nil, fmt.Errorf("look up stream %s: %w", stream, err)
	}
	lister := s.ListConsumers(ctx)
	configs := map[string]jetstream.ConsumerConfig{}
	for info := range lister.Info() {
		configs[info.Name] = info.Config
	}
	if err := lister.Err(); err != nil {
		return nil, fmt.Errorf("list consumers of %s: %w", stream, err)
	}
	return configs, nil
}

func sameConsumer(have, want jetstream.ConsumerConfig) bool {
	filters := have.FilterSubjects
	if have.FilterSubject != "" {
		filters = []string{have.FilterSubject}
	}
	return slices.Equal(filters, want.FilterSubjects) && have.AckWait == want.AckWait &&
		have.MaxDeliver == want.MaxDeliver && have.MaxAckPending == want.MaxAckPending &&
		have.PriorityPolicy == want.PriorityPolicy && have.PinnedTTL == want.PinnedTTL
}

// declareTimeout bounds the whole declaration; on a cluster every stream and consumer elects a leader.
const declareTimeout = 60 * time.Second

// answerTimeout bounds one step of it.
const answerTimeout = 5 * time.Second

// sameStream compares what we set, so that a start changes nothing where nothing changed: an update that says the same
// is a proposal to a whole cluster all the same.
func sameStream(have, want jetstream.StreamConfig) bool {
	return have.Description == want.Description && slices.Equal(have.Subjects, want.Subjects) &&
		have.MaxMsgsPerSubject == perSubject(want) && have.MaxBytes == unlimited(want.MaxBytes) && have.MaxAge == want.MaxAge &&
		int64(have.MaxMsgSize) == unlimited(int64(want.MaxMsgSize)) && have.Discard == want.Discard &&
		have.DiscardNewPerSubject == want.DiscardNewPerSubject && have.Duplicates == want.Duplicates &&
		have.Replicas == want.Replicas && have.AllowDirect == want.AllowDirect && have.AllowRollup == want.AllowRollup &&
		have.AllowMsgTTL == want.AllowMsgTTL && have.AllowAtomicPublish == want.AllowAtomicPublish &&
		have.AllowMsgSchedules == want.AllowMsgSchedules && have.SubjectDeleteMarkerTTL == want.SubjectDeleteMarkerTTL &&
		have.DenyDelete == want.DenyDelete && reflect.DeepEqual(have.RePublish, want.RePublish)
}

func perSubject(want jetstream.StreamConfig) int64 { return unlimited(want.MaxMsgsPerSubject) }

// unlimited is how the server writes a limit that is not set.
func unlimited(limit int64) int64 {
	if limit == 0 {
		return -1
	}
	return limit
}
