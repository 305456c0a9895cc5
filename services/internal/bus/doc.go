// Package bus is the only way that services meet: the streams and their settings, the embedded server or the
// connection to a cluster, durable publishing, and the law by which messages are retried, put off or buried.
//
// Only this package acknowledges messages. A handler says what should happen by the error it returns; see [Later]
// and [Reject].
package bus
