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
    private static final ServerGroup.Kind KIND = new ServerGroup.Kind(
            "redis", Pattern.compile("Ready to accept connections"), Duration.ofSeconds(30), Map.of());

    private final ServerGroup group;
    private final HostPort master;

    private RedisServers(ServerGroup group, HostPort master) {
        this.group = group;
        this.master = master;
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
        Path program = InstalledPrograms.require(PROGRAM);
        return ServerGroup.start(parent, KIND, group -> {
            List<HostPort> addresses = LoopbackPorts.free(replicas + 1);
            HostPort master = addresses.getFirst();
            for (int number = 0; number <= replicas; number++) {
                List<String> command = command(program, group.directory(), addresses.get(number), master);
                group.awaitReady(group.start("redis-" + number, command));
            }
            return new RedisServers(group, master);
        });
    }

    private static List<String> command(Path program, Path directory, HostPort address, HostPort master)
            throws IOException {
        String port = Integer.toString(address.port());
        Path data = Files.createDirectory(directory.resolve("data-" + port));
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
        return group.pids();
    }

    @Override
    public void close() {
        group.close();
    }
}
