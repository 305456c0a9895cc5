// Package screenshot draws pages of the web with a Chromium that is named by configuration. Pages come from strangers, and
// so does what they load: the browser runs as a child without secrets, with a profile of its own that is thrown away, under
// a deadline, and reaches nothing but through a proxy of ours that asks the outbound guard about every address.
package screenshot
