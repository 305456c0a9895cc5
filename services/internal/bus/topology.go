package bus

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/ringback/ringback/events"
	"github.com/ringback/ringback/services/internal/job"
)

// Streams and buckets. Every name and subject of the bus is in this file; `deploy/nats` is checked against it.
const (
	Jobs       = "RINGBACK_JOBS"
	Events     = events.Stream
	Hooks      = "RINGBACK_HOOKS"
	Parked     = "RINGBACK_PARKED"
	Media      = "RINGBACK_MEDIA"
	Bridge     = "RINGBACK_BRIDGE"
	Deliveries = "RINGBACK_DELIVERIES"
	Dead       = "RINGBACK_DEAD"

	StatusBucket      = events.StatusBucket
	ApplicationBucket = "applications"
	IdempotencyBucket = "idempotency"
	EndpointBucket    = "endpoints"
	AssetBucket       = "assets"
	MediaBucket       = "media"
	VoiceBucket       = "voices"
	ReplayBucket      = "replays"
	SweepBucket       = "sweeps"
)

// JobLanes, HookLanes and BridgeLanes are fixed when the streams are first made: a stored message keeps its lane.
const (
	JobLanes  = 16
	HookLanes = 8
	// BridgeLanes are few, because events share requests only within a lane.
	BridgeLanes = 4
)

// Retention of what is stored, and the bounds of what may be.
const (
	ResultRetention   = 7 * 24 * time.Hour
	DeadRetention     = 30 * 24 * time.Hour
	IdempotencyMemory = 24 * time.Hour
	// QueueCap is how many waiting jobs one application may have in one class before it is told to come back.
	QueueCap = 10_000
	// MaxJobBytes bounds a job and its record together.
	MaxJobBytes = 512 << 10
	// MaxBatch is the most messages that one atomic batch may hold; the server refuses more than 1,000.
	MaxBatch = 1000

	jobsMaxBytes = 2 << 30
	jobAckWait   = 5 * time.Second
	sinkAckWait  = 10 * time.Second
	// HookWindow is how many deliveries of a lane its owner holds at a time: in progress, or waiting for their turn.
	HookWindow = 256
	// ownerTimeout is how long an owner of a lane may be silent before the lane goes to another.
	ownerTimeout = 3 * time.Second
	// duplicateWindow catches the repeats of a publisher that did not get its answer; what must hold longer is
	// guarded by expected sequences instead.
	duplicateWindow = 2 * time.Minute
)

const prefix = events.Prefix + "."

// JobSubject is where a job of an application waits.
func JobSubject(class job.Class, application string) string {
	return fmt.Sprintf("%sjob.%s.%s.%s", prefix, class, JobLane(application), events.Token(application))
}

// JobLane is the lane that an application's jobs share with few others.
func JobLane(application string) string { return lane(application, JobLanes) }

// AcceptedFilter matches the headers-only live copies of accepted jobs; [ParseAccepted] reads the subject.
const AcceptedFilter = prefix + "live.*.accepted.*.*"

// ParseAccepted tells the class and lane of the live copy of an accepted job.
func ParseAccepted(subject string) (class job.Class, lane string, ok bool) {
	parts := strings.Split(subject, ".")
	if len(parts) != 6 {
		return "", "", false
	}
	return job.Class(parts[4]), parts[5], true
}

// AllJobs matches every job that waits or is in progress.
const AllJobs = prefix + "job.*.*.*"

// RecordSubject is where the sealed record of a finished job is kept, for sinks alone.
func RecordSubject(application, id string) string {
	return prefix + "prv." + events.Token(application) + "." + events.Token(id)
}

// BridgeFirst is where an application's events for EventBridge wait for their first attempt.
func BridgeFirst(application string) string { return bridgeSubject("first", application) }

// BridgeLate is where later attempts of an application's events become due.
func BridgeLate(application string) string { return bridgeSubject("late", application) }

// BridgeRetry is the timer of the next attempt of one event for EventBridge.
func BridgeRetry(application, delivery string) string {
	return prefix + "bridge.retry." + events.Token(application) + "." + events.Token(delivery)
}

// BridgeLane is the lane that an application's events for EventBridge share with few others.
func BridgeLane(application string) string { return lane(application, BridgeLanes) }

// BridgeCursor holds the position of the EventBridge translator.
const BridgeCursor = prefix + "bridge.cursor"

// MediaArm is the timer that ends a media item's window; there is at most one.
func MediaArm(application, item string) string { return mediaSubject("arm", application, item) }

