package io.caskade.server.config;

import io.caskade.settings.HostPort;
import io.caskade.settings.Setting;
import java.util.Optional;

/// The gRPC listener.
public record GrpcListenerConfig(
        @Setting(value = "127.0.0.1:6669", doc = "The address to listen on; port 0 picks a free port.")
        HostPort bind,

        @Setting(value = "", doc = "The address advertised to clients; empty for the bind address.")
        Optional<HostPort> advertised) {

    /// Rejects an advertised address that cannot be connected to.
    public GrpcListenerConfig {
        Advertising.check(bind, advertised, "clients");
    }

    /// The advertised endpoint when the listener listens on `boundPort`, which differs from the port of
    /// [#bind()] when that is 0.
    public HostPort advertisedAt(int boundPort) {
        return Advertising.at(boundPort, bind, advertised);
    }
}
