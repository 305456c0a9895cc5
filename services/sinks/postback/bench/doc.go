// Package bench measures the delivery of postbacks: how many a second, how late, and what dead endpoints do to the others.
// The receiver and the sink are processes of their own; receivers time what they receive. All of it is loopback.
package bench
