// Package app is the wiring: one table of services, and how a process that runs some of them starts and stops.
package app
