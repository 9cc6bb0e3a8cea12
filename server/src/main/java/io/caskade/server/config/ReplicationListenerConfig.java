package io.caskade.server.config;

import io.caskade.settings.HostPort;
import io.caskade.settings.Setting;
import java.util.Optional;

/// The listener for other nodes. It has no authentication: only nodes should be able to reach the address.
public record ReplicationListenerConfig(
        @Setting(value = "127.0.0.1:6668", doc = "The address to listen on for other nodes; port 0 picks a free port.")
        HostPort bind,

        @Setting(value = "", doc = "The address advertised to other nodes; empty for the bind address.")
        Optional<HostPort> advertised) {

    /// Rejects an advertised address that cannot be connected to.
    public ReplicationListenerConfig {
        Advertising.check(bind, advertised, "other nodes");
    }

    /// The advertised endpoint when the node listens on `boundPort`, which differs from the port of [#bind()]
    /// when that is 0.
    public HostPort advertisedAt(int boundPort) {
        return Advertising.at(boundPort, bind, advertised);
    }
}
