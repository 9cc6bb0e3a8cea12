package io.caskade.server.config;

import io.caskade.settings.HostPort;
import io.caskade.settings.Setting;
import java.util.Optional;

/// The listener for the Redis protocol.
public record RedisListenerConfig(
        @Setting(
                value = "127.0.0.1:6379",
                doc = "The address to listen on; port 0 picks a free port; empty for no Redis protocol.")
        Optional<HostPort> bind,

        @Setting(value = "", doc = "The address advertised to clients; empty for the bind address.")
        Optional<HostPort> advertised,

        @Setting(
                value = "10000",
                min = "1",
                max = "1000000",
                doc = "Maximum connections of Redis clients; more are refused.")
        int maxClients,

        @Setting(
                value = "false",
                doc =
                        "Whether all clients are redirected to the leaders of their keys, as in Redis Cluster; otherwise those that ask for the slot map.")
        boolean redirect,

        @Setting(value = "false", doc = "Whether FLUSHALL and FLUSHDB may delete all keys of the cluster.")
        boolean flush) {

    /// Rejects an advertised address that cannot be connected to.
    public RedisListenerConfig {
        bind.ifPresent(address -> Advertising.check(address, advertised, "clients"));
    }

    /// The advertised endpoint when the listener listens on `boundPort`, which differs from the port of
    /// `bind` when that is 0.
    ///
    /// @param bind the address it listens on
    public HostPort advertisedAt(HostPort bind, int boundPort) {
        return Advertising.at(boundPort, bind, advertised);
    }
}
