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
    private static final ServerGroup.Kind KIND = new ServerGroup.Kind(
            PROGRAM, Pattern.compile("ready to serve client requests"), Duration.ofSeconds(60), Map.of());

    private final ServerGroup group;
    private final List<HostPort> addresses;

    private EtcdServers(ServerGroup group, List<HostPort> addresses) {
        this.group = group;
        this.addresses = addresses;
    }

    /// Whether it is installed.
    public static boolean areInstalled() {
        return InstalledPrograms.find(PROGRAM).isPresent();
    }

    /// Starts members and returns when all serve.
    ///
    /// @param parent gets the directory that they work in
    public static EtcdServers start(Path parent, int members) throws IOException {
        Path program = InstalledPrograms.require(PROGRAM);
        return ServerGroup.start(parent, KIND, group -> {
            List<HostPort> ports = LoopbackPorts.free(2 * members);
            List<HostPort> clients = ports.subList(0, members);
            List<HostPort> peers = ports.subList(members, 2 * members);
            for (int number = 0; number < members; number++) {
                var _ = group.start(
                        name(number), command(program, group.directory(), number, clients.get(number), peers));
            }
            group.awaitReady();
            return new EtcdServers(group, List.copyOf(clients));
        });
    }

    private static String name(int number) {
        return "etcd-" + number;
    }

    private static List<String> command(
            Path program, Path directory, int number, HostPort client, List<HostPort> peers) {
        StringJoiner cluster = new StringJoiner(",");
        for (int member = 0; member < peers.size(); member++) {
            cluster.add(name(member) + "=http://" + peers.get(member));
        }
        List<String> command = new ArrayList<>(List.of(program.toString(), "--name", name(number)));
        command.addAll(List.of("--data-dir", directory.resolve("data-" + number).toString()));
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
        return group.pids();
    }

    @Override
    public void close() {
        group.close();
    }
}