// MediaArms matches the timers of all media items of an application.
func MediaArms(application string) string {
	return prefix + "media.arm." + events.Token(application) + ".*"
}

// MediaDue is where a media item's timer fires.
func MediaDue(application, item string) string { return mediaSubject("due", application, item) }

// MediaTarget holds where a media item's callbacks go, sealed.
func MediaTarget(application, item string) string { return mediaSubject("target", application, item) }

// MediaSent holds which revision of a media item was sent last, and for which window.
func MediaSent(application, item string) string { return mediaSubject("sent", application, item) }

// MediaKey is the key of a media item in [MediaBucket].
func MediaKey(application, item string) string {
	return events.Token(application) + "." + events.Token(item)
}

// DeliverySubject is the log entry of a delivery in a state.
func DeliverySubject(application, state, endpoint, delivery string) string {
	return prefix + "dlv." + events.Token(application) + "." + state + "." + endpoint + "." + events.Token(delivery)
}

// DeliveryFilter matches log entries; an empty part matches any.
func DeliveryFilter(application, state, endpoint, delivery string) string {
	part := func(token string) string {
		if token == "" {
			return "*"
		}
		return token
	}
	id := ""
	if delivery != "" {
		id = events.Token(delivery)
	}
	return prefix + "dlv." + events.Token(application) + "." + part(state) + "." + part(endpoint) + "." + part(id)
}

// OperatorSubject is where an endpoint's troubles are told to operators. It is stored beside the log of attempts, and
// republished to its live subject.
func OperatorSubject(application, endpoint string) string {
	return prefix + "opr." + events.Token(application) + ".endpoint." + endpoint
}

// EndpointKey is the key of an endpoint in [EndpointBucket].
func EndpointKey(application, endpoint string) string {
	return events.Token(application) + "." + endpoint
}

// DeadSubject is where what cannot be handled is kept, by kind ("job", "hook", …).
func DeadSubject(kind, application string) string {
	return prefix + "dead." + kind + "." + events.Token(application)
}

// JobConsumer names the durable consumer of one lane of a class.
func JobConsumer(class job.Class, lane string) string {
	return "processor-" + string(class) + "-" + lane
}

// HookConsumer names the durable consumer of one lane of deliveries.
func HookConsumer(lane string) string { return "hooks-" + lane }

// BridgeConsumer names the durable consumer of one lane of events for EventBridge.
func BridgeConsumer(lane string) string { return "bridge-" + lane }

// CallbackDueConsumer names the durable consumer of windows that ended.
const CallbackDueConsumer = "callback-due"

// The readers of the translators; see [Translation.Reader].
const (
	PostbackReader       = "translate-postback"
	EventBridgeReader    = "translate-eventbridge"
	CallbackResultReader = "translate-callback-results"
	CallbackChangeReader = "translate-callback-changes"
)

// Results is every result and the record stored just before it, in the order of the stream: all that is in [Events]. It
// is no filter, because two of them cost the broker twice the time.
func Results() []string { return nil }

// MediaChanges is every change of a media item.
const MediaChanges = "$KV." + MediaBucket + ".>"

// MediaRecord is the subject of a media item's record, for writes that carry headers.
func MediaRecord(application, item string) string {
	return "$KV." + MediaBucket + "." + MediaKey(application, item)
}

// MediaRecords matches the records of all media items of an application.
func MediaRecords(application string) string {
	return "$KV." + MediaBucket + "." + events.Token(application) + ".*"
}

// MediaStream is the stream behind [MediaBucket]: its change feed.
const MediaStream = "KV_" + MediaBucket

// MediaCursor holds the position of one of the callback sink's translators.
func MediaCursor(name string) string { return prefix + "media.cursor.callback." + name }

const (
	resultFilter          = prefix + "evt.*.result.*"
	recordFilter          = prefix + "prv.*.*"
	ownerGroup            = "owner"
	statusStream          = "KV_" + StatusBucket
	advisoryMaxDeliveries = "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES."
	advisoryTerminated    = "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED."
	sinkInFlight          = 1000
	bridgeInFlight        = 256 // events may be of a megabyte, and all that are handed out are in memory
)

// LaneNames lists the lanes of a queue with n lanes.
func LaneNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = laneName(i)
	}
	return names
}

func bridgeSubject(turn, application string) string {
	return prefix + "bridge." + turn + "." + BridgeLane(application) + "." + events.Token(application)
}

func mediaSubject(kind, application, item string) string {
	return prefix + "media." + kind + "." + MediaKey(application, item)
}

func lane(key string, n uint32) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	return laneName(int(h.Sum32() % n))
}

