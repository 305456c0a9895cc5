// Package e2e runs the whole of Ringback by its front door: the real programs as processes of their own, real pictures,
// a real nats-server. Every story is told in both topologies: one process, and one process for each service against
// three nats-servers.
package e2e
