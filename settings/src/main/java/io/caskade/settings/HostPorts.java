package io.caskade.settings;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// One or more addresses of one service, in the order given: `zk1:2181,zk2:2181,zk3:2181`.
///
/// @param all at least one
public record HostPorts(List<HostPort> all) {

    /// Refuses an empty list.
    public HostPorts {
        all = List.copyOf(all);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("no host:port at all");
        }
    }

    /// One place alone.
    public static HostPorts of(HostPort only) {
        return new HostPorts(List.of(only));
    }

    /// What `text` names: one or more of [HostPort#parse(String)], separated by commas; blanks around them do
    /// not count.
    ///
    /// @throws IllegalArgumentException when it is anything else
    public static HostPorts parse(String text) {
        return new HostPorts(Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .map(HostPort::parse)
                .toList());
    }

    /// The places separated by commas, as [#parse(String)] and ZooKeeper's clients read them.
    @Override
    public String toString() {
        return all.stream().map(HostPort::toString).collect(Collectors.joining(","));
    }
}
