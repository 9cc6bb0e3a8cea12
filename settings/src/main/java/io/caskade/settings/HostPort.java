package io.caskade.settings;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A host name or address, and a port. Names are not resolved here.
///
/// @param host a name, an IPv4 address, or an IPv6 address without brackets
/// @param port 0 to 65535; 0 leaves the choice to the operating system where something is bound
public record HostPort(String host, int port) {

    private static final int MAX_PORT = 65_535;
    private static final Pattern TEXT = Pattern.compile("(?:\\[([^\\[\\]]+)]|([^:\\[\\]]+)):(\\d{1,5})");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");
    private static final Pattern IPV6 = Pattern.compile("(?=.*:.*:)[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?");

    /// Refuses a host that is neither a name nor an address, and a port out of range.
    public HostPort {
        if (!NAME.matcher(host).matches() && !IPV6.matcher(host).matches()) {
            throw new IllegalArgumentException("not a host: " + host);
        }
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("not a port: " + port);
        }
    }

    /// What `text` names: `host:port`, with an IPv6 address in brackets, `[::1]:2181`.
    ///
    /// @throws IllegalArgumentException when it is anything else
    public static HostPort parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not host:port: " + text);
        }
        String bracketed = matcher.group(1);
        if (bracketed != null && !IPV6.matcher(bracketed).matches()) {
            throw new IllegalArgumentException("not an IPv6 address: " + bracketed);
        }
        String host = bracketed != null ? bracketed : matcher.group(2);
        return new HostPort(host, Integer.parseInt(matcher.group(3)));
    }

    /// Whether the host is the address that stands for every address of the machine, `0.0.0.0` or `::`.
    public boolean isWildcard() {
        return host.equals("0.0.0.0") || (host.indexOf(':') >= 0 && host.matches("[0:]+"));
    }

    /// Whether the host is `localhost` or an address that never leaves the machine, judged by its text alone.
    public boolean isLoopback() {
        return host.equalsIgnoreCase("localhost")
                || host.matches("127(\\.\\d{1,3}){3}")
                || host.matches("(0{0,4}:)+0{0,3}1");
    }

    /// `host:port`, as [#parse(String)] reads it.
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
