// Package native is Ringback's own wire format, the one that every other dialect translates into: JSON in, JSON out,
// problem documents (RFC 9457) for what cannot be accepted and Standard Webhooks bodies for postbacks.
//
// The package is pure: bytes in, a [Submission] out; a result in, bytes out. HTTP, the bus and signatures belong to
// others. The shapes are those of the schemas native/*.json.
package native
