package io.caskade.settings;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/// Finds the addresses of a host. For a host that is an address no name service is asked, now or later: the
/// address has its own text as its name, so that no reader of the name causes a lookup.
public final class HostAddresses {

    private HostAddresses() {}

    /// The addresses of a name, or the one that the host is.
    ///
    /// @throws UnknownHostException when the name service knows no address; it may take its time
    public static InetAddress[] of(String host) throws UnknownHostException {
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException e) {
            return InetAddress.getAllByName(host);
        }
        boolean scoped = address instanceof Inet6Address six && six.getScopeId() != 0;
        return new InetAddress[] {scoped ? address : InetAddress.getByAddress(host, address.getAddress())};
    }
}
