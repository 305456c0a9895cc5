// Package postback tells clients of results by HTTP: in the wire format of the dialect that a job came in by, or as
// CloudEvents.
//
//	Consumes  results with their records, in order and each once; then its own deliveries, first and late attempts, rounds
//	          through what is parked, and steps of replays
//	Emits     one delivery for each postback target of a job, its timers, the log of attempts, and what operators are told
//	Keeps     the position in the results beside the deliveries it made; parked deliveries; standings of endpoints
//	Promises  a result reaches every target at least once under one delivery id, or its failure is on record; what comes
//	          while an endpoint cannot take it is held; silent endpoints take no place of those that answer
//	On failure of the endpoint the delivery becomes a timer of the broker, or rests behind the lane's one timer; nothing
//	          waits in memory alone
//
// The owner of a lane (service.go) hands what comes to the dispatcher (dispatch.go), which lets endpoints (endpoint.go) take
// turns for the places that there are (flow.go, watch.go). What cannot go out rests in the yard (yard.go) until a round
// through its lane, or somebody's word, looks after it (rounds.go, wake.go).
package postback
