package io.caskade.bitcask.inspect;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.ScanPage;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.hint.HintWriter;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.record.BatchEncoder;
import io.caskade.bitcask.store.OnDamage;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.StoreOptions;
import io.caskade.bitcask.store.copy.SecretFile;
import io.caskade.bitcask.store.merge.Merge;
import io.caskade.bitcask.store.merge.MergePolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/// Copies on a [FaultyDisk] as tests want them: small segments, some of them merged, some with hints.
final class CopyOnDisk {

    static final Path DIRECTORY = Path.of("/copy");
    static final int PARTITION = 0;
    private static final long SEGMENT_BYTES = 400;

    final FaultyDisk disk = new FaultyDisk(1);
    private final BatchEncoder encoder = new BatchEncoder();
    private Path flippedFile = DIRECTORY;
    private int flippedAt;

    CopyOnDisk() throws IOException {
        disk.createDirectories(DIRECTORY);
    }

    /// A copy with merged segments, plain ones with hints, and a newest one, closed cleanly.
    static CopyOnDisk whole() throws IOException {
        CopyOnDisk copy = new CopyOnDisk();
        try (Store store = copy.open()) {
            for (int i = 0; i < 30; i++) {
                copy.put(store, "key" + i % 10, "value" + i);
                if (i % 4 == 0) {
                    // So that no segment is merged away unread.
                    copy.put(store, "kept" + i, "value" + i);
                }
            }
            copy.group(store, records -> records.tombstone(bytes("key3")));
            copy.merge(store);
            for (int i = 0; i < 12; i++) {
                copy.put(store, "later" + i, "value" + i);
            }
            copy.group(store, records -> {
                records.put(bytes("batch1"), bytes("a"), 0);
                records.put(bytes("batch2"), bytes("b"), 0);
            });
            copy.writeHints(store);
            store.closeCleanly();
        }
        return copy;
    }

    /// A copy without merges or hints, closed cleanly: records `key0` to the last, each after a MARK.
    static CopyOnDisk plain(int records) throws IOException {
        CopyOnDisk copy = new CopyOnDisk();
        try (Store store = copy.open()) {
            for (int i = 0; i < records; i++) {
                copy.put(store, "key" + i, "value" + i);
            }
            store.closeCleanly();
        }
        return copy;
    }

    Store open() throws IOException {
        return Store.open(disk, DIRECTORY, () -> options(SecretFile.readOrCreate(disk, DIRECTORY)));
    }

    static StoreOptions options(byte[] secret) {
        return new StoreOptions(
                new LogOptions(PARTITION, SEGMENT_BYTES, Durability.SYNC),
                new KeyHasher(secret),
                0,
                "",
                UUID::randomUUID);
    }

    OfflineCopy take() throws IOException {
        return OfflineCopy.take(DIRECTORY, disk);
    }

    VerifyReport verify() throws IOException {
        try (OfflineCopy copy = take()) {
            return copy.verify(Progress.NONE);
        }
    }

    void put(Store store, String key, String value) throws IOException {
        group(store, records -> records.put(bytes(key), bytes(value), 0));
    }

    /// A group commit: a MARK and a batch.
    void group(Store store, Consumer<BatchEncoder> records) throws IOException {
        append(store, records);
        sync(store);
        store.commit(store.end());
    }

    void append(Store store, Consumer<BatchEncoder> records) throws IOException {
        encoder.start(1, store.end() + 1);
        encoder.mark(1_000, Math.min(store.highWatermark(), store.durableEnd()));
        records.accept(encoder);
        encoder.endBatch();
        store.append(encoder.group());
    }

    void sync(Store store) throws IOException {
        Sync sync = store.beginSync();
        sync.run();
        store.endSync(sync);
    }

    void writeHints(Store store) throws IOException {
        for (Optional<HintWriter> task = store.maintenance().beginHint();
                task.isPresent();
                task = store.maintenance().beginHint()) {
            task.get().run();
        }
    }

    void merge(Store store) throws IOException {
        Optional<Merge> merge = Merge.begin(store, new MergePolicy(0.1, 2000, () -> Long.MAX_VALUE, true), 0);
        merge.orElseThrow().run(step -> step.run(), bytes -> {});
    }

    /// What a store that is opened shows.
    Map<String, String> contents() throws IOException {
        try (Store store = open()) {
            return contents(store);
        }
    }

    static Map<String, String> contents(Store store) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        store.commit(store.end());
        long position = 0;
        do {
            ScanPage page = store.scan(position, 100, Long.MAX_VALUE, OnDamage.REFUSE);
            for (Entry entry : page.entries()) {
                contents.put(text(entry.key()), text(entry.value()));
            }
            position = page.next();
        } while (position != 0);
        return contents;
    }

    /// Changes a bit of a file.
    void flip(Path file, int offset) throws IOException {
        byte[] bytes = disk.bytesOf(file).clone();
        bytes[offset] ^= 0x10;
        flippedFile = file;
        flippedAt = offset;
        disk.plant(file, bytes);
    }

    /// Takes the last flip back.
    void flipBack() throws IOException {
        flip(flippedFile, flippedAt);
    }

    /// Changes a bit in the first of these bytes in the file that has them.
    Path flipIn(String text) throws IOException {
        for (Map.Entry<Path, byte[]> file : disk.contents().entrySet()) {
            int at = new String(file.getValue(), StandardCharsets.ISO_8859_1).indexOf(text);
            if (at >= 0) {
                flip(file.getKey(), at);
                return file.getKey();
            }
        }
        throw new AssertionError("no file has " + text);
    }

    static Path file(String name) {
        return DIRECTORY.resolve(name);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
