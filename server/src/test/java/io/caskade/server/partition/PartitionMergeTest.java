package io.caskade.server.partition;

import static io.caskade.server.partition.PartitionOnOneNode.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.log.LogMerge.Pacer;
import io.caskade.server.command.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Merges of a partition off its loop, while it is written to and read.
final class PartitionMergeTest {

    private static final int KEYS = 20;
    private static final int SEGMENT = 4_096;
    private static final Pacer UNPACED = bytes -> {};

    @Test
    void aPartitionIsMergedWhileItIsWrittenToAndRead() throws Exception {
        PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC, SEGMENT);
        PartitionOnOneNode.Life life = node.start();
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> merges = CompletableFuture.runAsync(() -> {
            while (!done.get()) {
                life.partition().merge(UNPACED);
            }
        });
        for (int i = 0; i < 2_000; i++) {
            await(life.put("key-" + i % KEYS, "value-" + i));
            assertThat(life.get("key-" + i % KEYS)).isEqualTo("value-" + i);
        }
        done.set(true);
        merges.get();
        life.partition().merge(UNPACED);
        assertThat(logBytes(node)).isLessThan(6 * SEGMENT);
        life.stop();

        PartitionOnOneNode.Life second = node.start();
        for (int i = 0; i < KEYS; i++) {
            assertThat(second.get("key-" + i)).isEqualTo("value-" + (2_000 - KEYS + i));
        }
        second.stop();
    }

    @Test
    void anIdlePartitionFreesTheSpaceOfExpiredRecords() throws Exception {
        PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC, SEGMENT);
        PartitionOnOneNode.Life life = node.start();
        List<CompletableFuture<Command.Result>> writes = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            writes.add(life.write(new Command.Put(
                    PartitionOnOneNode.bytes("key-" + i),
                    new byte[100],
                    new Command.Expiry.After(10_000),
                    new Command.Condition.None())));
        }
        for (CompletableFuture<Command.Result> write : writes) {
            await(write);
        }
        long before = logBytes(node);
        node.now.addAndGet(20_000);
        Awaitility.await().until(() -> {
            life.partition().merge(UNPACED);
            return logBytes(node) < before / 2;
        });
        life.stop();
    }

    @Test
    void theLastCopyServesOnWithTheDamageThatAMergeFinds() throws Exception {
        PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC, SEGMENT);
        PartitionOnOneNode.Life life = node.start();
        // A segment without a live record would go unread.
        await(life.put("live", "value"));
        overwrite(life, 300);
        Path first = node.disk.contents().keySet().stream()
                .filter(file -> file.toString().endsWith(".log"))
                .sorted()
                .findFirst()
                .orElseThrow();
        node.disk.damage(first, 150);

        life.partition().merge(UNPACED);
        await(life.put("key", "value"));
        assertThat(life.get("key")).isEqualTo("value");
        assertThat(await(life.partition().status(Optional.empty())).problem()).startsWith("damaged, and kept");
        assertThat(node.disk.contents()).containsKey(first);
        life.abandon();
        life.partition().close();
    }

    @Test
    void withoutFreeSpaceNoMergeIsTriedAndThePartitionStillServes() throws Exception {
        PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC, SEGMENT);
        PartitionOnOneNode.Life life = node.start();
        overwrite(life, 300);
        long before = logBytes(node);
        node.disk.setFreeBytes(10);
        life.partition().merge(UNPACED);
        assertThat(logBytes(node)).isEqualTo(before);
        assertThat(life.get("key-1")).isNotNull();
        node.disk.setFreeBytes(1 << 20);
        await(life.put("after", "1"));
        life.stop();
    }

    /// Stops the disk at each operation of a merge in turn, with concurrent writes, and then cuts the power.
    @Test
    void aCrashAtAnyOperationOfAMergeLosesNothingThatWasAcknowledged() throws Exception {
        boolean stopped = true;
        for (int operation = 0; stopped; operation++) {
            PartitionOnOneNode node = new PartitionOnOneNode(operation, Durability.SYNC, 600);
            PartitionOnOneNode.Life life = node.start();
            Map<String, String> acknowledged = overwrite(life, 60);
            node.disk.stopAt(operation);
            CompletableFuture<Command.Result> beside = life.put("beside", "1");
            life.partition().merge(UNPACED);
            node.disk.stopAt(1L << 40);
            stopped = node.disk.isStopped();
            if (!stopped || (beside.isDone() && !beside.isCompletedExceptionally())) {
                await(beside);
                acknowledged.put("beside", "1");
            }
            if (stopped) {
                life.abandon();
                node.disk.powerFailure(new Random(operation));
            } else {
                life.stop();
            }
            PartitionOnOneNode.Life second = node.start();
            for (Map.Entry<String, String> entry : acknowledged.entrySet()) {
                assertThat(second.get(entry.getKey()))
                        .as("%s, stopped at operation %d", entry.getKey(), operation)
                        .isEqualTo(entry.getValue());
            }
            second.partition().merge(UNPACED);
            second.stop();
        }
    }

    @Test
    void stoppingEndsARunningMergePromptly() throws Exception {
        PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC, 1 << 19);
        PartitionOnOneNode.Life life = node.start();
        while (logBytes(node) < 3L << 19) {
            await(life.put("key", "v".repeat(60_000)));
        }
        node.disk.record();
        // One byte a second: without giving up, the merge would take days.
        PartitionMaintenance merges = PartitionMaintenance.start(
                "merges",
                Duration.ofMillis(1),
                () -> List.of(life.partition()),
                HostedPartition::merge,
                HostedPartition::mergeNeed,
                1,
                System::nanoTime);
        while (node.disk.operations().stream().noneMatch(done -> done.name().endsWith(".log.new"))) {
            Thread.onSpinWait();
        }
        merges.stop();
        assertThat(node.disk.contents().keySet())
                .noneMatch(file -> file.toString().endsWith(".new"));
        life.stop();
    }

    private static Map<String, String> overwrite(PartitionOnOneNode.Life life, int count) throws Exception {
        Map<String, String> written = new HashMap<>();
        for (int i = 0; i < count; i++) {
            await(life.put("key-" + i % KEYS, "value-" + i));
            written.put("key-" + i % KEYS, "value-" + i);
        }
        return written;
    }

    private static long logBytes(PartitionOnOneNode node) {
        FaultyDisk disk = node.disk;
        return disk.contents().entrySet().stream()
                .filter(file -> file.getKey().toString().endsWith(".log"))
                .mapToLong(file -> file.getValue().length)
                .sum();
    }
}
