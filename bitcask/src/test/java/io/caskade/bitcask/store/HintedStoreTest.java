package io.caskade.bitcask.store;

import static io.caskade.bitcask.store.StoreOnDisk.DIRECTORY;
import static io.caskade.bitcask.store.StoreOnDisk.bytes;
import static io.caskade.bitcask.store.StoreOnDisk.closeWithoutCheckpoint;
import static io.caskade.bitcask.store.StoreOnDisk.contents;
import static io.caskade.bitcask.store.StoreOnDisk.sync;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.disk.DiskFile;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.disk.FaultyDisk.Kind;
import io.caskade.bitcask.hint.HintWriter;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.record.EpochHistory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// The log always wins over a hint, whatever the hint looks like.
final class HintedStoreTest {

    private static final int SEGMENT_BYTES = 400;

    private final FaultyDisk disk = new FaultyDisk(1);
    private final BatchEncoder encoder = new BatchEncoder();

    /// What of a store must not depend on hints.
    private record State(Map<String, String> contents, long end, long logTime, EpochHistory epochs) {
        static State of(Store store) throws IOException {
            return new State(StoreOnDisk.contents(store), store.end(), store.logTime(), store.epochs());
        }
    }

    @Test
    void aStoreIsTheSameWithHintsAndWithout() throws IOException {
        for (long seed = 0; seed < 60; seed++) {
            FaultyDisk other = new FaultyDisk(seed);
            State written = writeAtRandom(other, new Random(seed));
            Map<Path, byte[]> files = other.contents();
            Map<Path, byte[]> plain = new HashMap<>(files);
            plain.keySet().removeIf(HintedStoreTest::isHint);
            assertThat(plain).hasSizeLessThan(files.size());
            assertThat(stateOf(FaultyDisk.holding(files))).as("seed %d", seed).isEqualTo(written);
            assertThat(stateOf(FaultyDisk.holding(plain))).as("seed %d", seed).isEqualTo(written);
        }
    }

    @Test
    void aHintedSegmentIsNotReadUntilItsRecordsAre() throws IOException {
        Store written = open(disk);
        fill(written, 6, 14);
        hints(written);
        closeWithoutCheckpoint(disk, written);
        Path segment = DIRECTORY.resolve("00000000000000000001.log");
        byte[] bytes = disk.bytesOf(segment);
        bytes[32 + 48 + 32 + 4] ^= 1;
        Map<Path, byte[]> files = new HashMap<>(disk.contents());
        files.put(segment, bytes);
        Store store = open(FaultyDisk.holding(files));
        assertThatThrownBy(() -> store.get(bytes("key6"))).isInstanceOf(DamagedLogException.class);
        files.keySet().removeIf(HintedStoreTest::isHint);
        assertThatThrownBy(() -> open(FaultyDisk.holding(files))).isInstanceOf(DamagedLogException.class);
    }

    @Test
    void aHintProvesThatItsSegmentWasCommitted() throws IOException {
        Store store = open(disk);
        State state = State.of(fill(store, 0, 12));
        hints(store);
        disk.kill();
        Store again = open(disk);
        assertThat(again.highWatermark()).isGreaterThan(0).isLessThanOrEqualTo(state.end());
    }

    @Test
    void noHintIsWrittenBeyondTheHighWatermarkOrTheDurableEnd() throws IOException {
        Store store = open(disk);
        for (int i = 0; i < 12; i++) {
            put(store, i);
        }
        assertThat(store.maintenance().beginHint())
                .as("nothing is synced or committed")
                .isEmpty();
        sync(store);
        assertThat(store.maintenance().beginHint()).as("nothing is committed").isEmpty();
        store.commit(store.end());
        assertThat(store.maintenance().beginHint()).isPresent();
        put(store, 12);
        store.commit(store.end());
        hints(store);
        assertThat(disk.contents().keySet().stream()
                        .filter(HintedStoreTest::isHint)
                        .count())
                .isEqualTo(segments() - 2);
    }

    @Test
    void everyFlipOfEveryByteOfAHintIsIgnored() throws IOException {
        State written = write();
        Map<Path, byte[]> files = disk.contents();
        Path hint = firstHint();
        for (int at = 0; at < bytesOf(files, hint).length; at++) {
            for (int pattern : new int[] {0x01, 0x10, 0x80, 0xff}) {
                byte[] bytes = bytesOf(files, hint).clone();
                bytes[at] ^= (byte) pattern;
                expectIgnored("byte " + at + " xor " + Integer.toHexString(pattern), files, hint, bytes, written);
            }
        }
    }

