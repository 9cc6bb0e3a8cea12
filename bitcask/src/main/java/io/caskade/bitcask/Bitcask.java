package io.caskade.bitcask;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskFullException;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.log.Durability;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.log.RecordFormat;
import io.caskade.bitcask.store.Entry;
import io.caskade.bitcask.store.Merging;
import io.caskade.bitcask.store.ScanPage;
import io.caskade.bitcask.store.Scrub;
import io.caskade.bitcask.store.ScrubReport;
import io.caskade.bitcask.store.Snapshot;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.StoreOptions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A durable map from keys to values in a directory of its own, for use within one process and without a
/// server.
///
/// ```java
/// try (Bitcask store = Bitcask.open(Path.of("data"), Options.defaults())) {
///     store.put(key, value);
///     store.put(session, token, Duration.ofMinutes(5));
///     Entry entry = store.get(key); // null when there is no record
///     long position = 0;
///     do {
///         ScanPage page = store.scan(position, 1000);
///         page.entries().forEach(this::use);
///         position = page.next();
///     } while (position != 0);
///     store.snapshot(Path.of("backup")); // a store of its own
/// }
/// ```
///
/// Safe for use by any number of threads: reads take no locks, writes share their syncs. With
/// [Durability#SYNC] a write that returned survives everything short of a broken disk. A write that throws
/// [IOException] may or may not have taken effect, unless the exception's cause is a
/// [DiskFullException]: then it has not.
public final class Bitcask implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(Bitcask.class);
    private static final int PARTITION = 0;
    private static final Duration MIN_TIME_TO_LIVE = Duration.ofMillis(1);
    private static final Duration MAX_TIME_TO_LIVE = Duration.ofDays(365_250);

    private final Store store;
    private final Options options;
    private final GroupCommit commits;
    private final @Nullable IntervalSync intervalSync;
    private final Merging merging;
    private final Snapshots snapshots;
    private final Scrub scrub;
    private final Scrubbing scrubbing;
    private final Housekeeping housekeeping;

    private Bitcask(Path directory, Disk disk, Store store, Options options) throws IOException {
        this.store = store;
        this.options = options;
        DiskReserve reserve = new DiskReserve(disk, directory, options.diskReserveBytes(), System::nanoTime);
        this.commits = new GroupCommit(store, reserve, options);
        store.commit(store.end());
        this.intervalSync = options.durability() == Durability.INTERVAL
                ? IntervalSync.start(options.syncInterval(), commits)
                : null;
        this.merging = new Merging(
                store,
                options.merges().deadRatio(),
                options.segmentBytes(),
                new Merging.Surroundings(
                        directory.toString(), commits::step, () -> Long.MAX_VALUE, System::nanoTime, failure -> {}));
        this.snapshots = new Snapshots(store, commits, merging);
        this.scrub = new Scrub(store, directory.toString(), commits::step);
        this.scrubbing = Scrubbing.start(scrub, options);
        this.housekeeping = Housekeeping.start(store, commits, merging, options);
    }

    /// Opens the store in a directory, creating it when it is missing.
    ///
    /// @throws io.caskade.bitcask.disk.DirectoryInUseException when it is open already, here or in another
    ///     process
    /// @throws io.caskade.bitcask.log.DamagedLogException when records that were counted on are gone or
    ///     changed; nothing is changed then
    public static Bitcask open(Path directory, Options options) throws IOException {
        return open(directory, options, Disk.real());
    }

    /// Opens a store on another disk than the machine's own, for tests.
    public static Bitcask open(Path directory, Options options, Disk disk) throws IOException {
        Store store = Store.open(
                disk,
                directory,
                () -> new StoreOptions(
                        new LogOptions(PARTITION, options.segmentBytes(), options.durability()),
                        new KeyHasher(SecretFile.readOrCreate(disk, directory)),
                        options.cacheBytes(),
                        "",
                        UUID::randomUUID));
        boolean opened = false;
        try {
            Bitcask bitcask = new Bitcask(directory, disk, store, options);
            opened = true;
            return bitcask;
        } finally {
            if (!opened) {
                store.close();
            }
        }
    }

    /// The record of a key, or null when there is none or it has expired.
    ///
    /// That a record has expired is written down before it is told, so that a clock that is set back cannot
    /// bring it back.
    public @Nullable Entry get(byte[] key) throws IOException {
        checkKey(key);
        Entry entry = store.get(key);
        if (entry == null || entry.expiresAt() == 0) {
            return entry;
        }
        long now = now();
        if (!entry.isExpiredAt(now)) {
            return entry;
        }
        if (!entry.isExpiredAt(store.logTime())) {
            commits.mark(now);
        }
        return null;
    }

    /// Gives a key a value that does not expire.
    public void put(byte[] key, byte[] value) throws IOException {
        write(key, value, 0);
    }

    /// Gives a key a value that expires.
    ///
    /// @param timeToLive from now, at least 1 ms
    public void put(byte[] key, byte[] value, Duration timeToLive) throws IOException {
        if (timeToLive.compareTo(MIN_TIME_TO_LIVE) < 0 || timeToLive.compareTo(MAX_TIME_TO_LIVE) > 0) {
            throw new IllegalArgumentException(
                    "a time to live of " + timeToLive + "; it must be at least 1 ms and at most 1000 years");
        }
        write(key, value, now() + timeToLive.toMillis());
    }

    /// What expiry goes by: the clock, unless it was set back.
    private long now() {
        return Math.max(store.logTime(), options.clock().millis());
    }

    /// Removes a key; does nothing to one that has no record. Goes on while puts are refused because the disk has
    /// less free than its reserve ([Options#diskReserveBytes]).
    public void delete(byte[] key) throws IOException {
        checkKey(key);
        if (store.get(key) != null) {
            commits.remove(key);
        }
    }

    /// Lists records in the order of their keys' hashes, about `most` of them; the first page has position 0,
    /// each further one the position the page before ends with, and the last page's is 0. Records that have
    /// expired are left out. A key that is there throughout is listed exactly once. Positions are good while
    /// the store is open.
    public ScanPage scan(long position, int most) throws IOException {
        long now = now();
        ScanPage page = store.scan(position, most);
        if (page.entries().stream().anyMatch(entry -> entry.isExpiredAt(now) && !entry.isExpiredAt(store.logTime()))) {
            commits.mark(now);
        }
        return new ScanPage(
                page.entries().stream().filter(entry -> !entry.isExpiredAt(now)).toList(), page.next());
    }

    /// How many keys have a record, counting those that have expired and take up space still.
    public long size() {
        return store.size();
    }

    /// Returns when everything written before survives a power failure.
    public void sync() throws IOException {
        commits.sync();
    }

    /// Takes the space of all overwritten, deleted and expired records back but for that in the newest file.
    /// Smaller merges run by themselves in the background. Reads and writes go on meanwhile.
    ///
    /// @throws DiskFullException when there is no room to merge in
    public void merge() throws IOException {
        merging.onDemand();
    }

    /// Waits until the merges that run by themselves have nothing left to do, which takes two seconds without
    /// writes at least. Returns at once when they are off.
    ///
    /// @return whether that came to pass in time
    public boolean awaitMerges(Duration atMost) throws InterruptedException {
        return !options.merges().automatic() || housekeeping.awaitIdle(atMost);
    }

    /// Makes a directory that has everything written before, as it is at one moment, and can be opened as another
    /// store or restored from. Reads and writes go on meanwhile; merges wait.
    ///
    /// On the same file system full files are linked, not copied, so it takes little time, and at first
    /// little space; on another one they are copied. The directory is there as a whole, safe from power
    /// failures, or not at all.
    ///
    /// @param target is not there yet
    /// @throws java.nio.file.FileAlreadyExistsException when it is
    public Snapshot.Taken snapshot(Path target) throws IOException {
        Snapshot.Taken taken = snapshots.take(target);
        LOG.info(
                "{}: a snapshot up to record {}: {} files linked, {} bytes copied",
                target,
                taken.end(),
                taken.linkedFiles(),
                taken.copiedBytes());
        return taken;
    }

    /// What the reading of full files in the background has found ([Options#scrubBytesASecond]). Damage is
    /// never served, but only a copy or a snapshot can mend it.
    public ScrubReport scrubbed() {
        return scrub.report();
    }

    /// Syncs and closes; does nothing the second time. Nobody may be writing or reading.
    @Override
    public void close() throws IOException {
        scrubbing.stop();
        housekeeping.stop();
        if (intervalSync != null) {
            intervalSync.stop();
        }
        store.closeCleanly();
    }

    private void write(byte[] key, byte[] value, long expiresAt) throws IOException {
        checkKey(key);
        if (value.length > options.maxValueBytes()) {
            throw new IllegalArgumentException(
                    "a value of " + value.length + " bytes; maxValueBytes is " + options.maxValueBytes());
        }
        try {
            commits.put(key, value, expiresAt);
        } catch (DiskFullException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static void checkKey(byte[] key) {
        if (key.length == 0 || key.length > RecordFormat.MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "a key of " + key.length + " bytes; keys have 1 to " + RecordFormat.MAX_KEY_BYTES);
        }
    }
}
