package io.caskade.bitcask.store;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.Durability;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.KeydirFullException;
import io.caskade.bitcask.ScanPage;
import io.caskade.bitcask.StoreClosedException;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.hint.Hint;
import io.caskade.bitcask.hint.HintWriter;
import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.keydir.KeydirLimit;
import io.caskade.bitcask.keydir.KeydirPage;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.log.LogManifest;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.log.LogRead;
import io.caskade.bitcask.log.LogScrub;
import io.caskade.bitcask.log.SegmentScan;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.PendingRecord;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.bitcask.record.RecordSink;
import io.caskade.bitcask.recovery.RecoverySink;
import io.caskade.bitcask.segment.SealedSegment;
import io.caskade.bitcask.store.checkpoint.Checkpoint;
import io.caskade.bitcask.store.checkpoint.CheckpointFile;
import io.caskade.bitcask.store.checkpoint.CheckpointLoader;
import io.caskade.bitcask.store.copy.CopyBounds;
import io.caskade.bitcask.store.copy.CopyIdentity;
import io.caskade.bitcask.store.copy.CopyMetadataFile;
import io.caskade.bitcask.store.copy.CopyState;
import io.caskade.bitcask.store.copy.Snapshot;
import io.caskade.bitcask.store.index.HintedKeys;
import io.caskade.bitcask.store.index.InFlightRecords;
import io.caskade.bitcask.store.index.KeydirIndex;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One copy of a partition. Records are appended to the log at once and become visible when they are
/// committed.
///
/// Invariant: `highWatermark ≤ end`. Whether a record may be committed before it is synced is the caller's
/// decision, by its durability.
///
/// The writer thread calls everything but the reads: [#get], [#locate], [#scan], [#logTime], [#highWatermark]
/// and [#size] are thread-safe and take no locks. Once it is closed, what would touch the directory or the
/// keydir throws [StoreClosedException].
public final class Store implements Closeable {

    private static final int FIRST_KEY_BYTES = 64;

    /// What an entry of a scan takes up beside its key and value, at most.
    private static final int ENTRY_BYTES = 64;

    private final Disk disk;
    private final Path directory;
    private final StoreOptions options;
    private final Disk.DirectoryLock lock;
    private final CopyMetadataFile metadataFile;
    private final CheckpointFile checkpointFile;
    private final Keydir keydir;
    private final KeydirIndex index;
    private final InFlightRecords inFlight = new InFlightRecords();
    private final RecordSink uncommittedSink = this::trackUncommitted;
    private final Log log;
    private final EntryReader entries;

    /// A buffer for hashing keys.
    private byte[] keyBuffer = new byte[FIRST_KEY_BYTES];
    private final boolean fromCheckpoint;

    /// What the statistics say, for any thread.
    private final AtomicLong neededBytes = new AtomicLong();

    /// Changed with the metadata file's lock held, because bounds are saved on another thread.
    private volatile CopyState copy;
    private volatile long highWatermark;
    private volatile long logTime;
    private volatile boolean closed;

    /// Opens the copy in a directory, creating both when they are missing, and recovers its log.
    ///
    /// An unproven copy, which may lack records that it acknowledged (see [#formerIds]), gets a new identity.
    ///
    /// @throws io.caskade.bitcask.DirectoryInUseException when the directory is open already
    /// @throws io.caskade.bitcask.DamagedLogException when acknowledged records are missing or changed; the
    /// disk is unchanged
    public static Store open(Disk disk, Path directory, StoreOptions options) throws IOException {
        return open(disk, directory, () -> options);
    }

    /// Supplies the options once the directory is locked, so that they may depend on files in it.
    @FunctionalInterface
    public interface OptionsSource {
        /// The options.
        StoreOptions get() throws IOException;
    }

    /// Opens the copy as above.
    public static Store open(Disk disk, Path directory, OptionsSource source) throws IOException {
        disk.createDirectories(directory);
        Disk.DirectoryLock lock = disk.lock(directory);
        boolean opened = false;
        try {
            StoreOptions options = source.get();
            CopyMetadataFile metadataFile = new CopyMetadataFile(disk, directory);
            CopyState copy = CopyIdentity.identify(
                    disk, directory, metadataFile, options.log(), options.boot(), options.identities());
            Store store = new Store(disk, directory, options, lock, metadataFile, copy);
            opened = true;
            return store;
        } finally {
            if (!opened) {
                lock.close();
            }
        }
    }

