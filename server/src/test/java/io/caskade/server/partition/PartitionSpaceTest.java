package io.caskade.server.partition;

import static io.caskade.server.partition.PartitionOnOneNode.await;
import static io.caskade.server.partition.PartitionOnOneNode.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.Durability;
import io.caskade.server.admin.CopyStatus;
import io.caskade.server.command.Command;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.WriteBatch;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a partition does when merges cannot keep up with puts: here, because a test does not run them.
@Timeout(60)
final class PartitionSpaceTest {

    private static final int MAX_PUTS = 3_000;
    private static final String VALUE = "v".repeat(1_000);

    private final PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.NONE, 1 << 16);

    @Test
    void putsAreSlowedAndThenRefusedUntilMergesHaveCaughtUp() throws Exception {
        node.merges = true;
        PartitionOnOneNode.Life life = node.start();
        assertThat(status(life).slowingPuts()).isFalse();
        assertBusy(writeUntilRefused(life, () -> life.put("key", VALUE)));
        assertThat(status(life).slowingPuts()).isTrue();
        assertThat(status(life).takenBytes()).isGreaterThan(5 * status(life).liveBytes());

        WriteBatch batch = new WriteBatch(List.of(), List.of(PartitionOnOneNode.put("key", VALUE)));
        assertBusy(writeUntilRefused(
                life, () -> life.commands().write(batch, 1 << 20).toCompletableFuture()));

        // The loop itself waits for nothing, and what makes room is taken.
        assertThat(life.get("key")).isEqualTo(VALUE);
        await(life.write(new Command.Delete(bytes("key"), new Command.Condition.None())));
        assertThat(life.get("key")).isNull();

        life.partition().merge(_ -> {});
        assertThat(status(life).slowingPuts()).isFalse();
        await(life.put("key", "new"));
        life.stop();
    }

    @Test
    void answersThatAreHeldBackAreGivenWhenThePartitionStops() throws Exception {
        node.merges = true;
        PartitionOnOneNode.Life life = node.start();
        CompletableFuture<Command.Result> last = life.put("key", VALUE);
        for (int i = 0; i < MAX_PUTS && !last.isCompletedExceptionally(); i++) {
            CompletableFuture<Command.Result> next = life.put("key", VALUE);
            if (status(life).slowingPuts()) {
                last = next;
            }
        }
        life.stop();
        assertThat(last).isDone();
    }

    @Test
    void withoutMergesNothingWaitsForThem() throws Exception {
        node.merges = false;
        PartitionOnOneNode.Life life = node.start();
        for (int i = 0; i < 100; i++) {
            await(life.put("key", VALUE));
        }
        assertThat(status(life).slowingPuts()).isFalse();
        life.stop();
    }

    /// Since the last one was refused, some time may have passed, in which a little is admitted.
    private static CompletableFuture<?> writeUntilRefused(
            PartitionOnOneNode.Life life, Supplier<CompletableFuture<?>> write) throws Exception {
        CompletableFuture<?> last = write.get();
        for (int i = 0; i < MAX_PUTS && !last.isCompletedExceptionally(); i++) {
            last = write.get();
            // On the loop, behind the write.
            status(life);
        }
        return last;
    }

    private static void assertBusy(CompletableFuture<?> refused) {
        assertThatThrownBy(refused::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(CommandRefusedException.class, e -> {
                    assertThat(e.reason()).isEqualTo(CommandRefusedException.Reason.BUSY);
                    assertThat(e).hasMessageContaining("merges cannot keep up");
                });
    }

    private static CopyStatus status(PartitionOnOneNode.Life life) throws Exception {
        return await(life.partition().status(Optional.empty()));
    }
}
