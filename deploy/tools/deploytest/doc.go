// Package deploytest tries what lies in deploy on the real thing, as far as that runs without a container engine: the
// configuration of NATS on three real servers with the real services, the rest by its own rules.
package deploytest