    private Store(
            Disk disk,
            Path directory,
            StoreOptions options,
            Disk.DirectoryLock lock,
            CopyMetadataFile metadataFile,
            CopyState found)
            throws IOException {
        this.disk = disk;
        this.directory = directory;
        this.options = options;
        this.lock = lock;
        this.metadataFile = metadataFile;
        this.checkpointFile = new CheckpointFile(disk, directory);
        this.keydir = new Keydir(options.keydirLimit());
        this.index = new KeydirIndex(keydir);
        this.highWatermark = found.highWatermark();
        boolean recovered = false;
        try {
            Optional<CheckpointLoader.Reopened> reopened = CheckpointLoader.reopen(
                    disk, directory, options.log(), options.hasher().fingerprint(), found, checkpointFile, keydir);
            reopened.map(CheckpointLoader.Reopened::checkpoint).ifPresent(this::resume);
            this.fromCheckpoint = reopened.isPresent();
            this.log = reopened.isPresent() ? reopened.get().log() : recover(disk, directory, found.recoveryPoint());
            recovered = true;
        } finally {
            if (!recovered) {
                keydir.close();
            }
        }
        this.logTime = Math.max(logTime, found.bounds().logTime());
        this.entries = new EntryReader(log, keydir, options.cacheBytes(), options.nanoTime());
        boolean opened = false;
        try {
            copy = found.opened(options.log().durability(), options.boot(), highWatermark);
            metadataFile.write(copy);
            checkpointFile.delete();
            opened = true;
        } finally {
            if (!opened) {
                try (keydir) {
                    log.close();
                }
            }
        }
    }

    private void resume(Checkpoint checkpoint) {
        List<LogManifest.Entry> segments = checkpoint.log().segments();
        for (int i = 0; i < segments.size(); i++) {
            index.stats()
                    .restore(segments.get(i).number(), checkpoint.segmentStats().get(i));
        }
        publishNeededBytes();
        checkpoint.inFlight().forEach(inFlight::add);
        logTime = checkpoint.logTime();
        highWatermark = checkpoint.highWatermark();
    }

    private Checkpoint checkpoint() throws IOException {
        LogManifest manifest = log.manifest();
        return new Checkpoint(
                options.hasher().fingerprint(),
                options.log().partition(),
                manifest,
                highWatermark,
                logTime,
                manifest.segments().stream()
                        .map(segment -> index.stats().of(segment.number()))
                        .toList(),
                inFlight.all());
    }

    private Log recover(Disk disk, Path directory, long recoveryPoint) throws IOException {
        Recovering sink = new Recovering();
        Log recovered = Log.open(disk, directory, options.log(), recoveryPoint, options.hasher(), sink);
        sink.hinted.flush();
        publishNeededBytes();
        return recovered;
    }

    /// Adds a record of the recovered log, and commits up to a MARK's high watermark.
    private void recover(ByteBuffer bytes, int at, long location) {
        trackUncommitted(bytes, at, location);
        long known = RecordFormat.kind(bytes, at) == RecordKind.MARK
                ? Math.max(highWatermark, RecordFormat.markHighWatermark(bytes, at))
                : highWatermark;
        apply(known);
    }

    /// Receives the recovered records.
    private final class Recovering implements RecoverySink {

        private final HintedKeys hinted =
                new HintedKeys(keydir, index, options.log().parallelism());

        @Override
        public void expect(long keys) {
            keydir.reserve(keys);
        }

        @Override
        public void accept(ByteBuffer bytes, int at, long location) {
            hinted.flush();
            recover(bytes, at, location);
        }

        @Override
        public void merged(long completeAt, long time) {
            apply(Math.max(highWatermark, completeAt));
            logTime = Math.max(logTime, time);
        }

        /// A hint exists only for committed records.
        @Override
        public void accept(Hint hint, int segment) {
            apply(Math.max(highWatermark, hint.base() - 1));
            hinted.add(hint, segment);
            index.stats().addHinted(segment, hint.markBytes(), hint.earliestExpiry());
            logTime = Math.max(logTime, hint.time());
            highWatermark = Math.max(highWatermark, hint.last());
        }
    }

