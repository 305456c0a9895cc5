package outbound

import "net"

// SetOwn replaces the list of this machine's addresses.
func (g *Guard) SetOwn(own func() ([]net.Addr, error)) { g.own = own }
