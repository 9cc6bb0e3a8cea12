package io.caskade.bench.process;

import io.caskade.settings.HostPort;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/// An etcd of several members, which syncs its log before each answer as it always does.
public final class EtcdServers implements AutoCloseable {

    private static final String PROGRAM = "etcd";
    private static final Pattern READY = Pattern.compile("ready to serve client requests");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final ScratchArea area;
    private final List<HostPort> addresses;
    private final List<ServerProcess> servers;

    private EtcdServers(ScratchArea area, List<HostPort> addresses, List<ServerProcess> servers) {
        this.area = area;
        this.addresses = addresses;
        this.servers = servers;
    }

    /// Whether it is installed.
    public static boolean areInstalled() {
        return InstalledPrograms.find(PROGRAM).isPresent();
    }

    /// Starts members and returns when all serve.
    ///
    /// @param parent gets the directory that they work in
    public static EtcdServers start(Path parent, int members) throws IOException {
        Path program = InstalledPrograms.find(PROGRAM)
                .orElseThrow(() -> new IllegalStateException(PROGRAM + " is not installed"));
        ScratchArea area = ScratchArea.create(parent, "etcd");
        boolean started = false;
        try {
            List<HostPort> ports = LoopbackPorts.free(2 * members);
            List<HostPort> clients = ports.subList(0, members);
            List<HostPort> peers = ports.subList(members, 2 * members);
            List<ServerProcess> servers = new ArrayList<>();
            for (int number = 0; number < members; number++) {
                List<String> command = command(program, area, number, clients.get(number), peers);
                servers.add(area.start(name(number), command, Map.of(), READY));
            }
            servers.forEach(server -> server.awaitReady(TIMEOUT));
            started = true;
            return new EtcdServers(area, List.copyOf(clients), List.copyOf(servers));
        } finally {
            if (!started) {
                area.close();
            }
        }
    }

    private static String name(int number) {
        return "etcd-" + number;
    }

    private static List<String> command(
            Path program, ScratchArea area, int number, HostPort client, List<HostPort> peers) {
        StringJoiner cluster = new StringJoiner(",");
        for (int member = 0; member < peers.size(); member++) {
            cluster.add(name(member) + "=http://" + peers.get(member));
        }
        List<String> command = new ArrayList<>(List.of(program.toString(), "--name", name(number)));
        command.addAll(
                List.of("--data-dir", area.directory().resolve("data-" + number).toString()));
        command.addAll(List.of("--listen-client-urls", "http://" + client));
        command.addAll(List.of("--advertise-client-urls", "http://" + client));
        command.addAll(List.of("--listen-peer-urls", "http://" + peers.get(number)));
        command.addAll(List.of("--initial-advertise-peer-urls", "http://" + peers.get(number)));
        command.addAll(List.of("--initial-cluster", cluster.toString(), "--initial-cluster-state", "new"));
        return command;
    }

    /// Where the members listen for clients.
    public List<HostPort> addresses() {
        return addresses;
    }

    /// The members' processes.
    public List<Long> pids() {
        return servers.stream().map(ServerProcess::pid).toList();
    }

    @Override
    public void close() {
        area.close();
    }
}
