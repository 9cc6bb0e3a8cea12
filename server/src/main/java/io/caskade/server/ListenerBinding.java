package io.caskade.server;

import io.caskade.server.lifecycle.ListenerExposure;
import io.caskade.server.lifecycle.StartupException;
import io.caskade.settings.HostPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Binds listeners to the addresses of settings, and says which setting is wrong when that fails.
final class ListenerBinding {

    private static final Logger LOG = LoggerFactory.getLogger(ListenerBinding.class);

    /// Opens a listener.
    @FunctionalInterface
    interface ListenerFactory<T> {
        T at(InetSocketAddress address) throws IOException;
    }

    private ListenerBinding() {}

    /// Opens a listener at the address of a setting.
    static <T> T bind(String setting, HostPort bind, ListenerFactory<T> factory) throws StartupException {
        try {
            InetAddress address = InetAddress.getByName(bind.host());
            T listener = factory.at(new InetSocketAddress(address, bind.port()));
            ListenerExposure.warning(setting, bind, address).ifPresent(LOG::warn);
            return listener;
        } catch (UnknownHostException e) {
            throw new StartupException(setting + " " + bind + ": no such host", e);
        } catch (IOException e) {
            throw new StartupException(
                    setting + " " + bind
                            + ": address already in use, or not local; stop the process that listens there or"
                            + " choose another port",
                    e);
        }
    }
}
