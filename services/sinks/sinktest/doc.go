// Package sinktest is the suite that every sink passes: against a real broker on disk, real HTTP endpoints and the real
// way out, through restarts, repeats, poison and dead endpoints.
//
// # How to add a sink
//
//  1. Give it a package beside the others with the files that every service has: doc.go with its five lines, config.go,
//     service.go with Deps, New and Run.
//  2. Name it in package job, so that a target can ask for it, and let a dialect write such targets.
//  3. Read results with [bus.Bus.Translate] into messages of your own, with a cursor: that makes each event of the stream
//     into deliveries once. Work on them with [bus.Bus.Work], or with [bus.Bus.WorkBatches] where the other side takes
//     several at a time; return verdicts, never acknowledge.
//  4. Derive the delivery's id from the job, the target or the window, never from the attempt. Sign afresh each time.
//  5. Make a failed attempt a timer of the broker ([bus.Out.At]) that is stored before the handler returns. Nothing waits
//     in memory, nor in a handler.
//  6. Declare what the sink is in a [Sink], and let your test call [Run]. It names what does not hold. A sink that does
//     not post to an address for each target uses the [House] and tells the same stories itself, as eventbridge does.
//  7. Add the row to services/internal/app/services.go.
package sinktest
