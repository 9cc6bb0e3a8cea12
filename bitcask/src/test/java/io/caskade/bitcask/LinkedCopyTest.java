package io.caskade.bitcask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.inspect.OfflineCopy;
import io.caskade.bitcask.inspect.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A copy of a stopped store's directory that is made of hard links, as `cp -al` makes it: what is done to one
/// of the two must not show in the other.
final class LinkedCopyTest {

    private static final Path STORE = Path.of("/store");
    private static final Path COPY = Path.of("/copy");

    private final FaultyDisk disk = new FaultyDisk(1);

    private static Options options() {
        return Options.defaults()
                .withSegmentBytes(4096)
                .withDiskReserve(0)
                .withScrub(Duration.ofDays(1), 0)
                .withMerges(new MergeOptions(false, 0.25, 0));
    }

    private Bitcask open(Path directory) throws IOException {
        return Bitcask.open(directory, options(), disk);
    }

    private static void put(Bitcask store, int from, int to, String value) throws IOException {
        for (int i = from; i < to; i++) {
            store.put(bytes("key" + i), bytes(value + i + " ".repeat(500)));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String get(Bitcask store, int key) throws IOException {
        Entry entry = store.get(bytes("key" + key));
        return entry == null ? "none" : new String(entry.value(), StandardCharsets.UTF_8).strip();
    }

    private static void link(Disk disk, Path from, Path to) throws IOException {
        for (Path file : disk.list(from)) {
            try (DiskFile each = disk.open(file)) {
                each.sync();
            }
        }
        disk.createDirectories(to);
        for (Path file : disk.list(from)) {
            assertThat(disk.link(file, to.resolve(file.getFileName()))).isTrue();
        }
        disk.syncDirectory(to);
    }

    private Map<Path, String> filesOfCopy() {
        Map<Path, String> files = new HashMap<>();
        disk.contents().forEach((path, content) -> {
            if (path.startsWith(COPY)) {
                files.put(path, new String(content, StandardCharsets.ISO_8859_1));
            }
        });
        return files;
    }

    private void requireWhole(Path directory) throws IOException {
        try (OfflineCopy copy = OfflineCopy.take(directory, disk)) {
            assertThat(copy.verify(Progress.NONE).findings()).isEmpty();
        }
    }

    @Test
    void eachOfTheTwoGoesItsOwnWay() throws IOException {
        try (Bitcask store = open(STORE)) {
            put(store, 0, 11, "value");
        }
        link(disk, STORE, COPY);
        Map<Path, String> before = filesOfCopy();
        try (Bitcask store = open(STORE)) {
            put(store, 10, 20, "mine");
        }
        assertThat(filesOfCopy()).isEqualTo(before);
        try (Bitcask store = open(COPY)) {
            assertThat(get(store, 10)).isEqualTo("value10");
            put(store, 10, 30, "yours");
        }
        try (Bitcask store = open(STORE)) {
            assertThat(store.size()).isEqualTo(20);
            assertThat(get(store, 10)).isEqualTo("mine10");
            assertThat(get(store, 19)).isEqualTo("mine19");
        }
        requireWhole(STORE);
        requireWhole(COPY);
    }

    /// Opening cuts what a crash has left.
    @Test
    void whatOpeningCutsIsNotCutInTheOther() throws IOException {
        try (Bitcask store = open(STORE)) {
            put(store, 0, 11, "value");
        }
        tearNewest();
        link(disk, STORE, COPY);
        Map<Path, String> before = filesOfCopy();
        try (Bitcask store = open(STORE)) {
            assertThat(get(store, 10)).isEqualTo("value10");
            put(store, 10, 20, "mine");
        }
        assertThat(filesOfCopy()).isEqualTo(before);
        try (Bitcask store = open(COPY)) {
            assertThat(get(store, 10)).isEqualTo("value10");
        }
        requireWhole(STORE);
        requireWhole(COPY);
    }

    private void tearNewest() throws IOException {
        Path newest = disk.list(STORE).stream()
                .filter(file -> file.toString().endsWith(".log"))
                .max(Path::compareTo)
                .orElseThrow();
        try (DiskFile file = disk.open(newest)) {
            file.write(ByteBuffer.wrap(bytes("half a record that no sync has covered")), file.size());
            file.sync();
        }
    }

    @Test
    void aCrashAtAnyMomentLosesNothingOfEither() throws IOException {
        boolean reached = true;
        for (int operation = 0; reached; operation++) {
            LinkedCopyTest run = new LinkedCopyTest();
            reached = run.crashAt(operation);
        }
    }

    /// @return whether there was such an operation
    private boolean crashAt(int operation) throws IOException {
        try (Bitcask store = open(STORE)) {
            put(store, 0, 11, "value");
        }
        tearNewest();
        link(disk, STORE, COPY);
        Map<Path, String> before = filesOfCopy();
        disk.stopAt(operation);
        boolean crashed = false;
        try (Bitcask store = open(STORE)) {
            put(store, 11, 14, "value");
        } catch (IOException e) {
            crashed = true;
        }
        boolean reached = disk.isStopped();
        assertThat(reached).isEqualTo(crashed);
        disk.powerFailure(new Random(operation));
        assertThat(filesOfCopy()).isEqualTo(before);
        for (Path each : new Path[] {STORE, COPY}) {
            try (Bitcask store = open(each)) {
                for (int i = 0; i < 11; i++) {
                    assertThat(get(store, i))
                            .as("%s, crash at %d", each, operation)
                            .isEqualTo("value" + i);
                }
            }
        }
        return reached;
    }

    @ParameterizedTest
    @EnumSource
    void onARealDiskToo(Durability durability, @TempDir Path temporary) throws IOException {
        assumeThat(temporary.getFileSystem().supportedFileAttributeViews())
                .as("files have one name here")
                .contains("unix");
        Path directory = temporary.resolve("store");
        Path copy = temporary.resolve("copy");
        Options options = options().withSegmentBytes(1 << 20).withDurability(durability);
        try (Bitcask store = Bitcask.open(directory, options)) {
            put(store, 0, 10, "value");
        }
        link(Disk.real(), directory, copy);
        Path segment = copy.resolve("00000000000000000001.log");
        byte[] before = Files.readAllBytes(segment);
        try (Bitcask store = Bitcask.open(directory, options)) {
            put(store, 5, 20, "mine");
        }
        assertThat(Files.readAllBytes(segment)).isEqualTo(before);
        try (Bitcask store = Bitcask.open(copy, options)) {
            assertThat(store.size()).isEqualTo(10);
            put(store, 5, 10, "yours");
        }
        try (Bitcask store = Bitcask.open(directory, options)) {
            assertThat(store.size()).isEqualTo(20);
            assertThat(get(store, 7)).isEqualTo("mine7");
        }
    }
}
