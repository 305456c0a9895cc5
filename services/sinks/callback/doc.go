// Package callback tells clients of changed media items: the newest state as XML, at most once in each window.
//
//	Consumes  results that name a media item, with their records; changes of items; timers that are due
//	Emits     the newest state of each item, one timer for each item that changed, and the log of attempts
//	Keeps     results in media items, which others change, too; where to post to and what was sent last beside the timers
//	Promises  the last callback of an item holds its last state; windows hold one callback; none is lost
//	On failure of the endpoint the callback becomes a timer, as what it cannot take does; a newer state takes its place
package callback
