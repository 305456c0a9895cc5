// Package signing signs every attempt to deliver something, in the scheme that its receiver checks, and checks such
// signatures as a receiver would. The sinks sign through it, and so does `ringback sign`; `ringback verify` checks.
//
// While a secret is being replaced, a scheme with a list of signatures (Standard Webhooks) carries one by each secret, so
// receivers with either go on working. The others have room for one signature: the newest secret signs from the moment
// of the rotation, and receivers have to know it by then.
package signing
