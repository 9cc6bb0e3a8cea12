package io.caskade.server.partition;

import static io.caskade.server.partition.PartitionOnThreeNodes.NODES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.inspect.OfflineCopy;
import io.caskade.bitcask.inspect.Progress;
import io.caskade.bitcask.inspect.RepairMode;
import io.caskade.server.admin.CopyStatus;
import io.caskade.server.cluster.CopyId;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.replica.ClockReading;
import io.caskade.server.replica.Message;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A partition of three copies, over real logs.
class PartitionOnThreeNodesTest {

    @TempDir
    Path directory;

    private PartitionOnThreeNodes nodes;

    @BeforeEach
    void start() throws Exception {
        nodes = new PartitionOnThreeNodes(directory, 4 << 10);
        nodes.startAll();
        awaitAllInSync();
    }

    @AfterEach
    void end() throws Exception {
        nodes.end();
    }

    @Test
    void acknowledgedWritesSurviveAKilledLeader() throws Exception {
        writeAll("first", 100);
        String killed = nodes.leader();
        nodes.kill(killed);
        awaitWrite("second0", "value0");
        assertThat(nodes.leader()).isNotEqualTo(killed);
        assertAll("first", 100);

        writeAll("second", 100);
        nodes.start(killed);
        awaitAllInSync();
        nodes.kill(nodes.leader());
        awaitWrite("third0", "value0");
        assertAll("first", 100);
        assertAll("second", 100);
    }

    @Test
    void aLeaderThatStopsHandsOver() throws Exception {
        writeAll("key", 50);
        String stopped = nodes.leader();
        nodes.stop(stopped);
        assertThat(nodes.leader()).isNotEqualTo(stopped);
        awaitWrite("more", "value");
        assertAll("key", 50);
    }

    @Test
    void aWipedNodeStartsAgainAndRejoins() throws Exception {
        writeAll("key", 100);
        String wiped = nodes.follower();
        String copy = nodes.copyInSync(wiped);
        nodes.kill(wiped);
        delete(nodes.place(wiped));
        writeAll("more", 20);
        nodes.start(wiped);
        awaitAllInSync();
        await().until(() -> !String.valueOf(copy).equals(nodes.copyInSync(wiped)));
        killOthersButOne(wiped);
        awaitWrite("again", "value");
        assertAll("key", 100);
        assertAll("more", 20);
    }

    /// One node is gone for good, another has lost its disk, and a record of the third has decayed.
    @Test
    void theLastCopyIsNeverSetAsideAndServesAgainOnceItIsRepaired() throws Exception {
        writeAll("key", 200);
        nodes.kill("node-3");
        await().until(() -> nodes.inSync().equals(Set.of("node-1", "node-2")));
        String copy = nodes.copyInSync("node-1");
        nodes.kill("node-1");
        nodes.kill("node-2");
        delete(nodes.place("node-2"));
        damage(oldestSegment("node-1"));

        nodes.start("node-1");
        nodes.start("node-2");
        await().until(() -> status("node-1").problem().startsWith("damaged"));
        assertThat(status("node-1").copy()).isEqualTo(copy);
        assertThat(asides("node-1")).isEmpty();

        nodes.kill("node-1");
        try (OfflineCopy offline = OfflineCopy.take(nodes.place("node-1"), Disk.real())) {
            assertThat(offline.repair(RepairMode.SALVAGE, false, Progress.NONE).lost())
                    .hasSize(1);
        }
        nodes.start("node-1");
        awaitWrite("more", "value");
        assertThat(nodes.leader()).isEqualTo("node-1");
        assertThat(nodes.inSync()).isEqualTo(Set.of("node-1", "node-2"));
        long readable = 0;
        for (int i = 0; i < 200; i++) {
            readable += ("value" + i).equals(nodes.get("key" + i)) ? 1 : 0;
        }
        assertThat(readable).isGreaterThan(100);
    }

    @Test
    void aCopySetAsideIsKeptUntilTheOneInItsPlaceIsInSync() throws Exception {
        writeAll("key", 200);
        nodes.kill("node-2");
        nodes.kill("node-3");
        NodeIncarnation leader = new NodeIncarnation("node-2", "another process");
        int epoch = nodes.coordinator.state().value().epoch() + 1;
        CopyId copy = new CopyId("node-1", status("node-1").copy());
        CopyId other = new CopyId("node-2", "another copy");
        nodes.set(state -> state.withLeadership(leader, epoch, Set.of(copy, other)));
        damage(oldestSegment("node-1"));
        nodes.partition("node-1").scrub(_ -> {});
        assertThat(status("node-1").problem()).startsWith("damaged, and kept");
        assertThat(asides("node-1")).isEmpty();

        Message heartbeat = new Message.Heartbeat(epoch, new ClockReading(1, 1), 0, 0, false);
        nodes.partition("node-1").onMessage(leader, heartbeat);
        await().until(() -> asides("node-1").size() == 1);
        nodes.set(state -> state.withIsr(Set.of(other)));
        await().during(Duration.ofMillis(200)).until(() -> asides("node-1").size() == 1);

        CopyId fresh = new CopyId("node-1", status("node-1").copy());
        assertThat(fresh).isNotEqualTo(copy);
        nodes.set(state -> state.withIsr(Set.of(other, fresh)));
        await().until(() -> asides("node-1").isEmpty());
    }

    private CopyStatus status(String node) throws Exception {
        return nodes.partition(node).status(Optional.empty()).get();
    }

