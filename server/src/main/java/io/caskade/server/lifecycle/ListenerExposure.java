package io.caskade.server.lifecycle;

import io.caskade.settings.HostPort;
import java.net.InetAddress;
import java.util.Optional;

/// Finds the listeners that other machines reach: none has authentication.
public final class ListenerExposure {

    private ListenerExposure() {}

    /// What to warn of, if other machines reach a listener.
    ///
    /// @param setting the setting with its address
    /// @param bind the address as the setting has it
    /// @param address the same, resolved
    public static Optional<String> warning(String setting, HostPort bind, InetAddress address) {
        return address.isLoopbackAddress()
                ? Optional.empty()
                : Optional.of(setting + " " + bind + " is reached from other machines, and has no authentication: let"
                        + " the network admit only those that may read and change the data");
    }
}
