// Package outbound is the one way out of the house: pictures are fetched and notifications posted through its [Client],
// whose [Guard] decides which addresses may be reached at all. Addresses come from clients, so every one of them is
// taken for an attempt to reach what only this machine can reach.
//
// The rules, which hold at the moment of connecting and on the numeric address, so that a name that changes its answer
// between check and use gains nothing:
//
//   - http and https alone, without user names in the address, on port 80, 443 or any from 1024: below that live
//     services that can be talked into something by the text of an HTTP request.
//   - Public addresses alone: everything in IANA's special-purpose registries is refused, and of IPv6 everything outside
//     2000::/3. An address that carries an IPv4 address is judged by it, or refused where nobody needs the mechanism.
//   - One such address in the answer for a name refuses the name.
//   - RINGBACK_OUTBOUND_ALLOW opens addresses and networks, on every port. Loopback, link-local (where clouds keep their
//     metadata), multicast and reserved ones open only to an entry within their own range: 0.0.0.0/0 opens the private
//     networks and not 169.254.169.254.
package outbound
