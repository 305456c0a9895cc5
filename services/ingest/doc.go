// Package ingest is the front door: HTTP in every dialect.
//
//	Consumes  requests; results and what is live, for those who ask, wait or listen
//	Emits     jobs, each with its sealed record; what people change of media items
//	Keeps     uploaded sources and the files of media items in the blob store; the job of each idempotency key for a day
//	Promises  a 2xx goes out after the broker has the job on disk
//	On failure nothing was accepted, and the answer says what to do, in the dialect's own shape
package ingest