func laneName(i int) string { return fmt.Sprintf("%02d", i) }

// streams declares every stream and bucket. replicas is 1 on one machine and 3 on a cluster.
func streams(replicas int) []jetstream.StreamConfig {
	async := jetstream.AsyncPersistMode
	if replicas > 1 {
		async = jetstream.DefaultPersistMode // the server allows it on one replica only
	}
	dead := []string{prefix + "dead.>"}
	for _, stream := range []string{Jobs, Hooks, Events, Media, Bridge} {
		dead = append(dead, advisoryMaxDeliveries+stream+".>", advisoryTerminated+stream+".>")
	}
	list := []jetstream.StreamConfig{
		{
			Name: Jobs, Description: "jobs that wait for a processor, with their sealed records",
			Subjects: []string{AllJobs}, Retention: jetstream.WorkQueuePolicy,
			Discard: jetstream.DiscardNew, DiscardNewPerSubject: true, MaxMsgsPerSubject: QueueCap,
			MaxBytes: jobsMaxBytes, MaxMsgSize: MaxJobBytes, Duplicates: duplicateWindow, AllowAtomicPublish: true,
			RePublish: &jetstream.RePublish{
				Source:      AllJobs,
				Destination: prefix + "live.{{wildcard(3)}}.accepted.{{wildcard(1)}}.{{wildcard(2)}}",
				HeadersOnly: true,
			},
		},
		{
			Name: Events, Description: "the one result of each job, and its sealed record",
			Subjects: []string{prefix + "evt.*.*.*", recordFilter}, MaxAge: ResultRetention, MaxMsgsPerSubject: 1,
			AllowAtomicPublish: true, Duplicates: duplicateWindow,
			RePublish: &jetstream.RePublish{Source: prefix + "evt.>", Destination: prefix + "live.>"},
		},
		{
			Name: statusStream, Description: "newest result of each job, sourced by the server",
			MaxAge: ResultRetention, MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DenyDelete: true,
			AllowRollup: true, AllowDirect: true, PersistMode: async,
			Sources: []*jetstream.StreamSource{{
				Name: Events,
				SubjectTransforms: []jetstream.SubjectTransformConfig{{
					Source:      resultFilter,
					Destination: "$KV." + StatusBucket + ".{{wildcard(1)}}.{{wildcard(2)}}",
				}},
			}},
		},
		{
			Name: Hooks, Description: "deliveries, their timers and the position of the translator",
			Subjects: []string{prefix + "hook.>"}, AllowMsgSchedules: true, AllowAtomicPublish: true, AllowRollup: true,
			Duplicates: duplicateWindow,
		},
		{
			Name: Parked, Description: "deliveries that rest until their endpoint can be tried",
			Subjects: []string{HookParkedFilter}, AllowAtomicPublish: true, Duplicates: duplicateWindow,
		},
		{
			Name: Media, Description: "windows of media items: timers, targets and what was sent",
			Subjects: []string{prefix + "media.*.*.*"}, MaxMsgsPerSubject: 1, AllowMsgSchedules: true,
			AllowAtomicPublish: true, AllowRollup: true, Duplicates: duplicateWindow,
		},
		{
			Name: Bridge, Description: "events for EventBridge, their timers and the position of the translator",
			Subjects: []string{prefix + "bridge.>"}, AllowMsgSchedules: true, AllowAtomicPublish: true, AllowRollup: true,
			Duplicates: duplicateWindow,
		},
		{
			Name: Deliveries, Description: "log of attempts, and what operators are told of endpoints",
			Subjects: []string{prefix + "dlv.>", prefix + "opr.>"},
			MaxAge:   ResultRetention, Duplicates: duplicateWindow, PersistMode: async,
			RePublish: &jetstream.RePublish{Source: prefix + "opr.>", Destination: prefix + "live.>"},
		},
		{
			Name: Dead, Description: "what could not be handled, and the broker's word on it", Subjects: dead,
			MaxAge: DeadRetention, Duplicates: duplicateWindow,
		},
		bucket(ApplicationBucket, "applications; their secrets are sealed"),
		bucket(EndpointBucket, "endpoints: where they are, whether they are paused, disabled or failing"),
		bucket(ReplayBucket, "replays of deliveries: what is asked for, and how far they are"),
		bucket(MediaBucket, "newest state of each media item"),
		bucket(VoiceBucket, "what each voter said of a media item"),
		bucket(IdempotencyBucket, "job of each idempotency key"),
		bucket(SweepBucket, "how far the removal of old blobs is, by area"),
		bucket(AssetBucket, "pictures that live on under a public id, and which of them have a tag"),
	}
	for i := range list {
		list[i].Replicas = replicas
		list[i].Storage = jetstream.FileStorage
		refine(&list[i])
	}
	return list
}

