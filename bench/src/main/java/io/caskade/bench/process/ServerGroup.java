package io.caskade.bench.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Servers of one kind that work together in a directory of their own, which is removed when they are ended.
///
/// Thread-safe.
final class ServerGroup implements AutoCloseable {

    /// What all servers of a group have in common. Immutable.
    ///
    /// @param name how their directory's name begins
    /// @param readyWords are found in a line that each prints when it serves
    /// @param timeout until each serves
    /// @param environment is added to this process's; variables without a value are taken away
    record Kind(String name, Pattern readyWords, Duration timeout, Map<String, String> environment) {

        /// Copies the map.
        Kind {
            environment = Map.copyOf(environment);
        }
    }

    /// Starts the servers of a group.
    ///
    /// @param <T> what they are to others
    interface Launch<T> {
        T start(ServerGroup group) throws IOException;
    }

    private final Kind kind;
    private final ScratchArea area;
    private final Map<String, ServerProcess> servers = new LinkedHashMap<>();

    private ServerGroup(Kind kind, ScratchArea area) {
        this.kind = kind;
        this.area = area;
    }

    /// Starts servers, and ends them again if not all of them start.
    ///
    /// @param parent gets the directory that they work in
    static <T> T start(Path parent, Kind kind, Launch<T> launch) throws IOException {
        ServerGroup group = new ServerGroup(kind, ScratchArea.create(parent, kind.name()));
        boolean started = false;
        try {
            T servers = launch.start(group);
            started = true;
            return servers;
        } finally {
            if (!started) {
                group.close();
            }
        }
    }

    /// Starts a server, or one that has ended again, and does not wait for it.
    ServerProcess start(String name, List<String> command) throws IOException {
        ServerProcess server = startHelper(name, command);
        synchronized (servers) {
            servers.put(name, server);
        }
        return server;
    }

    /// Starts a process that the servers need, and does not wait for it.
    ServerProcess startHelper(String name, List<String> command) throws IOException {
        return area.start(name, command, kind.environment(), kind.readyWords());
    }

    /// Returns when all servers serve.
    void awaitReady() {
        servers().forEach(this::awaitReady);
    }

    /// Returns when a server serves.
    void awaitReady(ServerProcess server) {
        server.awaitReady(kind.timeout());
    }

    /// Where they keep their data.
    Path directory() {
        return area.directory();
    }

    /// The servers' processes, in the order of their first start, without those of helpers.
    List<Long> pids() {
        return servers().stream().map(ServerProcess::pid).toList();
    }

    private List<ServerProcess> servers() {
        synchronized (servers) {
            return List.copyOf(servers.values());
        }
    }

    @Override
    public void close() {
        area.close();
    }
}