    private void trackUncommitted(ByteBuffer bytes, int at, long location) {
        RecordKind kind = RecordFormat.kind(bytes, at);
        long sequence = RecordFormat.sequence(bytes, at);
        switch (kind) {
            case MARK -> inFlight.add(sequence, kind, 0, 0, location, RecordFormat.markTime(bytes, at));
            case CLEAR -> inFlight.add(sequence, kind, 0, 0, location, 0);
            case PUT, TOMBSTONE -> {
                int length = RecordFormat.keyLength(bytes, at);
                if (length > keyBuffer.length) {
                    keyBuffer = new byte[length];
                }
                bytes.get(at + RecordFormat.HEADER_BYTES, keyBuffer, 0, length);
                KeyHasher hasher = options.hasher();
                long high = hasher.high(keyBuffer, length);
                long low = hasher.low(keyBuffer, length);
                inFlight.add(sequence, kind, high, low, location, RecordFormat.expiresAt(bytes, at));
            }
        }
    }

    /// The copy's identity.
    public UUID id() {
        return copy.id();
    }

    /// Former identities, oldest first: a new one is taken whenever acknowledged records may be lost.
    public List<UUID> formerIds() {
        return copy.formerIds();
    }

    /// Whether it was opened from a checkpoint, without reading its log.
    public boolean isFromCheckpoint() {
        return fromCheckpoint;
    }

    /// The last record's sequence, 0 when there is none.
    public long end() {
        return log.end();
    }

    /// The last record that survives a power failure.
    public long durableEnd() {
        return log.durableEnd();
    }

    /// The log's epoch history.
    public EpochHistory epochs() {
        return log.epochs();
    }

    /// Appends whole batches that continue the log; all or nothing. They are not visible yet.
    ///
    /// @throws io.caskade.bitcask.DiskFullException when the disk is full; the copy is unchanged
    /// @throws IOException when the disk fails or has failed
    public void append(ByteBuffer batches) throws IOException {
        boolean wasFenced = log.isFenced();
        try {
            log.append(batches, uncommittedSink);
        } finally {
            if (!wasFenced && log.isFenced()) {
                markUnproven(log.fence(new IOException("an append failed midway")));
            }
        }
    }

    /// Appends batches of a leader's log; see [Log#appendReplicated]. All or nothing. Records become visible
    /// when they are committed; but those before the completeness point are known to be committed and enter
    /// the keydir at once. Readers must check first that the copy is complete.
    ///
    /// @param to the last sequence covered
    /// @param leaderEpochs the epochs of the leader's log
    /// @throws io.caskade.bitcask.record.MalformedBatchesException when the batches are not whole and intact
    ///     or do not continue the log; the copy is unchanged
    /// @throws io.caskade.bitcask.DiskFullException when the disk is full; the copy is unchanged
    /// @throws IOException when the disk fails or has failed
    public void appendReplicated(ByteBuffer batches, long from, long to, EpochHistory leaderEpochs) throws IOException {
        boolean wasFenced = log.isFenced();
        try {
            log.appendReplicated(batches, from, to, leaderEpochs, uncommittedSink);
        } finally {
            if (!wasFenced && log.isFenced()) {
                markUnproven(log.fence(new IOException("an append failed midway")));
            }
        }
        if (to <= copy.bounds().completeAt()) {
            commit(to);
        }
    }

    /// Begins to read the raw batches after `from` for another copy; see [Log#beginRead].
    public LogRead beginRead(long from, int maxBytes, long limit) {
        CopyBounds bounds = copy.bounds();
        return log.beginRead(from, maxBytes, limit, bounds.completeAt(), bounds.logTime());
    }

    /// The persisted bounds.
    public CopyBounds bounds() {
        return copy.bounds();
    }

    /// Persists bounds from the leader. Blocks; for any thread. [#adoptLogTime] makes their time count.
    ///
    /// @throws IOException when the disk fails; either the old or the new bounds are persisted
    public void saveBounds(CopyBounds bounds) throws IOException {
        synchronized (metadataFile) {
            requireOpen();
            CopyState withBounds = copy.withBounds(bounds);
            metadataFile.write(withBounds);
            copy = withBounds;
        }
    }

    /// The log time is at least that of the persisted bounds.
    public void adoptLogTime() {
        logTime = Math.max(logTime, copy.bounds().logTime());
    }

    /// The number of truncations since the log was opened.
    public long truncations() {
        return log.truncations();
    }

    /// Begins a sync of everything in the log; see [Log#beginSync].
    public Sync beginSync() throws IOException {
        return log.beginSync();
    }

    /// Ends a sync that has run; see [Log#endSync].
    ///
    /// @return whether the durable end moved
    public boolean endSync(Sync sync) {
        return log.endSync(sync);
    }

