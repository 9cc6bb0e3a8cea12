package io.caskade.server.config;

import io.caskade.settings.HostPort;
import io.caskade.settings.Setting;
import java.util.Optional;

/// Where the gRPC listener listens, and what others are told.
public record GrpcListenerConfig(
        @Setting(value = "127.0.0.1:6669", doc = "The address to listen on; port 0 takes any that is free.")
        HostPort bind,

        @Setting(value = "", doc = "The address clients are told to use; empty is the bind address.")
        Optional<HostPort> advertised) {

    /// Refuses to advertise an address that cannot be connected to.
    public GrpcListenerConfig {
        Advertising.check(bind, advertised, "clients");
    }

    /// What others are told once the listener listens on `boundPort`, which differs from the port of [#bind()]
    /// when that is 0.
    public HostPort advertisedAt(int boundPort) {
        return Advertising.at(boundPort, bind, advertised);
    }
}
