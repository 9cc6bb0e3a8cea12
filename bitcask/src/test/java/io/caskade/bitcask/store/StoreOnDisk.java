package io.caskade.bitcask.store;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.ScanPage;
import io.caskade.bitcask.disk.FaultyDisk;
import io.caskade.bitcask.hint.HintWriter;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.log.Sync;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/// How the tests of this package open stores and look into them.
public final class StoreOnDisk {

    public static final Path DIRECTORY = Path.of("/store");
    public static final Path COPY = DIRECTORY.resolve("copy");
    public static final Path CHECKPOINT = DIRECTORY.resolve("checkpoint");
    public static final int PARTITION = 7;

    private static final byte[] SECRET = "a secret that is 32 bytes long !".getBytes(StandardCharsets.US_ASCII);

    private StoreOnDisk() {}

    public static StoreOptions options(Durability durability, String boot, long segmentBytes) {
        return options(durability, boot, segmentBytes, 0);
    }

    public static StoreOptions options(Durability durability, String boot, long segmentBytes, long reserveBytes) {
        return new StoreOptions(
                new LogOptions(PARTITION, segmentBytes, durability, reserveBytes),
                new KeyHasher(SECRET),
                0,
                boot,
                UUID::randomUUID);
    }

    public static Store open(FaultyDisk disk, Durability durability, String boot) throws IOException {
        return Store.open(disk, DIRECTORY, options(durability, boot, 400));
    }

    /// Closes a store cleanly, but so that the next opening has to recover its log.
    public static void closeWithoutCheckpoint(FaultyDisk disk, Store store) throws IOException {
        store.closeCleanly();
        disk.delete(CHECKPOINT);
    }

    /// All that a store shows, by a scan and by asking for each key.
    public static Map<String, String> contents(Store store) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        long position = 0;
        do {
            ScanPage page = store.scan(position, 3, Long.MAX_VALUE, OnDamage.REFUSE);
            for (Entry entry : page.entries()) {
                String key = text(entry.key());
                if (contents.put(key, text(entry.value())) != null) {
                    throw new AssertionError("the scan lists " + key + " twice");
                }
                Entry got = store.get(entry.key());
                if (got == null
                        || got.version() != entry.version()
                        || !text(got.value()).equals(text(entry.value()))) {
                    throw new AssertionError("get and scan disagree on " + key);
                }
            }
            position = page.next();
        } while (position != 0);
        return contents;
    }

    /// Syncs all that is in the log.
    public static void sync(Store store) throws IOException {
        Sync sync = store.beginSync();
        sync.run();
        store.endSync(sync);
    }

    /// Writes all hints there can be.
    public static void writeHints(Store store) throws IOException {
        for (Optional<HintWriter> task = store.maintenance().beginHint();
                task.isPresent();
                task = store.maintenance().beginHint()) {
            task.get().run();
        }
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
