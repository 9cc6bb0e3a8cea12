package io.caskade.bitcask;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.embedded.IntervalSync;
import io.caskade.bitcask.embedded.MaintenanceThread;
import io.caskade.bitcask.embedded.ScrubThread;
import io.caskade.bitcask.embedded.SnapshotTaker;
import io.caskade.bitcask.embedded.StoreClock;
import io.caskade.bitcask.embedded.WriteQueue;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.keydir.KeydirLimit;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.store.OnDamage;
import io.caskade.bitcask.store.SpaceUse;
import io.caskade.bitcask.store.Store;
import io.caskade.bitcask.store.StoreOptions;
import io.caskade.bitcask.store.copy.SecretFile;
import io.caskade.bitcask.store.merge.MaintenanceTask;
import io.caskade.bitcask.store.merge.MergeRunner;
import io.caskade.bitcask.store.merge.PutThrottle;
import io.caskade.bitcask.store.merge.Scrub;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A durable embedded map from keys to values in its own directory, for one process and without a server.
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
///     store.snapshot(Path.of("backup")); // a separate store
/// }
/// ```
///
/// Thread-safe: reads take no locks, writes share their syncs. Once it is closed, everything throws
/// [StoreClosedException]. With [Durability#SYNC] a write that returned survives everything except a broken
/// disk. A write that throws [IOException] may or may not have taken effect, unless the exception's cause is a
/// [ResourceExhaustedException]: then it has not.
public final class Bitcask implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(Bitcask.class);
    private static final int PARTITION = 0;
    private static final long MAX_PAGE_BYTES = 16 << 20;
    private static final Duration MIN_TIME_TO_LIVE = Duration.ofMillis(1);
    private static final Duration MAX_TIME_TO_LIVE = Duration.ofDays(365_250);

    private final Store store;
    private final Options options;
    private final StoreClock clock;
    private final WriteQueue writeQueue;
    private final @Nullable IntervalSync intervalSync;
    private final MergeRunner mergeRunner;
    private final PutThrottle throttle;
    private final SnapshotTaker snapshotTaker;
    private final Scrub scrub;
    private final ScrubThread scrubThread;
    private final MaintenanceThread maintenance;

    private final AtomicBoolean expiryUnlogged = new AtomicBoolean();

    /// Whether [#close] was called; it may still wait for writes in progress.
    private volatile boolean closing;

    private Bitcask(Path directory, Disk disk, Store store, Options given) throws IOException {
        this.store = store;
        this.clock = new StoreClock(directory.toString(), given.clock(), store::logTime);
        this.options = given.withClock(clock);
        DiskReserve reserve = new DiskReserve(disk, directory, options.diskReserveBytes(), System::nanoTime);
        this.mergeRunner = new MergeRunner(
                store,
                options.merges().deadRatio(),
                options.segmentBytes(),
                new MergeRunner.Dependencies(
                        directory.toString(), this::step, () -> Long.MAX_VALUE, System::nanoTime, failure -> {}));
        this.throttle = new PutThrottle(
                store,
                directory.toString(),
                () -> options.merges().automatic() && mergeRunner.isRunning(),
                System::nanoTime);
        this.writeQueue = new WriteQueue(store, reserve, options, throttle);
        store.commit(store.end());
        this.intervalSync = options.durability() == Durability.INTERVAL
                ? IntervalSync.start(options.syncInterval(), writeQueue)
                : null;
        this.snapshotTaker = new SnapshotTaker(store, writeQueue, mergeRunner);
        this.scrub = new Scrub(store, directory.toString(), writeQueue::step);
        this.scrubThread = ScrubThread.start(scrub, options);
        this.maintenance = MaintenanceThread.start(store, writeQueue, mergeRunner, options);
        writeQueue.onSegmentSealed(maintenance::onSegmentSealed);
        LOG.debug("{}: opened at {}", directory, clock.instant());
    }

    private void step(MaintenanceTask.Step step) throws IOException {
        writeQueue.step(step);
    }

    /// Opens the store in a directory, creating it when it is missing.
    ///
    /// @throws io.caskade.bitcask.DirectoryInUseException when it is open already, here or in another
    ///     process
    /// @throws io.caskade.bitcask.DamagedLogException when acknowledged records are missing or damaged;
    ///     nothing is changed then
    public static Bitcask open(Path directory, Options options) throws IOException {
        return open(directory, options, Disk.real());
    }

    /// Opens a store on another [Disk], for tests.
    static Bitcask open(Path directory, Options options, Disk disk) throws IOException {
        Store store = Store.open(
                disk,
                directory,
                () -> new StoreOptions(
                        new LogOptions(PARTITION, options.segmentBytes(), options.durability()),
                        new KeyHasher(SecretFile.readOrCreate(disk, directory)),
                        options.cacheBytes(),
                        "",
                        UUID::randomUUID,
                        System::nanoTime,
                        new KeydirLimit(options.maxKeydirBytes(), "Options.withMaxKeydirBytes")));
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
    /// An expiry is logged before it is reported, so a clock that is set back cannot revive the record; unless
    /// the log takes no write, because the disk is full or has failed.
    ///
    /// @throws DamagedLogException when the record's bytes are not what was written; [#delete] and [#put] work
    public @Nullable Entry get(byte[] key) throws IOException {
        checkKey(key);
        return unexpired(key, store.get(key));
    }

    /// The records of several keys, in the same order, each null when there is none or it has expired. Faster
    /// than a [#get] for each key. Not a snapshot: each record is what a [#get] would return at some moment
    /// during the call.
    ///
    /// @throws DamagedLogException when the bytes of one of the records are not what was written
    public List<@Nullable Entry> getAll(List<byte[]> keys) throws IOException {
        requireOpen();
        keys.forEach(Bitcask::checkKey);
        List<@Nullable Entry> entries = new ArrayList<>(keys.size());
        @Nullable Entry[] found = store.getAll(keys);
        for (int i = 0; i < found.length; i++) {
            entries.add(unexpired(keys.get(i), found[i]));
        }
        return entries;
    }

    private @Nullable Entry unexpired(byte[] key, @Nullable Entry entry) throws IOException {
        if (entry == null) {
            return null;
        }
        if (entry.expiresAt() == 0) {
            return ownCopy(entry);
        }
        long now = clock.millis();
        if (!entry.isExpiredAt(now)) {
            return ownCopy(entry);
        }
        // It may have been replaced before it expired, and after it was read.
        Entry current = store.get(key);
        if (current == null || !current.isExpiredAt(now)) {
            return current == null ? null : ownCopy(current);
        }
        if (!current.isExpiredAt(store.logTime())) {
            logExpiry(now);
        }
        return null;
    }

    /// Where the log takes no write, expired records are not shown either: the clock of this process does not
    /// go back, and the log learns the time as soon as it takes one. If it never does, and the clock is set
    /// back before the next opening, they come back then.
    private void logExpiry(long now) {
        try {
            writeQueue.mark(now);
        } catch (IOException e) {
            if (expiryUnlogged.compareAndSet(false, true)) {
                LOG.warn("expired records are not shown, but the log takes no write that says so", e);
            }
        }
    }

    /// The cache's arrays are not shared: a caller who changed one would change it for all.
    private Entry ownCopy(Entry entry) {
        return options.cacheBytes() == 0
                ? entry
                : new Entry(entry.key().clone(), entry.value().clone(), entry.version(), entry.expiresAt());
    }

    /// Sets the value of a key, without expiry. Takes longer while merges cannot keep up, a second at most for
    /// that (see [#spaceReport]).
    public void put(byte[] key, byte[] value) throws IOException {
        write(key, value, 0);
    }

    /// Sets the value of a key, with an expiry.
    ///
    /// @param timeToLive from now, at least 1 ms
    public void put(byte[] key, byte[] value, Duration timeToLive) throws IOException {
        checkTimeToLive(timeToLive);
        write(key, value, clock.millis() + timeToLive.toMillis());
    }

    /// Removes a key, if it has a record. Works even while puts are refused because of the disk reserve
    /// ([Options#diskReserveBytes]), and even if the record is damaged.
    public void delete(byte[] key) throws IOException {
        checkKey(key);
        if (store.locate(store.hash(key)) != Location.NONE) {
            writeQueue.remove(key);
        }
    }

    /// Writes a batch if all its checks hold, with the guarantees of [#put]: after a crash all of it is there
    /// or none. Between the checks and the writes nothing else is written. Readers may see one of the writes
    /// shortly before another.
    ///
    /// @return whether the checks held, so that it was written
    /// @throws DamagedLogException when the record that a check is about is damaged
    public boolean write(WriteBatch batch) throws IOException {
        batch.checks().forEach(check -> checkKey(check.key()));
        batch.writes().forEach(this::checkWrite);
        try {
            return writeQueue.write(batch);
        } catch (ResourceExhaustedException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /// Sets the value of a key, without expiry, if its record is of a version.
    ///
    /// @param version [Entry#version], or [WriteBatch#ABSENT] if the key must have no record
    /// @return whether it was, so that the value is set
    public boolean compareAndSet(byte[] key, long version, byte[] value) throws IOException {
        return write(
                WriteBatch.builder().checkVersion(key, version).put(key, value).build());
    }

    private void checkWrite(WriteBatch.Write write) {
        checkKey(write.key());
        if (write.value() != null) {
            checkValue(write.value());
        }
        if (write.timeToLive() != null) {
            checkTimeToLive(write.timeToLive());
        }
    }

    /// Lists about `limit` records, or fewer when they have about 16 MiB together, in the order of their keys'
    /// hashes. The first page has position 0; each page names the position of the next, and the last one names
    /// 0. Expired records are left out. A key that exists throughout the scan is listed exactly once.
    /// Positions are valid while the store is open.
    ///
    /// @throws DamagedLogException when a record on the page is damaged; the other `scan` leaves it out
    public ScanPage scan(long position, int limit) throws IOException {
        return page(position, limit, OnDamage.REFUSE);
    }

    /// Lists records as above, but leaves out those that are damaged.
    ///
    /// @param onDamage is told of each of them: where it is, and its sequence
    public ScanPage scan(long position, int limit, Consumer<DamagedLogException> onDamage) throws IOException {
        return page(position, limit, onDamage::accept);
    }

    private ScanPage page(long position, int limit, OnDamage onDamage) throws IOException {
        long now = clock.millis();
        ScanPage page = store.scan(position, limit, MAX_PAGE_BYTES, onDamage);
        if (page.entries().stream().anyMatch(entry -> entry.isExpiredAt(now) && !entry.isExpiredAt(store.logTime()))) {
            logExpiry(now);
        }
        return new ScanPage(
                page.entries().stream()
                        .filter(entry -> !entry.isExpiredAt(now))
                        .map(this::ownCopy)
                        .toList(),
                page.next());
    }

    /// The number of keys that have a record, including expired ones that still take up space.
    public long size() {
        requireOpen();
        return store.size();
    }

    /// Syncs everything written before.
    public void sync() throws IOException {
        writeQueue.sync();
    }

    /// Reclaims the space of all overwritten, deleted and expired records except those in the newest file.
    /// Smaller merges run automatically in the background. Reads, writes and snapshots continue meanwhile:
    /// what waits for merges to pause waits for one run, of a few files.
    ///
    /// @throws DiskFullException when the disk has no space for the merge
    public void merge() throws IOException {
        mergeRunner.mergeAll(bytes -> requireOpen());
    }

    /// Waits until automatic merges have nothing left to do, which takes at least two seconds without writes.
    /// Returns at once when they are off.
    ///
    /// @return false on a timeout
    public boolean awaitMerges(Duration timeout) throws InterruptedException {
        requireOpen();
        return !options.merges().automatic() || maintenance.awaitIdle(timeout);
    }

    /// Creates a directory that holds everything written before, as a consistent snapshot, and can be opened
    /// as another store or restored from. Reads and writes continue meanwhile; merges wait, and it waits for
    /// the run of a merge in progress at most.
    ///
    /// On the same file system sealed files are linked, so a snapshot takes little time and, at first, little
    /// space; on another one they are copied. The directory appears as a whole, durably, or not at all.
    ///
    /// @param target must not exist
    /// @throws java.nio.file.FileAlreadyExistsException when it does
    public SnapshotReport snapshot(Path target) throws IOException {
        SnapshotReport taken = snapshotTaker.take(target);
        LOG.info(
                "{}: snapshot taken up to sequence {}: {} files linked, {} bytes copied",
                target,
                taken.end(),
                taken.linkedFiles(),
                taken.copiedBytes());
        return taken;
    }

    /// How much disk space the store takes, how much it may, and whether puts are slowed so that it does not
    /// take more: that happens when they are faster than merges, and is logged.
    public SpaceReport spaceReport() {
        SpaceUse space = store.space();
        return new SpaceReport(
                space.takenBytes(),
                space.liveBytes(),
                space.boundBytes(),
                throttle.isSlowing(),
                throttle.delayedNanos());
    }

    /// How the store is, for monitoring. Costs a few reads of memory.
    public Statistics statistics() {
        requireOpen();
        return new Statistics(store.size(), store.keydirBytes(), store.highWatermark(), spaceReport(), scrubReport());
    }

    /// The findings of the background scrub ([Options#scrubBytesPerSecond]). Damaged records are never served,
    /// but only another copy or a snapshot can repair them.
    public ScrubReport scrubReport() {
        return scrub.report();
    }

    /// Syncs and closes. Idempotent.
    ///
    /// Waits for writes and snapshots in progress; a merge gives up. Other threads may go on
    /// calling: what comes too late throws [StoreClosedException] and leaves the directory alone, which may be
    /// another store's by then.
    @Override
    public synchronized void close() throws IOException {
        closing = true;
        scrubThread.stop();
        maintenance.stop();
        if (intervalSync != null) {
            intervalSync.stop();
        }
        mergeRunner.withoutMerges(() -> {
            writeQueue.close();
            store.closeCleanly();
            return store;
        });
    }

    private void requireOpen() {
        if (closing) {
            throw new StoreClosedException("the store");
        }
    }

    private void write(byte[] key, byte[] value, long expiresAt) throws IOException {
        checkKey(key);
        checkValue(value);
        try {
            writeQueue.put(key, value, expiresAt);
        } catch (ResourceExhaustedException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private void checkValue(byte[] value) {
        if (value.length > options.maxValueBytes()) {
            throw new IllegalArgumentException(
                    "the value has " + value.length + " bytes; maxValueBytes is " + options.maxValueBytes());
        }
    }

    private static void checkTimeToLive(Duration timeToLive) {
        if (timeToLive.compareTo(MIN_TIME_TO_LIVE) < 0 || timeToLive.compareTo(MAX_TIME_TO_LIVE) > 0) {
            throw new IllegalArgumentException(
                    "timeToLive is " + timeToLive + "; it must be at least 1 ms and at most 1000 years");
        }
    }

    private static void checkKey(byte[] key) {
        if (key.length == 0 || key.length > RecordFormat.MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "the key has " + key.length + " bytes; it must have 1 to " + RecordFormat.MAX_KEY_BYTES);
        }
    }
}
