// Package eventbridge tells clients of results by events on an AWS EventBridge bus.
//
//	Consumes  results with their records, in order and each once; then its own events, first and late attempts
//	Emits     one event for each job that asks for it or whose application wants all; timers, and the log of attempts
//	Keeps     the position in the results beside the events it made
//	Promises  a result reaches the bus at least once with the job's id in its detail, or its failure is on record
//	On failure of an entry it alone becomes a timer of the broker; what another attempt cannot change is buried at once
//
// # What an event looks like
//
// The detail of a native job is its result document, the same JSON that polling answers with: rules can match its state,
// and its id is the job's. A Blitline job's is {"base64_json": "…"} and nothing else, as its service sent: the JSON of
// the postback in base 64, with the job_id in it. EventBridge has no token for repeats, so a receiver that must not act
// twice remembers these ids: a job is told to a bus once, however many repeats of that one event there are.
//
// Time is when the result was stored. Resources stay empty, because they are ARNs and nothing here has one.
//
// # What is decided when
//
// The detail is made once, so that every attempt sends the same. Bus, source and detail-type are looked up for each
// attempt: when they were wrong, setting them right helps what is waiting. Without a region or endpoint in the settings
// an event goes to RINGBACK_DEAD at its first attempt with this reason, because nobody knows whether there ever will be
// one; the front door cannot refuse such jobs, for it may run on another machine with other settings.
package eventbridge
