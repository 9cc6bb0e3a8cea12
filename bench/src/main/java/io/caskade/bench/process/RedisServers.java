package io.caskade.bench.process;

import io.caskade.settings.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// A Redis that syncs its log before each answer, alone or with replicas that do the same.
public final class RedisServers implements AutoCloseable {

    private static final String PROGRAM = "redis-server";
    private static final Pattern READY = Pattern.compile("Ready to accept connections");
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final ScratchArea area;
    private final HostPort master;
    private final List<ServerProcess> servers;

    private RedisServers(ScratchArea area, HostPort master, List<ServerProcess> servers) {
        this.area = area;
        this.master = master;
        this.servers = servers;
    }

    /// Whether it is installed.
    public static boolean areInstalled() {
        return InstalledPrograms.find(PROGRAM).isPresent();
    }

    /// Starts a master and its replicas, and returns when they serve; the replicas may not have the master's
    /// data yet.
    ///
    /// @param parent gets the directory that they work in
    public static RedisServers start(Path parent, int replicas) throws IOException {
        Path program = InstalledPrograms.find(PROGRAM)
                .orElseThrow(() -> new IllegalStateException(PROGRAM + " is not installed"));
        ScratchArea area = ScratchArea.create(parent, "redis");
        boolean started = false;
        try {
            List<HostPort> addresses = LoopbackPorts.free(replicas + 1);
            List<ServerProcess> servers = new ArrayList<>();
            for (HostPort address : addresses) {
                ServerProcess server = area.start(
                        "redis-" + servers.size(),
                        command(program, area, address, addresses.getFirst()),
                        Map.of(),
                        READY);
                servers.add(server);
                server.awaitReady(TIMEOUT);
            }
            started = true;
            return new RedisServers(area, addresses.getFirst(), List.copyOf(servers));
        } finally {
            if (!started) {
                area.close();
            }
        }
    }

    private static List<String> command(Path program, ScratchArea area, HostPort address, HostPort master)
            throws IOException {
        String port = Integer.toString(address.port());
        Path data = Files.createDirectory(area.directory().resolve("data-" + port));
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of("--bind", address.host(), "--port", port, "--dir", data.toString()));
        command.addAll(List.of("--save", "", "--appendonly", "yes", "--appendfsync", "always"));
        command.addAll(List.of("--maxclients", "20000", "--repl-diskless-sync-delay", "0"));
        if (!address.equals(master)) {
            command.addAll(List.of("--replicaof", master.host() + " " + master.port()));
        }
        return command;
    }

    /// Where the master listens.
    public HostPort master() {
        return master;
    }

    /// All of them, the master first.
    public List<Long> pids() {
        return servers.stream().map(ServerProcess::pid).toList();
    }

    @Override
    public void close() {
        area.close();
    }
}