    @Test
    void everyLengthOfAHintIsIgnored() throws IOException {
        State written = write();
        Map<Path, byte[]> files = disk.contents();
        Path hint = firstHint();
        byte[] whole = bytesOf(files, hint);
        for (int length = 0; length < whole.length + 40; length++) {
            if (length != whole.length) {
                expectIgnored("length " + length, files, hint, Arrays.copyOf(whole, length), written);
            }
        }
    }

    @Test
    void aHintOfAnotherSegmentIsIgnored() throws IOException {
        State written = write();
        Map<Path, byte[]> files = disk.contents();
        List<Path> hints =
                files.keySet().stream().filter(HintedStoreTest::isHint).sorted().toList();
        expectIgnored("of another segment", files, hints.getFirst(), bytesOf(files, hints.get(1)), written);
    }

    @Test
    void aHintOfAnotherPartitionsSegmentOrOtherRecordsIsIgnored() throws IOException {
        State written = write();
        FaultyDisk other = new FaultyDisk(2);
        Store store = open(other);
        fill(store, 100, 112);
        hints(store);
        expectIgnored(
                "of other records", disk.contents(), firstHint(), bytesOf(other.contents(), firstHint()), written);
    }

    @Test
    void aHintMadeWithAnotherSecretIsIgnoredAndReplaced() throws IOException {
        State written = write();
        StoreOptions plain = StoreOnDisk.options(Durability.SYNC, "", SEGMENT_BYTES);
        KeyHasher otherHasher = new KeyHasher("another that is 32 bytes long  !".getBytes(StandardCharsets.US_ASCII));
        StoreOptions other = new StoreOptions(plain.log(), otherHasher, 0, "", UUID::randomUUID);
        FaultyDisk copy = FaultyDisk.holding(disk.contents());
        Store store = Store.open(copy, DIRECTORY, other);
        assertThat(State.of(store)).isEqualTo(written);
        assertThat(hints(store)).isEqualTo(segments() - 1);
        closeWithoutCheckpoint(copy, store);
        Store again = Store.open(copy, DIRECTORY, other);
        assertThat(State.of(again)).isEqualTo(written);
        assertThat(again.maintenance().beginHint()).isEmpty();
    }

    @Test
    void anUnreadableHintIsIgnored() throws IOException {
        State written = write();
        for (int which = 1; which < 20; which++) {
            FaultyDisk copy = FaultyDisk.holding(disk.contents());
            copy.fail(Kind.READ, which);
            Optional<Store> store = openUnlessReadFails(copy);
            if (store.isPresent()) {
                assertThat(State.of(store.get())).isEqualTo(written);
            }
        }
    }

    private static Optional<Store> openUnlessReadFails(FaultyDisk disk) throws IOException {
        try {
            Optional<Store> opened = Optional.of(open(disk));
            disk.fail(Kind.READ, Integer.MAX_VALUE);
            return opened;
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("Input/output error");
            return Optional.empty();
        }
    }

    @Test
    void aHintThatCannotBeWrittenHarmsNothing() throws IOException {
        for (Kind kind : new Kind[] {Kind.CREATE, Kind.WRITE, Kind.SYNC, Kind.RENAME}) {
            FaultyDisk other = new FaultyDisk(1);
            Store store = open(other);
            fill(store, 0, 12);
            other.fail(kind, 1);
            HintWriter task = store.maintenance().beginHint().orElseThrow();
            assertThatThrownBy(task::run).hasMessageContaining("Input/output error");
            other.setFreeBytes(100);
            HintWriter next = store.maintenance().beginHint().orElseThrow();
            assertThatThrownBy(next::run).hasMessageContaining("no space left");
            other.setFreeBytes(1 << 20);
            State state = State.of(fill(store, 12, 14));
            closeWithoutCheckpoint(other, store);
            Store again = open(other);
            assertThat(State.of(again)).as(kind.name()).isEqualTo(state);
            assertThat(hints(again)).as("hints are tried again").isGreaterThan(0);
        }
    }

    @Test
    void aDamagedSegmentGetsNoHint() throws IOException {
        Store store = open(disk);
        fill(store, 0, 12);
        try (DiskFile file = disk.open(DIRECTORY.resolve("00000000000000000001.log"))) {
            file.write(ByteBuffer.wrap(bytes("X")), 40);
        }
        HintWriter task = store.maintenance().beginHint().orElseThrow();
        assertThatThrownBy(task::run).isInstanceOf(DamagedLogException.class);
        assertThat(disk.contents().keySet()).noneMatch(HintedStoreTest::isHint);
    }

