package io.caskade.systemtests;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.api.KeySlots;
import io.caskade.client.CaskadeClient;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A Redis client of a node that stays, while the leader of its keys is killed: it keeps its connection, each
/// command is answered, and all that was acknowledged is there.
class RedisFailoverTest {

    private static final int PARTITIONS = 2;
    private static final int COMMANDS = 200;
    private static final int TIMEOUT_MILLIS = 30_000;

    @TempDir
    private Path directory = Path.of("");

    /// A connection that sends lines and reads replies of one line.
    private static final class Connection implements AutoCloseable {

        private final Socket socket;
        private final BufferedReader in;

        Connection(int port) throws IOException {
            this.socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            this.in = new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII));
        }

        String ask(String command) throws IOException {
            socket.getOutputStream().write((command + "\r\n").getBytes(US_ASCII));
            String reply = line();
            return reply.startsWith("$") && !reply.equals("$-1") ? line() : reply;
        }

        private String line() throws IOException {
            String line = in.readLine();
            if (line == null) {
                throw new EOFException();
            }
            return line;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void eachCommandIsAnsweredWhileTheLeaderIsKilled() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(directory);
                CaskadeClient client = cluster.client(Duration.ofSeconds(30))) {
            cluster.awaitAllInSync(client);
            String leader = LocalCluster.leaderOf(client, 0);
            String other = cluster.ids().stream()
                    .filter(id -> !id.equals(leader))
                    .findFirst()
                    .orElseThrow();
            try (Connection redis = new Connection(cluster.redisPort(other))) {
                writeAndCheck(cluster, leader, redis);
            }
        }
    }

    private static void writeAndCheck(LocalCluster cluster, String leader, Connection redis) throws Exception {
        List<String> keys = IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "key:" + i)
                .filter(key -> KeySlots.partitionOf(key.getBytes(US_ASCII), PARTITIONS) == 0)
                .limit(COMMANDS + 1)
                .toList();
        String counter = keys.getLast();
        List<String> acknowledged = new ArrayList<>();
        int counted = 0;
        int unknown = 0;
        String last = "";
        for (int i = 0; i < COMMANDS; i++) {
            if (i == COMMANDS / 4) {
                cluster.kill(leader);
            }
            String set = redis.ask("SET " + keys.get(i) + " " + i);
            last = redis.ask("INCR " + counter);
            if (set.equals("+OK")) {
                acknowledged.add(keys.get(i) + " " + i);
            } else {
                assertThat(set).matches("-(ERR outcome unknown|CLUSTERDOWN|NOREPLICAS|TRYAGAIN).*");
            }
            if (last.startsWith(":")) {
                counted++;
            } else {
                assertThat(last).matches("-(ERR outcome unknown|CLUSTERDOWN|NOREPLICAS|TRYAGAIN).*");
                unknown += last.startsWith("-ERR outcome unknown") ? 1 : 0;
            }
        }

        assertThat(last).as("service goes on").startsWith(":");
        assertThat(acknowledged).hasSizeGreaterThan(COMMANDS / 2);
        for (String pair : acknowledged) {
            assertThat(redis.ask("GET " + pair.split(" ", -1)[0])).isEqualTo(pair.split(" ", -1)[1]);
        }
        assertThat(Integer.parseInt(redis.ask("GET " + counter))).isBetween(counted, counted + unknown);
    }
}
