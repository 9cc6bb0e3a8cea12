package io.caskade.server.partition;

import static io.caskade.server.partition.PartitionOnOneNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.ScrubReport;
import io.caskade.bitcask.log.LogMerge.Pacer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// Scrubs of a partition off its loop.
final class PartitionScrubTest {

    private static final Path FIRST = Path.of("/partition/00000000000000000001.log");
    private static final int SEGMENT = 4_096;
    private static final Pacer UNPACED = bytes -> {};

    private final PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC, SEGMENT);

    private PartitionOnOneNode.Life filled() throws Exception {
        PartitionOnOneNode.Life life = node.start();
        for (int i = 0; i < 100; i++) {
            await(life.put("key-" + i, "v".repeat(100)));
        }
        return life;
    }

    @Test
    void anIntactPartitionScrubsWithoutFindings() throws Exception {
        PartitionOnOneNode.Life life = filled();
        life.partition().scrub(UNPACED);
        ScrubReport report = life.partition().scrubReport();
        assertThat(report.rounds()).isEqualTo(1);
        assertThat(report.segments()).isGreaterThan(3);
        assertThat(report.damagedSegments()).isZero();
        life.stop();
    }

    @Test
    void damageIsReportedWithItsLocationAndTheRestIsServed() throws Exception {
        PartitionOnOneNode.Life life = filled();
        node.disk.damage(FIRST, 500);

        life.partition().scrub(UNPACED);
        life.partition().scrub(UNPACED);
        ScrubReport report = life.partition().scrubReport();
        assertThat(report.rounds()).isEqualTo(2);
        assertThat(report.damagedSegments()).isEqualTo(2);
        DamagedLogException found = report.damage().getFirst();
        assertThat(found.file()).isEqualTo(FIRST);
        assertThat(found.offset()).isBetween(200L, 500L);
        assertThat(found.sequence()).isBetween(2L, 8L);

        assertThat(life.get("key-99")).isEqualTo("v".repeat(100));
        await(life.put("more", "is taken"));
        assertThatThrownBy(() -> {
            for (int i = 0; i < 5; i++) {
                assertThat(life.get("key-" + i)).isNotNull();
            }
        });
        life.abandon();
        life.partition().close();
    }

    @Test
    void scrubsReadEachPartitionRepeatedly() throws Exception {
        PartitionOnOneNode.Life life = filled();
        PartitionMaintenance scrubs = PartitionMaintenance.start(
                "scrubs",
                Duration.ofMillis(1),
                () -> List.of(life.partition()),
                HostedPartition::scrub,
                PartitionMaintenance.NEVER_URGENT,
                1 << 30,
                System::nanoTime);
        Awaitility.await().until(() -> life.partition().scrubReport().rounds() >= 2);
        scrubs.stop();
        life.stop();
    }

    @Test
    void stoppingEndsARunningScrubPromptly() throws Exception {
        PartitionOnOneNode node = new PartitionOnOneNode(1, Durability.SYNC, 1 << 19);
        PartitionOnOneNode.Life life = node.start();
        for (int i = 0; i < 30; i++) {
            await(life.put("key-" + i, "v".repeat(60_000)));
        }
        CountDownLatch begun = new CountDownLatch(1);
        // One byte a second: without giving up, the scrub would take days.
        PartitionMaintenance scrubs = PartitionMaintenance.start(
                "scrubs",
                Duration.ofMillis(1),
                () -> List.of(life.partition()),
                (partition, pacer) -> partition.scrub(bytes -> {
                    begun.countDown();
                    pacer.moved(bytes);
                }),
                PartitionMaintenance.NEVER_URGENT,
                1,
                System::nanoTime);
        begun.await();
        scrubs.stop();
        assertThat(life.partition().scrubReport().rounds()).isZero();
        life.stop();
    }
}