    @Test
    void aHintIsWrittenEvenIfTheStoreIsClosedMeanwhile() throws IOException {
        Store store = open(disk);
        State state = State.of(fill(store, 0, 12));
        HintWriter task = store.maintenance().beginHint().orElseThrow();
        closeWithoutCheckpoint(disk, store);
        task.run();
        assertThat(stateOf(disk)).isEqualTo(state);
    }

    @Test
    void onlyLeftoversOfHintsAndMergesAreDeleted() throws IOException {
        write();
        Set<Path> own = disk.contents().keySet();
        for (String stray : new String[] {
            "00000000000000000001.hint.new",
            "00000000000000000001.log.new",
            "00000000000000000001-00000000000000000009-0000000001.log.new",
            "00000000000000999999.hint",
            "00000000000000000001-00000000000000000009-0000000001.hint",
        }) {
            disk.plant(DIRECTORY.resolve(stray), new byte[10]);
        }
        String[] others = {"notes.hint", "notes.log.new", "1.hint", "backup.new", "00000000000000000001.hint.old"};
        for (String other : others) {
            disk.plant(DIRECTORY.resolve(other), new byte[10]);
        }
        open(disk);
        Set<Path> expected = new HashSet<>(own);
        Arrays.stream(others).map(DIRECTORY::resolve).forEach(expected::add);
        assertThat(disk.contents().keySet()).isEqualTo(expected);
    }

    /// A bad hint changes nothing and is replaced.
    private void expectIgnored(String what, Map<Path, byte[]> files, Path hint, byte[] bytes, State written)
            throws IOException {
        Map<Path, byte[]> changed = new HashMap<>(files);
        changed.put(hint, bytes);
        FaultyDisk copy = FaultyDisk.holding(changed);
        Store store = open(copy);
        assertThat(State.of(store)).as(what).isEqualTo(written);
        assertThat(hints(store)).as(what).isEqualTo(1);
        assertThat(copy.bytesOf(hint)).as(what).isEqualTo(bytesOf(files, hint));
    }

    private State write() throws IOException {
        Store store = open(disk);
        fill(store, 0, 12);
        hints(store);
        State state = State.of(store);
        closeWithoutCheckpoint(disk, store);
        return state;
    }

    private Store fill(Store store, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            put(store, i);
        }
        sync(store);
        store.commit(store.end());
        return store;
    }

    private void put(Store store, int i) throws IOException {
        encoder.start(1 + i / 5, store.end() + 1);
        encoder.mark(1_000 + i, store.highWatermark());
        encoder.put(bytes("key" + i % 9), bytes("value" + i), i % 2 == 0 ? 5_000 + i : 0);
        if (i % 4 == 3) {
            encoder.tombstone(bytes("key" + i % 3));
        }
        encoder.endBatch();
        if (i == 5) {
            encoder.clear();
        }
        store.append(encoder.group());
    }

    private static State writeAtRandom(FaultyDisk disk, Random random) throws IOException {
        Store store = open(disk);
        History history = new History();
        for (int i = 0; i < 40; i++) {
            store.append(history.group(random, 1 + i / 7, store.highWatermark()));
            sync(store);
            store.commit(store.end());
            if (random.nextInt(5) == 0) {
                hints(store);
            }
        }
        hints(store);
        assertThat(contents(store)).isEqualTo(history.mapAt(history.end()));
        State state = State.of(store);
        closeWithoutCheckpoint(disk, store);
        return state;
    }

    private static State stateOf(FaultyDisk disk) throws IOException {
        Store store = open(disk);
        store.commit(store.end());
        return State.of(store);
    }

    private static Store open(FaultyDisk disk) throws IOException {
        return StoreOnDisk.open(disk, Durability.SYNC, "boot-1");
    }

    /// Writes all hints that are due.
    private static int hints(Store store) throws IOException {
        int count = 0;
        for (Optional<HintWriter> task = store.maintenance().beginHint();
                task.isPresent();
                task = store.maintenance().beginHint()) {
            task.get().run();
            count++;
        }
        return count;
    }

    private int segments() {
        return (int) disk.contents().keySet().stream()
                .filter(file -> file.toString().endsWith(".log"))
                .count();
    }

    private Path firstHint() {
        return disk.contents().keySet().stream()
                .filter(HintedStoreTest::isHint)
                .sorted()
                .findFirst()
                .orElseThrow();
    }

    private static boolean isHint(Path file) {
        return file.toString().endsWith(".hint");
    }

    private static byte[] bytesOf(Map<Path, byte[]> files, Path file) {
        byte[] bytes = files.get(file);
        if (bytes == null) {
            throw new IllegalArgumentException(file.toString());
        }
        return bytes;
    }
}
