package io.caskade.server.cluster;

/// The advertised address of a node's listener.
///
/// @param host a name or an address, an IPv6 address without brackets
/// @param port 1 to 65535
public record Endpoint(String host, int port) {

    private static final int MAX_PORT = 65_535;

    /// Rejects an address that cannot be connected to.
    public Endpoint {
        Preconditions.check(!host.isBlank(), "an endpoint must have a host", port);
        Preconditions.check(port > 0 && port <= MAX_PORT, "port must be from 1 to 65535", host, port);
    }

    /// `host:port`, an IPv6 address in brackets.
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
