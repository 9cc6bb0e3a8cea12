package io.caskade.server;

import io.caskade.server.cluster.Endpoint;
import io.caskade.settings.HostPort;

/// Where a port of the node listens, and where others are told that it is reached.
///
/// @param bound with the port that was taken
public record ListenerAddress(HostPort bound, Endpoint advertised) {

    /// @param bind as it is configured
    /// @param port the one that was taken
    static ListenerAddress of(HostPort bind, int port, HostPort advertised) {
        return new ListenerAddress(new HostPort(bind.host(), port), new Endpoint(advertised.host(), advertised.port()));
    }

    /// The address it listens on, and the other one if it is not the same.
    @Override
    public String toString() {
        boolean same = bound.host().equals(advertised.host()) && bound.port() == advertised.port();
        return same ? bound.toString() : bound + " (advertised as " + advertised + ")";
    }
}
