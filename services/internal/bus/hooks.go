package bus

import (
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/ringback/ringback/events"
)

// HookFirst is where the first attempt of a delivery waits.
func HookFirst(endpoint string) string { return hookTurn("first", endpoint) }

// HookLate is where later attempts of a delivery become due.
func HookLate(endpoint string) string { return hookTurn("late", endpoint) }

// HookRetry is the timer of one delivery's next attempt.
func HookRetry(endpoint, delivery string) string {
	return prefix + "hook.retry." + endpoint + "." + events.Token(delivery)
}

// HookParked is where the deliveries of an endpoint rest that cannot go out now. They have a stream of their own,
// [Parked]: what is stored and removed there holds up no delivery that goes out at once.
func HookParked(endpoint string) string {
	return prefix + "parked." + HookLane(endpoint) + "." + endpoint
}

// HookParkedLane matches the parked deliveries of a lane.
func HookParkedLane(lane string) string { return prefix + "parked." + lane + ".*" }

// HookProbe is the one timer of a lane with parked deliveries.
func HookProbe(lane string) string { return prefix + "hook.probe." + lane }

// HookRound is where a lane's timer fires: its owner looks which endpoints can be tried.
func HookRound(lane string) string { return prefix + "hook.lane." + lane + ".round." + lane }

// HookWake is where somebody says that an endpoint can be tried: its lane's owner looks what can go out.
func HookWake(endpoint string) string { return hookTurn("wake", endpoint) }

// HookReplay is where the next step of a replay is due, and HookReplayTimer its timer.
func HookReplay(application, id string) string {
	return prefix + "hook.replay." + events.Token(application) + "." + id
}

// HookReplayTimer is the timer of a replay's next step.
func HookReplayTimer(application, id string) string {
	return prefix + "hook.step." + events.Token(application) + "." + id
}

// ReplayConsumer names the durable consumer of steps of replays.
const ReplayConsumer = "hook-replays"

// HookParkedFilter matches all parked deliveries.
const HookParkedFilter = prefix + "parked.*.*"

// ParsePark reads the endpoint of a parked delivery.
func ParsePark(subject string) (endpoint string, ok bool) {
	parts := strings.Split(subject, ".")
	if len(parts) != 4 || parts[1] != "parked" {
		return "", false
	}
	return parts[3], true
}

// ParseHook reads what a message of a lane is and whose: "first", "late" or "wake", and the endpoint; or "round" and the
// lane.
func ParseHook(subject string) (turn, whose string, ok bool) {
	parts := strings.Split(subject, ".")
	if len(parts) != 6 || parts[1] != "hook" || parts[2] != "lane" {
		return "", "", false
	}
	return parts[4], parts[5], true
}

// HookLane is the lane of an endpoint.
func HookLane(endpoint string) string { return lane(endpoint, HookLanes) }

// HookCursor holds the position of the postback translator.
const HookCursor = prefix + "hook.cursor"

// hookTurn is a subject that a lane's one filter matches: a consumer of several filters costs the broker twice the time.
func hookTurn(turn, endpoint string) string {
	return prefix + "hook.lane." + HookLane(endpoint) + "." + turn + "." + endpoint
}

func hookLane(lane string) jetstream.ConsumerConfig {
	config := owned(HookConsumer(lane), prefix+"hook.lane."+lane+".>")
	config.MaxAckPending = HookWindow
	return config
}