    @Test
    void aFollowerCatchesUpFromAMergedLog() throws Exception {
        for (int round = 0; round < 5; round++) {
            writeAll("key", 60);
        }
        String wiped = nodes.follower();
        nodes.kill(wiped);
        delete(nodes.place(wiped));
        nodes.partition(nodes.leader()).merge(_ -> {});
        assertThat(merged(nodes.leader())).as("merged segments of the leader").isNotEmpty();
        nodes.start(wiped);
        awaitAllInSync();
        killOthersButOne(wiped);
        awaitWrite("again", "value");
        assertAll("key", 60);
    }

    @Test
    void aDamagedFollowerIsRebuilt() throws Exception {
        writeAll("key", 200);
        String damaged = nodes.follower();
        String copy = nodes.copyInSync(damaged);
        awaitNewsOfCommits(damaged);
        damage(oldestSegment(damaged));
        nodes.partition(damaged).scrub(_ -> {});
        assertRebuiltWithAllKeys(damaged, copy);
    }

    @Test
    void aDamagedLeaderHandsOverAndIsRebuilt() throws Exception {
        writeAll("key", 200);
        String damaged = nodes.leader();
        String copy = nodes.copyInSync(damaged);
        awaitNewsOfCommits(damaged);
        damage(oldestSegment(damaged));
        nodes.partition(damaged).scrub(_ -> {});
        await().until(() -> !nodes.leader().equals(damaged));
        assertRebuiltWithAllKeys(damaged, copy);
    }

    private void assertRebuiltWithAllKeys(String damaged, @Nullable String copy) throws Exception {
        await().until(() -> nodes.inSync().size() == 3 && !String.valueOf(copy).equals(nodes.copyInSync(damaged)));
        await().untilAsserted(() -> assertThat(asides(damaged)).isEmpty());
        killOthersButOne(damaged);
        awaitWrite("again", "value");
        assertAll("key", 200);
    }

    @Test
    void anIsolatedLeaderAnswersNothing() throws Exception {
        writeAll("key", 10);
        String old = nodes.leader();
        assertThat(nodes.partition(old).holdsLease()).isTrue();
        nodes.cutOff(old);
        await().until(() -> !nodes.leader().equals(old));
        awaitWrite("key0", "newer");
        assertThat(nodes.partition(old).holdsLease()).isFalse();
        assertThatThrownBy(() -> nodes.get(old, "key0"))
                .satisfies(thrown -> assertThat(reason(thrown)).isEqualTo(Reason.NOT_ENOUGH_REPLICAS));
        assertThat(nodes.get("key0")).isEqualTo("newer");
    }

    @Test
    void oneOfThreeNodesNeitherWritesNorAnswers() throws Exception {
        writeAll("key", 10);
        String left = nodes.leader();
        for (String node : NODES) {
            if (!node.equals(left)) {
                nodes.kill(node);
            }
        }
        await().untilAsserted(() -> assertThatThrownBy(() -> nodes.get(left, "key0"))
                .satisfies(thrown -> assertThat(reason(thrown)).isEqualTo(Reason.NOT_ENOUGH_REPLICAS))
                .hasMessageContaining("min-insync"));
        assertThat(nodes.put("key", "value")).isFalse();
    }

    /// A scrub reads what is known to be committed, and a follower is told so some time after the writer.
    private void awaitNewsOfCommits(String node) {
        await().until(() -> {
            CopyStatus status = nodes.partition(node).status(Optional.empty()).get();
            return status.highWatermark() == status.logEnd();
        });
    }

    private static Reason reason(Throwable thrown) {
        Throwable cause = thrown instanceof CommandRefusedException ? thrown : thrown.getCause();
        return cause instanceof CommandRefusedException refused ? refused.reason() : Reason.INVALID_ARGUMENT;
    }

    private void awaitAllInSync() {
        await().untilAsserted(() -> assertThat(nodes.inSync()).isEqualTo(Set.copyOf(NODES)));
    }

    private void awaitWrite(String key, String value) {
        await().until(() -> nodes.put(key, value));
    }

    private void writeAll(String prefix, int count) throws Exception {
        awaitWrite(prefix + "0", "value0");
        Map<String, String> values =
                IntStream.range(0, count).boxed().collect(Collectors.toMap(i -> prefix + i, i -> "value" + i));
        await().ignoreExceptions().untilAsserted(() -> nodes.putAll(values));
    }

    /// A machine that pauses for longer than a lease has reads refused for a moment.
    private void assertAll(String prefix, int count) {
        for (int i = 0; i < count; i++) {
            String key = prefix + i;
            String value = "value" + i;
            await().pollDelay(Duration.ZERO)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(nodes.get(key)).as(key).isEqualTo(value));
        }
    }

    /// So that a node leads, or the one that stays with it holds what it holds.
    private void killOthersButOne(String kept) throws Exception {
        String victim = NODES.stream()
                .filter(node -> !node.equals(kept))
                .min(Comparator.comparing(node -> !node.equals(nodes.leader())))
                .orElseThrow();
        nodes.kill(victim);
    }

    private List<Path> asides(String node) throws Exception {
        try (Stream<Path> files = Files.list(directory.resolve(node))) {
            return files.filter(file -> file.toString().contains(".aside-")).toList();
        }
    }

    private List<Path> merged(String node) throws Exception {
        try (Stream<Path> files = Files.list(nodes.place(node))) {
            return files.filter(file -> file.toString().matches(".*-\\d{10}\\.log"))
                    .toList();
        }
    }

    private Path oldestSegment(String node) throws Exception {
        try (Stream<Path> files = Files.list(nodes.place(node))) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .min(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    private static void damage(Path file) throws Exception {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            long at = channel.size() / 2;
            channel.read(one, at);
            one.put(0, (byte) ~one.get(0));
            channel.write(one.flip(), at);
        }
    }

    private static void delete(Path directory) throws Exception {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
