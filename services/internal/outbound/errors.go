package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"syscall"
)

// The classes of what can go wrong outside. They are stored in attempt logs and are labels of metrics: add, never rename.
const (
	// ClassBlocked is an address that may not be reached.
	ClassBlocked = "blocked"
	// ClassDNS is a name without an address.
	ClassDNS = "dns"
	// ClassRefused is a host that took no connection.
	ClassRefused = "refused"
	// ClassTLS is a failed handshake, most often for the certificate.
	ClassTLS = "tls"
	// ClassTimeout is a deadline that passed.
	ClassTimeout = "timeout"
	// ClassStatus is an answer with the wrong status.
	ClassStatus = "status"
	// ClassTooLarge is an answer above the limit.
	ClassTooLarge = "too_large"
	// ClassProtocol is an answer that breaks off or is not HTTP.
	ClassProtocol = "protocol"
	// ClassRedirect is a redirect too many, or one where none is followed.
	ClassRedirect = "redirect"
	// ClassConsent is an endpoint that did not say that it wants CloudEvents.
	ClassConsent = "consent"
)

// BlockedError is returned when the guard refuses an address.
type BlockedError struct {
	// Reason is a sentence for the client.
	Reason string
	// Addr and Why are for the log alone: what a name inside the house leads to is none of a client's business.
	Addr netip.Addr
	Why  string
}

// Error returns the sentence for the client.
func (e *BlockedError) Error() string { return e.Reason }

func blocked(reason string) error { return &BlockedError{Reason: reason, Why: reason} }

func blockedPort(port uint16) error {
	return blocked(fmt.Sprintf("port %d may not be reached: use 80, 443 or one from 1024", port))
}

// Error is returned when the outside failed us. Message may be shown to the client; Err, which says more, may not.
type Error struct {
	// Class is one of the Class constants.
	Class string
	// Status is the HTTP status, if there was an answer.
	Status int
	// Message is a sentence for the client, such as "the source answered 404".
	Message string
	// Err is the cause, for the log.
	Err error
}

// Error returns the sentence for the client.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Temporary tells whether the same request may well succeed later.
func (e *Error) Temporary() bool {
	switch e.Class {
	case ClassRefused, ClassTimeout, ClassProtocol:
		return true
	case ClassDNS:
		var dns *net.DNSError
		return !errors.As(e.Err, &dns) || !dns.IsNotFound
	case ClassStatus:
		return e.Status == http.StatusRequestTimeout || e.Status == http.StatusTooEarly ||
			e.Status == http.StatusTooManyRequests || e.Status >= 500
	}
	return false
}

// deadlineError ends a request whose time ran out, and says whose time it was.
type deadlineError struct{ of string }

// Error names the deadline.
func (e *deadlineError) Error() string { return e.of + " deadline passed" }

// Unwrap makes it one of context's own.
func (e *deadlineError) Unwrap() error { return context.DeadlineExceeded }

// Classify makes an Error of whatever another client's transport returned; who begins its message. It is for ways
// out that are not this package's.
func Classify(err error, who string) *Error { return classify(err, who) }

// classify makes an Error of whatever the transport returned. who is "the source" or "the endpoint".
func classify(err error, who string) *Error {
	class, message := classOf(err)
	return &Error{Class: class, Message: who + " " + message, Err: err}
}

func classOf(err error) (class, message string) {
	var refused *BlockedError
	var dns *net.DNSError
	var deadline interface{ Timeout() bool }
	switch {
	case errors.As(err, &refused):
		return ClassBlocked, "cannot be used: " + refused.Reason
	case errors.As(err, &dns) && dns.IsNotFound:
		return ClassDNS, "has a host name that does not exist"
	case errors.As(err, &dns):
		return ClassDNS, "has a host name that could not be resolved"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &deadline) && deadline.Timeout():
		return ClassTimeout, "did not answer in time"
	case isTLS(err):
		return ClassTLS, "has a certificate or TLS setup that cannot be trusted"
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return ClassRefused, "refused the connection"
	}
	return ClassProtocol, "broke off or did not answer in proper HTTP"
}

func isTLS(err error) bool {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	// The alert that the other side sends comes as a net.OpError of this name.
	var op *net.OpError
	return errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &certificate) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}
