package io.caskade.server.cluster;

/// Where others reach a front listener of a node.
///
/// @param host a name or an address, an IPv6 address without brackets
/// @param port 1 to 65535
public record Endpoint(String host, int port) {

    private static final int MAX_PORT = 65_535;

    /// Refuses an address that cannot be connected to.
    public Endpoint {
        Preconditions.check(!host.isBlank(), "an endpoint has a host", port);
        Preconditions.check(port > 0 && port <= MAX_PORT, "an endpoint has a port from 1 to 65535", host, port);
    }

    /// `host:port`, an IPv6 address in brackets.
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
