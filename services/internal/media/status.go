package media

import "github.com/ringback/ringback/events"

// rangeWidth is the distance from one range of statuses to the next.
const rangeWidth = 100

// Base is the status without its range: what the item is, or was when it was trashed or deleted, as one of the statuses
// from [events.MediaUploading] to [events.MediaFailed]. That an upload was incomplete is forgotten in a range.
func Base(status int) int {
	if status < rangeWidth {
		return status
	}
	return max(status%rangeWidth-1, 0)
}

// Trashed tells that somebody put the item away, and may take it back.
func Trashed(status int) bool { return status >= events.MediaTrashed && status < events.MediaDeleted }

// Deleted tells that the item is gone for everybody; only its last state is still told.
func Deleted(status int) bool { return status >= events.MediaDeleted }

// Trash is the status of an item that is put away.
func Trash(status int) int { return events.MediaTrashed + within(status) }

// Delete is the status of an item that is removed.
func Delete(status int) int { return events.MediaDeleted + within(status) }

// Restore is the status of an item that is taken back from the trash; any other stays as it is.
func Restore(status int) int {
	if Trashed(status) {
		return Base(status)
	}
	return status
}

// Land is the status of an item whose job has ended. One that was trashed or deleted meanwhile stays so.
func Land(status int, converted bool) int {
	landed := events.MediaFailed
	if converted {
		landed = events.MediaConverted
	}
	switch {
	case Deleted(status):
		return Delete(landed)
	case Trashed(status):
		return Trash(landed)
	default:
		return landed
	}
}

// within is the place of a status in the ranges of what was trashed or deleted.
func within(status int) int {
	return min(Base(status), events.MediaFailed) + 1 // an incomplete upload has failed
}
