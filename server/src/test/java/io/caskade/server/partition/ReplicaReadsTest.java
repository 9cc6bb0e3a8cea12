package io.caskade.server.partition;

import static io.caskade.server.partition.PartitionOnThreeNodes.NODES;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.Position;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a client sees that reads at any of three copies with what it has seen before.
class ReplicaReadsTest {

    private static final long LONG_MILLIS = ReplicaRead.MAX_WAIT_MILLIS;

    @TempDir
    Path directory;

    private PartitionOnThreeNodes nodes;

    @BeforeEach
    void start() throws Exception {
        nodes = new PartitionOnThreeNodes(directory, 4 << 10);
        nodes.startAll();
        awaitAllInSync();
        await().until(() -> nodes.put("key", "0"));
    }

    @AfterEach
    void end() throws Exception {
        nodes.end();
    }

    @Test
    void itReadsItsOwnWritesAtEveryNode() throws Exception {
        for (int i = 1; i <= 20; i++) {
            Position written = nodes.putAt("key", "" + i);
            for (String node : NODES) {
                Answer<@Nullable FoundRecord> read = causal(node, written);
                assertThat(value(read)).isEqualTo(i);
                assertThat(read.position().sequence()).isGreaterThanOrEqualTo(written.sequence());
                assertThat(read.position().epoch()).isEqualTo(written.epoch());
            }
        }
    }

    @Test
    void itsReadsNeverGoBackFromNodeToNode() throws Exception {
        CompletableFuture<?> writing = CompletableFuture.runAsync(() -> {
            for (int i = 1; i <= 200; i++) {
                put(i);
            }
        });
        Position seen = null;
        long last = 0;
        for (int i = 0; !writing.isDone() || i < 20; i++) {
            Answer<@Nullable FoundRecord> read =
                    nodes.read(NODES.get(i % NODES.size()), "key", ReplicaRead.causal(seen, LONG_MILLIS));
            assertThat(value(read)).isGreaterThanOrEqualTo(last);
            last = value(read);
            seen = read.position();
        }
        writing.join();
        assertThat(last).isPositive();
    }

    private void put(int value) {
        try {
            nodes.putAt("key", "" + value);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /// A write that follows a read is in the log behind what was read: a client that has seen it sees that too.
    @Test
    void whatItHasReadIsThereForAllWhoSeeWhatItWroteThen() throws Exception {
        String follower = nodes.follower();
        Position first = nodes.putAt("key", "1");
        Position read = causal(follower, first).position();
        Position then = nodes.putAt("other", "2");

        assertThat(then.sequence()).isGreaterThan(read.sequence());
        for (String node : NODES) {
            assertThat(value(nodes.read(node, "other", ReplicaRead.causal(then, LONG_MILLIS))))
                    .isEqualTo(2);
            assertThat(value(causal(node, then))).isEqualTo(1);
        }
    }

    @Test
    void itsContextHoldsWhenAnotherLeads() throws Exception {
        Position written = nodes.putAt("key", "1");
        String killed = nodes.leader();
        nodes.kill(killed);
        for (String node : NODES) {
            if (!node.equals(killed)) {
                assertThat(value(causal(node, written))).isEqualTo(1);
            }
        }

        await().until(() -> nodes.put("key", "2"));
        Position later = nodes.putAt("key", "3");
        assertThat(later.epoch()).isGreaterThan(written.epoch());
        nodes.start(killed);
        await().until(() -> value(causalOrNothing(killed, later)) == 3);
    }

    /// It does not wait for a lease, nor for min-insync.
    @Test
    void theLastNodeStillShowsWhatItHas() throws Exception {
        Position written = nodes.putAt("key", "1");
        String left = nodes.leader();
        for (String node : NODES) {
            if (!node.equals(left)) {
                nodes.kill(node);
            }
        }
        await().untilAsserted(() -> assertThatThrownBy(() -> nodes.get(left, "key"))
                .satisfies(thrown -> assertThat(reason(thrown)).isEqualTo(Reason.NOT_ENOUGH_REPLICAS)));

        assertThat(value(causal(left, written))).isEqualTo(1);
        assertThat(value(nodes.read(left, "key", ReplicaRead.EVENTUAL))).isEqualTo(1);
    }

    @Test
    void aNodeThatIsBehindSaysHowFarAndStillShowsWhatItHas() throws Exception {
        Position old = nodes.putAt("key", "1");
        String behind = nodes.follower();
        causal(behind, old);
        nodes.cutOff(behind);
        await().until(() -> nodes.put("key", "2"));
        Position written = nodes.putAt("key", "3");

        assertThatThrownBy(() -> nodes.read(behind, "key", ReplicaRead.causal(written, 50)))
                .satisfies(thrown -> assertThat(reason(thrown)).isEqualTo(Reason.BEHIND_CONTEXT))
                .hasMessageContaining("behind the causal context")
                .hasMessageContaining("sequence " + written.sequence() + " of epoch " + written.epoch());
        assertThat(value(causal(behind, old))).isEqualTo(1);
        assertThat(value(nodes.read(behind, "key", ReplicaRead.EVENTUAL))).isEqualTo(1);
    }

    /// As when the replica is moved: until it has all, it shows nothing.
    @Test
    void aCopyThatIsFilledShowsNothingBeforeItHasAll() throws Exception {
        for (int i = 0; i < 300; i++) {
            nodes.putAt("filler" + i, "1");
        }
        Position written = nodes.putAt("key", "1");
        String wiped = nodes.follower();
        nodes.kill(wiped);
        delete(nodes.place(wiped));
        nodes.start(wiped);

        await().until(() -> {
            Answer<@Nullable FoundRecord> read = causalOrNothing(wiped, written);
            assertThat(read == null || value(read) == 1).isTrue();
            return read != null;
        });
        awaitAllInSync();
        assertThat(value(nodes.read(wiped, "filler0", ReplicaRead.EVENTUAL))).isEqualTo(1);
    }

    private Answer<@Nullable FoundRecord> causal(String node, Position seen) throws Exception {
        return nodes.read(node, "key", ReplicaRead.causal(seen, LONG_MILLIS));
    }

    /// Null when the node refuses because it is behind.
    private @Nullable Answer<@Nullable FoundRecord> causalOrNothing(String node, Position seen) throws Exception {
        try {
            return nodes.read(node, "key", ReplicaRead.causal(seen, 0));
        } catch (Exception e) {
            if (Set.of(Reason.BEHIND_CONTEXT, Reason.NOT_SERVING).contains(reason(e))) {
                return null;
            }
            throw e;
        }
    }

    /// -1 when there is no answer.
    private static long value(@Nullable Answer<@Nullable FoundRecord> answer) {
        return answer == null
                ? -1
                : Long.parseLong(
                        new String(Objects.requireNonNull(answer.value()).value(), UTF_8));
    }

    private static @Nullable Reason reason(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .filter(CommandRefusedException.class::isInstance)
                .map(refused -> ((CommandRefusedException) refused).reason())
                .findFirst()
                .orElse(null);
    }

    private void awaitAllInSync() {
        await().untilAsserted(() -> assertThat(nodes.inSync()).isEqualTo(Set.copyOf(NODES)));
    }

    private static void delete(Path place) throws Exception {
        List<Path> files;
        try (Stream<Path> all = Files.walk(place)) {
            files = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
