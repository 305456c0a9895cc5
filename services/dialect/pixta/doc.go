// Package pixta speaks Pixta Cloud's format: background processes that put one picture into the buckets of an application
// and tell it by a webhook, and addresses whose pictures are made when they are first asked for. It is pure: bytes in, a
// request out; a result in, bytes out. What the parameters of a picture mean is in package parameter.
//
// Of the format only the request, the body of a webhook that went well and the two signatures are public. What is not, the
// reply, failures and polling, has the shape of what is.
package pixta
