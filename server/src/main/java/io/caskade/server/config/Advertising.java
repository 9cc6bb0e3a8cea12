package io.caskade.server.config;

import io.caskade.settings.HostPort;
import io.caskade.settings.InvalidSetting;
import java.util.Optional;

/// Validates advertised addresses.
final class Advertising {

    private Advertising() {}

    /// Rejects an address that cannot be connected to.
    ///
    /// @param whom who connects, for the message
    static void check(HostPort bind, Optional<HostPort> advertised, String whom) {
        if (advertised.isEmpty() && bind.isWildcard()) {
            throw new InvalidSetting(
                    "advertised",
                    "expected an address " + whom + " can reach, because bind is " + bind + ", found \"\"");
        }
        if (advertised
                .filter(address -> address.isWildcard() || address.port() == 0)
                .isPresent()) {
            throw new InvalidSetting(
                    "advertised", "expected an address " + whom + " can reach, found \"" + advertised.get() + '"');
        }
    }

    static HostPort at(int boundPort, HostPort bind, Optional<HostPort> advertised) {
        return advertised.orElseGet(() -> new HostPort(bind.host(), boundPort));
    }
}
