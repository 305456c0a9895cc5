// Package cloudinary speaks the wire format of Cloudinary's upload and admin APIs: calls in every encoding that its
// libraries use become requests, what is known of assets becomes replies, and results become notifications.
//
// The package is pure: bytes in, meaning out; state in, bytes out. Whoever calls it keeps the assets, fetches and makes
// pictures, and delivers. Transformations are texts here, echoed as the client wrote them.
//
// Three rules run through it. What is sent is read as leniently as the libraries send it, within bounds on every count,
// length and number. What would change a picture or who may see it, and cannot be done, is refused with a sentence; what
// only asks to be told more is ignored (README.md has both lists). And what is written survives being parsed and written
// again by JavaScript, because many receivers check the signature of a notification that way.
package cloudinary

// Dialect is the name of this wire format in the records of jobs.
const Dialect = "cloudinary"
