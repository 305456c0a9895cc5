// Package media has the rules for media items: what may be said of one, how what is said changes, and what its statuses
// mean. It is pure; the items themselves are in package collection.
package media
