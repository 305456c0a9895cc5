// Package bench measures sinks beside each other, which none of them may know of.
package bench
