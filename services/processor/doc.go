// Package processor makes pictures.
//
//	Consumes  jobs, one for each free renderer, the lanes of a class in turn
//	Emits     live progress, that a media item is being converted, and the one result of each job together with its sealed record
//	Keeps     outputs in the blob store, under keys that depend on nothing but the job; between two tries also what was
//	          made for a destination that does not take it yet
//	Promises  every job ends in exactly one result, also when its picture ends a renderer
//	On failure of the picture the job fails; on failure of broker or store the job comes back
package processor
