package io.caskade.server.config;

import io.caskade.settings.HostPort;
import io.caskade.settings.Setting;
import java.util.Optional;

/// Where the node listens for other nodes, and what they are told. Nothing there asks for a password: only
/// nodes should be able to reach the address.
public record ReplicationListenerConfig(
        @Setting(value = "127.0.0.1:6668", doc = "The address to listen on for other nodes; port 0 takes any free.")
        HostPort bind,

        @Setting(value = "", doc = "The address other nodes are told to use; empty is the bind address.")
        Optional<HostPort> advertised) {

    /// Refuses to advertise an address that cannot be connected to.
    public ReplicationListenerConfig {
        Advertising.check(bind, advertised, "other nodes");
    }

    /// What others are told once the node listens on `boundPort`, which differs from the port of [#bind()] when
    /// that is 0.
    public HostPort advertisedAt(int boundPort) {
        return Advertising.at(boundPort, bind, advertised);
    }
}
