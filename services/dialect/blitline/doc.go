// Package blitline speaks the wire format of the Blitline job API: its jobs in eight encodings become Ringback's, and
// results become its postbacks and polls, whose layout depends on the job's version field v.
//
// The package is pure: bytes in, jobs out; a result in, bytes out. Two rules run through it. What the clients of the
// format send is read as leniently as they send it: null is absent, numbers may be strings, unknown fields are ignored.
// What they read has no key beyond the documented ones, because some of them refuse unknown keys.
//
// README.md says of every function how near its translation comes; the files of families have the rules.
//
// What Ringback cannot do (yet) is refused with a sentence and never left out in silence, with one exception: fields
// that only ask for a smaller file or for more metadata are ignored.
package blitline