    /// Fences the copy after a disk failure: it refuses all further writes. With a relaxed durability it
    /// becomes unproven, even if the machine keeps running.
    ///
    /// @return the exception every further write throws
    public IOException fence(IOException cause) {
        boolean wasFenced = log.isFenced();
        IOException fence = log.fence(cause);
        if (!wasFenced) {
            markUnproven(fence);
        }
        return fence;
    }

    private void markUnproven(IOException fence) {
        if (!closed && options.log().durability() != Durability.SYNC) {
            synchronized (metadataFile) {
                try {
                    copy = copy.withoutBoot();
                    metadataFile.write(copy);
                } catch (IOException e) {
                    fence.addSuppressed(e);
                }
            }
        }
    }

    /// Whether it was closed: its directory may have another owner by now. For any thread.
    public boolean isClosed() {
        return closed;
    }

    private void requireOpen() {
        if (closed) {
            throw new StoreClosedException(directory.toString());
        }
    }

    /// Whether the copy refuses all further writes.
    public boolean isFenced() {
        return log.isFenced();
    }

    /// Makes all records up to `sequence` visible to readers. Never moves back.
    ///
    /// @throws IllegalArgumentException when the log ends before
    public void commit(long sequence) {
        if (sequence > log.end()) {
            throw new IllegalArgumentException("record " + sequence + " is beyond the end, " + log.end());
        }
        apply(Math.max(sequence, highWatermark));
    }

    /// Advances the time last: a reader that judges expiry by it must see the records of the same commit.
    private void apply(long sequence) {
        long before = logTime;
        long time = before;
        while (inFlight.hasRecordUpTo(sequence)) {
            time = Math.max(time, inFlight.applyFirst(index));
        }
        if (time != before) {
            logTime = time;
        }
        highWatermark = sequence;
        publishNeededBytes();
    }

    /// Begins the next hint, of a sealed segment whose records are all committed and synced. Run it on another
    /// thread, before the store is closed; a failure is harmless.
    public Optional<HintWriter> beginHint() {
        return log.beginHint(highWatermark, options.hasher());
    }

    /// As above, but leaves the newest sealed segments without hints, as long as they have together at most
    /// `maxUnhintedBytes` bytes: reading these costs an opening little, and hints take up space.
    public Optional<HintWriter> beginHint(long maxUnhintedBytes) {
        return log.beginHint(highWatermark, maxUnhintedBytes, options.hasher());
    }

    /// The segments that may be merged: sealed, synced and committed.
    public List<SealedSegment> mergeableSegments() {
        return log.sealedSegments(highWatermark);
    }

    /// The sealed and committed segments, synced or not.
    public List<SealedSegment> sealedSegments() {
        return log.sealedSegmentsWithUnsynced(highWatermark);
    }

    /// Whether a sealed and committed segment is not synced yet.
    public boolean hasUnsyncedSealed() {
        return log.hasUnsyncedSealed(highWatermark);
    }

    /// Begins to rewrite a run of adjacent [#mergeableSegments]; one merge at a time.
    ///
    /// @param dead the numbers of those that have no record to keep: they are not read
    public LogMerge beginMerge(List<SealedSegment> run, Set<Integer> dead) throws IOException {
        return log.beginMerge(run, dead, logTime);
    }

    /// Begins to read a whole segment on another thread.
    public SegmentScan beginScan(SealedSegment segment) {
        return log.beginScan(segment);
    }

    /// The next expiry after the log time that would free space; 0 if none; up to 1/8 of a TTL late.
    public long nextExpiry() {
        IntStream segments = IntStream.concat(
                mergeableSegments().stream().mapToInt(SealedSegment::number), log.activeSegment().stream());
        return segments.mapToLong(segment -> index.stats().nextExpiry(segment, logTime))
                .filter(expiry -> expiry != 0)
                .min()
                .orElse(0);
    }

    /// Seals the active segment if it has at least `bytes` bytes and its dead ratio may be at least
    /// `deadRatio`.
    public void sealIfDeadRatioAtLeast(double deadRatio, long bytes) throws IOException {
        OptionalInt active = log.activeSegment();
        boolean worthSealing = active.isPresent()
                && log.activeBytes() >= bytes
                && index.stats().deadRatio(active.getAsInt(), logTime) >= deadRatio;
        if (worthSealing) {
            log.sealActiveSegment();
        }
    }

    /// Begins the scrub of the next sealed segment after record `after`; run it on another thread, before the
    /// store is closed.
    public Optional<LogScrub> nextScrub(long after) {
        return log.nextScrub(after, highWatermark);
    }