// refine adds what only one of the buckets has.
func refine(config *jetstream.StreamConfig) {
	switch config.Name {
	case MediaStream:
		config.AllowDirect = false // readers must see the newest record: always ask the leader
		config.AllowAtomicPublish = true
		config.RePublish = &jetstream.RePublish{
			Source:      "$KV." + MediaBucket + ".*.*",
			Destination: prefix + "live.{{wildcard(1)}}.media.{{wildcard(2)}}",
		}
	case "KV_" + ApplicationBucket:
		config.AllowDirect = false // whoever changed a setting wants to see it
	case "KV_" + AssetBucket:
		config.AllowDirect = false // who was told of an asset must find it: always ask the leader
	case "KV_" + VoiceBucket:
		config.AllowDirect = false // a voter whose voice was missed would have two
	case "KV_" + IdempotencyBucket:
		config.AllowDirect = false // what one request noted the next has to find, wherever it arrives
		config.AllowMsgTTL = true
		config.SubjectDeleteMarkerTTL = time.Minute
	}
}

// bucket is a key-value bucket as the stream that it is, so that settings beyond the bucket's can be given.
func bucket(name, description string) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: "KV_" + name, Description: description, Subjects: []string{"$KV." + name + ".>"},
		MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DenyDelete: true, AllowRollup: true, AllowDirect: true,
		Duplicates: duplicateWindow,
	}
}

// consumers declares every durable consumer, by stream.
func consumers() map[string][]jetstream.ConsumerConfig {
	list := map[string][]jetstream.ConsumerConfig{
		Media: {shared(CallbackDueConsumer, prefix+"media.due.>")},
		Hooks: {shared(ReplayConsumer, prefix+"hook.replay.*.*")},
	}
	for _, class := range job.Classes {
		for _, lane := range LaneNames(JobLanes) {
			config := shared(JobConsumer(class, lane), prefix+"job."+string(class)+"."+lane+".*")
			config.AckWait = jobAckWait
			list[Jobs] = append(list[Jobs], config)
		}
	}
	for _, lane := range LaneNames(HookLanes) {
		list[Hooks] = append(list[Hooks],
			hookLane(lane))
	}
	for _, lane := range LaneNames(BridgeLanes) {
		// Shared: nothing is remembered of a bus that a second process must not send to as well.
		config := shared(BridgeConsumer(lane), prefix+"bridge.first."+lane+".*", prefix+"bridge.late."+lane+".*")
		config.MaxAckPending = bridgeInFlight
		list[Bridge] = append(list[Bridge], config)
	}
	return list
}

// shared is a consumer that any number of processes work on side by side.
func shared(name string, filters ...string) jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable: name, FilterSubjects: filters, AckPolicy: jetstream.AckExplicitPolicy, AckWait: sinkAckWait,
		MaxDeliver: -1, MaxAckPending: sinkInFlight, DeliverPolicy: jetstream.DeliverAllPolicy,
	}
}

// owned is a consumer that the broker gives to one process at a time.
func owned(name string, filters ...string) jetstream.ConsumerConfig {
	config := shared(name, filters...)
	config.PriorityPolicy = jetstream.PriorityPolicyPinned
	config.PriorityGroups = []string{ownerGroup}
	config.PinnedTTL = ownerTimeout
	return config
}

// ParseResult reads the subject of a result or of a record.
func ParseResult(subject string) (application, id string, record bool, err error) {
	parts := strings.Split(subject, ".")
	if len(parts) < 4 {
		return "", "", false, fmt.Errorf("%s is neither a result nor a record", subject)
	}
	if application, err = events.ParseToken(parts[2]); err != nil {
		return "", "", false, err
	}
	id, err = events.ParseToken(parts[len(parts)-1])
	return application, id, parts[1] == "prv", err
}

// ParseMediaKey reads the application and the item from the end of a subject or key of a media item.
func ParseMediaKey(subject string) (application, item string, err error) {
	parts := strings.Split(subject, ".")
	if len(parts) < 2 {
		return "", "", fmt.Errorf("%s names no media item", subject)
	}
	if application, err = events.ParseToken(parts[len(parts)-2]); err != nil {
		return "", "", err
	}
	item, err = events.ParseToken(parts[len(parts)-1])
	return application, item, err
}
