// Package filemobile speaks the wire format of Filemobile's media callback: an XML document with everything that is
// known about one media item, sent after changes and never saying what changed.
//
// The package is pure. [FromMedia] fills in what a media item's event tells; the sink adds what it keeps besides, and
// [MarshalResult] writes the document. Its schema is filemobile/callback.xsd.
package filemobile