    /// Begins a snapshot of everything committed and synced; to be run on another thread, while no merge runs.
    public Snapshot beginSnapshot() {
        long end = Math.min(highWatermark, log.durableEnd());
        CopyState state = copy.restored(options.identities().get(), end);
        return new Snapshot(disk, directory, log.beginSnapshot(end), state, end);
    }

    /// The keydir and the statistics of each segment; for the writer and its maintenance.
    public KeydirIndex index() {
        return index;
    }

    /// How much disk space the copy takes. For any thread.
    public SpaceUse space() {
        return new SpaceUse(log.fileBytes(), neededBytes.get(), options.log().segmentBytes());
    }

    /// How many segments were sealed since the copy was opened.
    public long sealedCount() {
        return log.sealedCount();
    }

    /// A counter of the record bytes added; only differences are meaningful.
    public long addedBytes() {
        return index.stats().added();
    }

    /// Adds a published merge's segment; see [Log#replaceSegments].
    public void replaceSegments(LogMerge merge) {
        log.replaceSegments(merge);
    }

    /// Takes the segments that were merged out of readers' sight; see [Log#retireReplaced].
    public void retireReplaced(LogMerge merge) {
        log.retireReplaced(merge).forEach(index.stats()::forget);
        publishNeededBytes();
    }

    private void publishNeededBytes() {
        neededBytes.setRelease(index.stats().neededBytes());
    }

    /// The key's hash, for callers that look it up more than once.
    public KeyHash hash(byte[] key) {
        return options.hasher().hash(key);
    }

    /// Truncates the log to `last`; no truncated record may be committed.
    public void truncate(long last) throws IOException {
        if (last < highWatermark) {
            throw new IllegalArgumentException("record " + last + " is below the high watermark, " + highWatermark);
        }
        log.truncate(last);
        inFlight.dropAfter(last);
    }

    /// The high watermark: everything up to it is visible, nothing beyond.
    public long highWatermark() {
        return highWatermark;
    }

    /// The log time: the newest time in a committed MARK, in Unix milliseconds, by which expiry is judged.
    public long logTime() {
        return logTime;
    }

    /// The number of keys with a record, including expired ones that were not removed.
    public long size() {
        return keydir.size();
    }

    /// Checks, before a put is logged, that the keydir's memory has room for its key.
    ///
    /// @throws KeydirFullException when it has not, and the key has no record
    public void requireKeydirRoom(byte[] key) throws KeydirFullException {
        KeydirLimit limit = options.keydirLimit();
        if (limit.isReached() && locate(hash(key)) == Location.NONE) {
            throw limit.refusal(directory);
        }
    }

    /// The memory of the keydir, in bytes.
    public long keydirBytes() {
        return keydir.memoryBytes();
    }

    /// A key's committed record, expired or not, or null. May block on the disk.
    ///
    /// @throws io.caskade.bitcask.DamagedLogException when the record's bytes are not what was written
    public @Nullable Entry get(byte[] key) throws IOException {
        long high = options.hasher().high(key, key.length);
        long low = options.hasher().low(key, key.length);
        return entries.read(high, low, keydir.find(high, low), key);
    }

    /// The keys' committed records, expired or not, each null when there is none. Not a snapshot: each record
    /// is what [#get] would return at some moment during the call. May block on the disk.
    ///
    /// All keys are looked up before the first record is read: the processor then waits for the memory of
    /// several lookups at once.
    ///
    /// @throws io.caskade.bitcask.DamagedLogException when a record's bytes are not what was written
    public @Nullable Entry[] getAll(List<byte[]> keys) throws IOException {
        KeyHasher hasher = options.hasher();
        int count = keys.size();
        long[] high = new long[count];
        long[] low = new long[count];
        for (int i = 0; i < count; i++) {
            byte[] key = keys.get(i);
            high[i] = hasher.high(key, key.length);
            low[i] = hasher.low(key, key.length);
        }
        long[] found = new long[count];
        for (int i = 0; i < count; i++) {
            found[i] = keydir.find(high[i], low[i]);
        }
        @Nullable Entry[] read = new @Nullable Entry[count];
        for (int i = 0; i < count; i++) {
            read[i] = entries.read(high[i], low[i], found[i], keys.get(i));
        }
        return read;
    }

    /// Looks a key up in memory: the record is absent, in a cache (this store's or the operating system's), or
    /// on disk. Does not wait for the disk, unless the system drops the page in this very moment.
    public CacheLookup lookUp(byte[] key) {
        long high = options.hasher().high(key, key.length);
        long low = options.hasher().low(key, key.length);
        long location = keydir.find(high, low);
        return location == Location.NONE ? new CacheLookup.Known(null) : entries.inMemory(high, low, location, key);
    }

