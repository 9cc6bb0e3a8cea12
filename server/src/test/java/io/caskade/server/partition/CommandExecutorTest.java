package io.caskade.server.partition;

import static io.caskade.server.partition.PartitionOnOneNode.await;
import static io.caskade.server.partition.PartitionOnOneNode.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.Durability;
import io.caskade.server.cluster.NodeIncarnation;
import io.caskade.server.cluster.PartitionState;
import io.caskade.server.cluster.Versioned;
import io.caskade.server.command.Command;
import io.caskade.server.command.Command.Condition;
import io.caskade.server.command.Command.Expiry;
import io.caskade.server.command.CommandHandler.Answer;
import io.caskade.server.command.CommandHandler.FoundRecord;
import io.caskade.server.command.CommandHandler.StartedGet;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.command.ReplicaRead;
import io.caskade.server.replica.Role;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What takes an answer that comes between two steps of the replica.
class CommandExecutorTest {

    private static final int LONG_AFTER = 9;

    private final PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC);

    /// The clock of the next leader may be behind: by it the record would be there again.
    @Test
    void aRecordIsNotSaidToHaveExpiredBeforeTheLogKnowsTheTime() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.write(new Command.Put(bytes("key"), bytes("value"), new Expiry.After(100), new Condition.None())));
        long expiry = node.now.get() + 100;
        node.now.addAndGet(200);

        Command.Result result = await(life.write(new Command.Delete(bytes("key"), new Condition.None())));

        assertThat(result.applied()).isFalse();
        assertThat(life.partition().copies().current().logTime()).isGreaterThanOrEqualTo(expiry);
        life.stop();
    }

    /// A copy is closed, or replaced, while commands look for its records.
    @Test
    void aWriteThatLooksForItsRecordInAClosedCopyIsRefused() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.write(new Command.Put(bytes("key"), bytes("value"), new Expiry.Never(), new Condition.None())));
        life.partition().copies().current().close();

        assertThatThrownBy(() -> await(life.write(new Command.Delete(bytes("key"), new Condition.None()))))
                .cause()
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.NOT_SERVING));
    }

    @Test
    void whatARecordSaysOfItselfTakesNoBytes() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        byte[] value = new byte[5000];
        await(life.write(new Command.Put(bytes("key"), value, new Expiry.After(100), new Condition.None())));
        assertThat(life.commands().beginGet(bytes("key")).bytes()).isGreaterThan(5000);

        StartedGet onDisk = life.commands().beginGetInfo(bytes("key"));
        assertThat(onDisk).isInstanceOf(StartedGet.NeedsDisk.class);
        assertThat(onDisk.bytes()).isZero();
        FoundRecord found = Objects.requireNonNull(
                await(onDisk.finish().toCompletableFuture()).value());
        assertThat(found.value()).isEmpty();
        assertThat(found.valueBytes()).isEqualTo(5000);
        assertThat(found.version()).isPositive();
        assertThat(found.ttlMillis()).isBetween(1L, 100L);

        life.get("key");
        StartedGet inMemory = life.commands().beginGetInfo(bytes("key"));
        assertThat(inMemory).isInstanceOf(StartedGet.Answered.class);
        assertThat(inMemory.bytes()).isZero();
        node.now.addAndGet(200);
        assertThat(await(life.commands().beginGetInfo(bytes("key")).finish().toCompletableFuture())
                        .value())
                .isNull();
        life.stop();
    }

    /// Only the log's time is the same for all replicas.
    @Test
    void aReplicaShowsARecordUntilTheLogSaysThatItHasExpired() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.write(new Command.Put(bytes("key"), bytes("value"), new Expiry.After(100), new Condition.None())));
        node.now.addAndGet(200);

        Answer<@Nullable FoundRecord> before = await(life.read("key", ReplicaRead.EVENTUAL));
        assertThat(Objects.requireNonNull(before.value()).ttlMillis()).isEqualTo(1);
        await(life.write(new Command.Delete(bytes("key"), new Condition.None())));
        Answer<@Nullable FoundRecord> after = await(life.read("key", ReplicaRead.causal(before.position(), 0)));

        assertThat(after.value()).isNull();
        assertThat(after.position().sequence()).isGreaterThan(before.position().sequence());
        life.stop();
    }

    @Test
    void aContextThatTheLogDoesNotHaveIsNamed() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.put("key", "value"));

        CompletableFuture<?> refused = life.read("key", new ReplicaRead(1, 1_000_000, 60_000));

        assertThatThrownBy(() -> await(refused))
                .cause()
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.CONTEXT_LOST))
                .hasMessageContaining("sequence 1000000 of epoch 1");
        life.stop();
    }

    /// Another has led meanwhile, and the record may have been replaced.
    @Test
    void aReadIsNotAnsweredInALaterEpochThanItWasMadeIn() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        await(life.put("key", "value"));
        AtomicInteger reads = new AtomicInteger();
        node.disk.beforeRead(() -> {
            if (reads.getAndIncrement() == 0) {
                leadAgain(life.partition());
            }
        });

        CompletableFuture<?> refused = CompletableFuture.supplyAsync(
                () -> life.commands().beginGet(bytes("key")).finish(), Runnable::run);

        assertThat(reads).hasPositiveValue();
        assertThat(life.partition().driver().role()).isEqualTo(new Role.Leader(LONG_AFTER));
        assertThatThrownBy(() -> await(refused))
                .cause()
                .isInstanceOfSatisfying(
                        CommandRefusedException.class,
                        refusal -> assertThat(refusal.reason()).isEqualTo(Reason.NOT_LEADER));
        life.stop();
    }

    /// By a state that leaves out those in between: who has led then, and changed what, is unknown.
    private void leadAgain(HostedPartition partition) {
        Versioned<PartitionState> led = node.coordinator.state();
        NodeIncarnation self = led.value().leader();
        partition.stateChanged(new Versioned<>(
                led.value().withLeadership(self, LONG_AFTER, led.value().isr()), led.version() + 1));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PartitionOnOneNode.TIMEOUT_SECONDS);
        while (!(partition.driver().role() instanceof Role.Leader(int epoch) && epoch == LONG_AFTER)) {
            assertThat(System.nanoTime()).as("when it leads again").isLessThan(end);
            Thread.onSpinWait();
        }
    }
}
