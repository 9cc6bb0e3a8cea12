package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A disk that is full, or fails, under a store: the rules of the design, on the disk that lies and on a
/// real one.
class FullDiskTest {

    private static final Path DIRECTORY = Path.of("/data");
    private static final Options OPTIONS =
            Options.defaults().withSegmentBytes(1 << 20).withDiskReserve(0).withScrub(Duration.ofDays(1), 0);
    private static final long RESERVE = 4 << 20;
    private static final MergeOptions ON_DEMAND = new MergeOptions(false, 0.25, 0);

    private final FaultyDisk disk = new FaultyDisk(1);

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] value(int i) {
        byte[] value = new byte[10_000];
        Arrays.fill(value, (byte) i);
        return value;
    }

    private static void requireValues(Bitcask store, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Entry entry = store.get(bytes("key" + i));
            assertThat(entry).as("key%s", i).isNotNull();
            assertThat(entry == null ? new byte[0] : entry.value()).isEqualTo(value(i));
        }
    }

    /// Writes until there is no room, and says how many writes were acknowledged.
    private static int fill(Bitcask store, int from) {
        int written = from;
        try {
            while (true) {
                store.put(bytes("key" + written), value(written));
                written++;
            }
        } catch (IOException e) {
            assertThat(e).hasCauseInstanceOf(DiskFullException.class).hasMessageContaining("no space left");
        }
        return written;
    }

    @Test
    void aStoreOnAFullDiskIsNotOpenedAndNothingIsLost() throws IOException {
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            store.put(bytes("a"), bytes("1"));
        }
        Map<Path, byte[]> before = disk.contents();
        disk.setFreeBytes(0);
        assertThatThrownBy(() -> Bitcask.open(DIRECTORY, OPTIONS, disk))
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("no space left");
        assertThat(disk.contents().keySet()).isEqualTo(before.keySet());
        disk.setFreeBytes(1 << 20);
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            assertThat(store.size()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Durability.class)
    void withOnlyTheReserveLeftPutsAreRefusedAndDeletesMakeRoomForThem(Durability durability) throws IOException {
        Options options =
                OPTIONS.withDurability(durability).withDiskReserve(RESERVE).withMerges(ON_DEMAND);
        disk.setFreeBytes(3 * RESERVE);
        try (Bitcask store = Bitcask.open(DIRECTORY, options, disk)) {
            int written = fill(store, 0);
            assertThat(disk.freeBytes(DIRECTORY)).isGreaterThan(RESERVE - (2 << 20));
            requireValues(store, written);
            for (int i = 0; i < written; i++) {
                store.delete(bytes("key" + i));
            }
            assertThat(store.size()).isZero();
            assertThatThrownBy(() -> store.put(bytes("key0"), value(0)))
                    .hasCauseInstanceOf(DiskFullException.class)
                    .hasMessageContaining("are kept for deletes and merges");
            store.merge();
            Awaitility.await().until(() -> isTaken(store));
            requireValues(store, 1);
        }
    }

    private static boolean isTaken(Bitcask store) throws IOException {
        try {
            store.put(bytes("key0"), value(0));
            return true;
        } catch (IOException e) {
            assertThat(e).hasCauseInstanceOf(DiskFullException.class);
            return false;
        }
    }

    @Test
    void theMarkOfAnExpiryIsWrittenFromTheReserve() throws IOException {
        ManualClock clock = new ManualClock();
        Options options = OPTIONS.withDiskReserve(RESERVE).withClock(clock);
        try (Bitcask store = Bitcask.open(DIRECTORY, options, disk)) {
            store.put(bytes("key"), value(0), Duration.ofMillis(100));
            disk.setFreeBytes(RESERVE - 1);
            clock.advance(100);
            assertThat(store.get(bytes("key"))).isNull();
        }
    }

    @Test
    void concurrentPutsDoNotMakeADeleteFail() throws Exception {
        disk.setFreeBytes(RESERVE + (12 << 20));
        Options options = OPTIONS.withDiskReserve(RESERVE).withMerges(ON_DEMAND);
        try (Bitcask store = Bitcask.open(DIRECTORY, options, disk);
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 400; i++) {
                store.put(bytes("old" + i), bytes("value"));
            }
            List<Future<?>> deletes = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                byte[] old = bytes("old" + i);
                byte[] fresh = bytes("new" + i);
                threads.execute(() -> putIfThereIsRoom(store, fresh));
                deletes.add(threads.submit(() -> {
                    store.delete(old);
                    return null;
                }));
            }
            for (Future<?> delete : deletes) {
                delete.get();
            }
            assertThat(disk.freeBytes(DIRECTORY)).isPositive();
        }
    }

    private static void putIfThereIsRoom(Bitcask store, byte[] key) {
        try {
            store.put(key, new byte[600_000]);
        } catch (IOException e) {
            assertThat(e).hasCauseInstanceOf(DiskFullException.class);
        }
    }

    @Test
    void aSnapshotWithoutRoomIsRemovedAndHarmsNothing() throws IOException {
        disk.cannotLink();
        disk.createDirectories(Path.of("/backups"));
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            for (int i = 0; i < 10; i++) {
                store.put(bytes("key" + i), value(i));
            }
            disk.setFreeBytes(5_000);
            assertThatThrownBy(() -> store.snapshot(Path.of("/backups/full"))).isInstanceOf(DiskFullException.class);
            assertThat(disk.exists(Path.of("/backups/full"))).isFalse();
            disk.setFreeBytes(1 << 20);
            store.put(bytes("more"), bytes("is taken"));
            store.snapshot(Path.of("/backups/full"));
            requireValues(store, 10);
        }
    }

    @Test
    void aFailedReadIsAnErrorAndTheNextReadSucceeds() throws IOException {
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            store.put(bytes("key0"), value(0));
            disk.fail(Kind.READ, 1);
            assertThatThrownBy(() -> store.get(bytes("key0")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Input/output error");
            requireValues(store, 1);
        }
    }

    @Test
    void afterAFailedSyncNothingIsWrittenAndAcknowledgedRecordsAreStillRead() throws IOException {
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            store.put(bytes("key0"), value(0));
            disk.fail(Kind.SYNC, 1);
            assertThatThrownBy(() -> store.put(bytes("key1"), value(1))).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> store.put(bytes("key2"), value(2)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("refuses writes");
            requireValues(store, 1);
        } catch (IOException e) {
            assertThat(e).as("closing says so, too").hasMessageContaining("refuses writes");
        }
        disk.powerFailure();
        try (Bitcask store = Bitcask.open(DIRECTORY, OPTIONS, disk)) {
            requireValues(store, 1);
        }
    }

    @Test
    void onARealSmallFileSystemWritesAreRefusedReadsGoOnAndWritesResumeWhenThereIsRoom(@TempDir Path directory)
            throws IOException {
        try (SmallFileSystem _ = SmallFileSystem.mount(directory)) {
            Path ballast = Files.write(directory.resolve("ballast"), new byte[4 << 20]);
            Path spare = Files.write(directory.resolve("spare"), new byte[256 << 10]);
            Path snapshot = directory.resolve("snapshot");
            int written;
            try (Bitcask store = Bitcask.open(directory.resolve("data"), OPTIONS)) {
                int acknowledged = fill(store, 0);
                assertThat(acknowledged).isGreaterThan(500);
                assertThatThrownBy(() -> store.put(bytes("one more"), value(1)))
                        .hasCauseInstanceOf(DiskFullException.class);
                assertThatThrownBy(() -> store.snapshot(snapshot)).isInstanceOf(DiskFullException.class);
                assertThat(snapshot).doesNotExist();
                assertThat(directory.resolve("snapshot.new")).doesNotExist();
                requireValues(store, acknowledged);
                Files.delete(ballast);
                written = fill(store, acknowledged);
                assertThat(written).isGreaterThan(acknowledged + 200);
                requireValues(store, written);
                Files.delete(spare);
            }
            try (Bitcask store = Bitcask.open(directory.resolve("data"), OPTIONS)) {
                requireValues(store, written);
            }
        }
    }

    @Test
    void onARealSmallFileSystemDeletesAndMergesWorkFromTheReserveUntilPutsAreTakenAgain(@TempDir Path directory)
            throws IOException {
        try (SmallFileSystem _ = SmallFileSystem.mount(directory);
                Bitcask store = Bitcask.open(directory.resolve("data"), OPTIONS.withDiskReserve(RESERVE))) {
            int written = fill(store, 0);
            assertThat(written).isGreaterThan(800);
            assertThat(Files.getFileStore(directory).getUsableSpace()).isGreaterThan(RESERVE - (2 << 20));
            for (int i = written / 2; i < written; i++) {
                store.delete(bytes("key" + i));
            }
            store.merge();
            Awaitility.await().until(() -> isTaken(store));
            requireValues(store, written / 2);
        }
    }

    /// A file system of 16 MiB in memory, mounted on a directory while a test runs, where that is permitted.
    private record SmallFileSystem(Path directory) implements AutoCloseable {

        static SmallFileSystem mount(Path directory) {
            int exit = run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", directory.toString());
            assumeThat(exit).as("mounting a tmpfs, which only root may").isZero();
            return new SmallFileSystem(directory);
        }

        private static int run(String... command) {
            try {
                Process process =
                        new ProcessBuilder(command).redirectErrorStream(true).start();
                process.getInputStream().readAllBytes();
                return process.waitFor(30, TimeUnit.SECONDS) ? process.exitValue() : -1;
            } catch (IOException e) {
                // There is no such program here.
                return -1;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return -1;
            }
        }

        @Override
        public void close() {
            if (run("umount", directory.toString()) != 0) {
                assertThat(run("umount", "-l", directory.toString())).isZero();
            }
        }
    }
}