    /// Reads the record that [#lookUp] found on the disk, or a newer one of the key. May block on the disk.
    ///
    /// @param key the key that was looked up
    /// @throws io.caskade.bitcask.DamagedLogException when the record's bytes are not what was written
    public @Nullable Entry read(CacheLookup.OnDisk found, byte[] key) throws IOException {
        return entries.read(found.high(), found.low(), found.location(), key);
    }

    /// What the record that [#lookUp] found on the disk, or a newer one of the key, says of itself: reads its
    /// header and its key, whose checksum is not checked. May block on the disk.
    ///
    /// @param key the key that was looked up
    /// @throws io.caskade.bitcask.DamagedLogException when the header or the key is not what was written
    public @Nullable EntryInfo readInfo(CacheLookup.OnDisk found, byte[] key) throws IOException {
        return entries.info(found.high(), found.low(), found.location(), key);
    }

    /// Where the committed record of a key with this hash is, or [Location#NONE]: equal results mean that the
    /// key was not written in between. Never blocks.
    public long locate(KeyHash hash) {
        return keydir.find(hash);
    }

    /// The newest record of a key that is in the log and not committed. For the writer.
    public Optional<PendingRecord> newestInFlight(byte[] key) {
        KeyHash hash = hash(key);
        return inFlight.newest(hash.high(), hash.low());
    }

    /// A key's committed record with its location, from one lookup. May block on the disk.
    ///
    /// @param hash the key's
    /// @throws DamagedLogException when the record's bytes are not what was written
    public LocatedEntry getWithLocation(KeyHash hash, byte[] key) throws IOException {
        return entries.locate(hash.high(), hash.low(), keydir.find(hash), key);
    }

    /// Lists about `most` committed records in hash order from a position on, 0 for the start, and stops
    /// earlier once they take about `maxBytes` bytes, but not before the first. A key that exists throughout a
    /// scan is listed exactly once. May block on the disk.
    ///
    /// @param onDamage is called for each damaged record, which is left out unless this throws
    public ScanPage scan(long position, int most, long maxBytes, OnDamage onDamage) throws IOException {
        List<Entry> listed = new ArrayList<>();
        long left = maxBytes;
        long next = position;
        do {
            KeydirPage page = keydir.scan(next, most - listed.size());
            for (int i = 0; i < page.size(); i++) {
                left -= ENTRY_BYTES + Location.bytes(page.location(i));
                boolean mayEndBefore = i > 0 ? page.position(i) != page.position(i - 1) : next != position;
                if (left < 0 && mayEndBefore) {
                    return new ScanPage(listed, page.position(i));
                }
                read(page, i, onDamage).ifPresent(listed::add);
            }
            next = page.next();
        } while (next != 0 && listed.size() < most && left > 0);
        return new ScanPage(listed, next);
    }

    private Optional<Entry> read(KeydirPage page, int i, OnDamage onDamage) throws IOException {
        try {
            return Optional.ofNullable(entries.read(page.position(i), page.low(i), page.location(i)));
        } catch (DamagedLogException e) {
            onDamage.accept(e);
            return Optional.empty();
        }
    }

    /// Is told of a record that is damaged.
    @FunctionalInterface
    public interface OnDamage {
        /// A scan that refuses damage.
        OnDamage REFUSE = damage -> {
            throw damage;
        };

        /// Goes on without the record, or throws.
        void accept(DamagedLogException damage) throws IOException;
    }

    /// Closes the files and unlocks the directory without a clean close: the next opening recovers.
    /// Idempotent.
    @Override
    public void close() throws IOException {
        synchronized (metadataFile) {
            if (closed) {
                return;
            }
            closed = true;
        }
        try (lock;
                keydir) {
            log.close();
        }
    }

    /// Closes cleanly: syncs everything, and writes a checkpoint for a fast opening unless the disk is full.
    /// Idempotent.
    public void closeCleanly() throws IOException {
        if (closed) {
            return;
        }
        try (this) {
            if (!log.isFenced()) {
                log.trimPreallocation();
            }
            Sync sync = log.beginSync();
            sync.run();
            log.endSync(sync);
            Optional<Integer> checkpoint = checkpointFile.write(this::checkpoint, keydir);
            synchronized (metadataFile) {
                metadataFile.write(copy.closed(highWatermark, log.end(), checkpoint));
            }
        }
    }
}
