// Package postback tells clients of results by HTTP.
//
//	Consumes  results with their records, in order and each once; then its own deliveries, first and late attempts
//	Emits     one delivery for each postback target of a job, its timers, and the log of attempts
//	Keeps     the position in the results beside the deliveries it made
//	Promises  a result reaches every target at least once under one delivery id, or its failure is on record
//	On failure of the endpoint the delivery becomes a timer of the broker; nothing waits in memory
package postback
