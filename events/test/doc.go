// Package test judges the events package from outside: against an embedded broker, against the schemas, and against the
// libraries of the standards that it claims to speak. It is a module of its own so that a subscriber's program does not
// inherit a broker.
package test
