// Package filemobile speaks Filemobile's wire format, both ways: uploads and calls of its media API in, their replies and
// the XML callback out. The callback is a document with everything that is known about one media item, sent after
// changes and never saying what changed; its schema is filemobile/callback.xsd.
//
// The package is pure. [ReadCall] reads a request; [ParseUpload], [Describe] and [ParseQuery] make sense of it;
// [FromMedia] fills in what is known of an item, [MarshalResult] writes the callback and [Reply] what a call is answered
// with. README.md lists the calls and fields, and how close each is.
package filemobile
