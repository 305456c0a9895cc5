// Package retention removes pictures that nobody needs any more: old ones, and the oldest of too many.
//
//	Consumes  the areas of the blob store, a page of each in a round
//	Keeps     how far it is in each area, in a record on the bus that is the claim to a round as well
//	Promises  what lies under an area is gone within two passes after its time; nothing is removed in its first hours, and
//	          no source of a job that still waits
//	On failure of bucket or broker the next round goes on, in whichever process
//
// A pass goes through an area page by page and notes how many bytes are of which age. When that is too much, the next pass
// removes the oldest until it is not.
package retention
