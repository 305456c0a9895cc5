// Package outbound is the one way out of the house: pictures are fetched and notifications posted through its [Client],
// whose [Guard] decides which addresses may be reached at all. Addresses come from clients, so every one of them is
// taken for an attempt to reach what only this machine can reach.
//
// The rules, which hold at the moment of connecting and on the numeric address, so that a name that changes its answer
// between check and use gains nothing:
//
//   - http and https alone (https alone by RINGBACK_OUTBOUND_HTTPS_ONLY), without user names in the address, on port 80,
//     443 or any from 1024: below that live services that can be talked into something by the text of an HTTP request.
//   - Hosts are read as the transport reads them, IDNA included. What only some programs take for an address, such as
//     2130706433 or 0x7f.1, is refused.
//   - Public addresses alone: everything in IANA's special-purpose registries is refused (registry/ holds them as
//     published), and of IPv6 everything outside 2000::/3. An address that carries an IPv4 address is judged by it: mapped,
//     NAT64 and ISATAP. 6to4 and Teredo are refused whatever they carry, because the host is behind the address in them.
//   - One such address in the answer for a name refuses the name.
//   - RINGBACK_OUTBOUND_PRIVATE opens the private networks, but for this machine's own addresses.
//   - RINGBACK_OUTBOUND_ALLOW opens addresses, networks and hosts, on every port. Loopback, link-local (where clouds keep
//     their metadata), multicast and reserved ones open only to an entry within their own range: 0.0.0.0/0 opens the private
//     networks and not 169.254.169.254. A host may be in private networks and on loopback, and nowhere else that is closed.
//
// One judge gives the verdict when a client names an address, when a name is resolved, and when the socket is made.
package outbound
