package io.caskade.bitcask.store;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.keydir.KeyHasher;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.keydir.KeydirPage;
import io.caskade.bitcask.log.Durability;
import io.caskade.bitcask.log.EpochHistory;
import io.caskade.bitcask.log.FullSegment;
import io.caskade.bitcask.log.Hint;
import io.caskade.bitcask.log.HintTask;
import io.caskade.bitcask.log.Location;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.log.LogImage;
import io.caskade.bitcask.log.LogMerge;
import io.caskade.bitcask.log.LogRead;
import io.caskade.bitcask.log.LogScrub;
import io.caskade.bitcask.log.RecordFormat;
import io.caskade.bitcask.log.RecordKind;
import io.caskade.bitcask.log.RecordSink;
import io.caskade.bitcask.log.RecoverySink;
import io.caskade.bitcask.log.Sync;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One copy of a partition. Records enter the log at once and become visible when they are committed.
///
/// Invariant: `watermark ≤ end`. Whether a record may be committed before it is synced is the caller's
/// decision, by its durability.
///
/// The writer thread calls everything but the reads: [#get], [#locate], [#scan], [#logTime], [#watermark] and
/// [#size] are for any thread and take no locks.
public final class Store implements Closeable {

    private static final int FIRST_KEY_BYTES = 64;

    private final Disk disk;
    private final Path directory;
    private final StoreOptions options;
    private final Disk.DirectoryLock lock;
    private final CopyFile copyFile;
    private final CheckpointFile checkpointFile;
    private final Keydir keydir = new Keydir();
    private final Index index = new Index(keydir);
    private final InFlightRecords inFlight = new InFlightRecords();
    private final RecordSink admitting = this::admit;
    private final Log log;
    private final EntryReader entries;

    /// Where keys are copied to when they are hashed.
    private byte[] admitted = new byte[FIRST_KEY_BYTES];
    private final boolean fromCheckpoint;

    private CopyState copy;
    private volatile long watermark;
    private volatile long logTime;
    private boolean closed;

    /// Opens the copy in a directory, creating both when they are missing, and recovers its log.
    ///
    /// A copy that cannot prove that it has all it acknowledged (see [#formerIds]) gets a new identity.
    ///
    /// @throws io.caskade.bitcask.disk.DirectoryInUseException when the directory is open already
    /// @throws DamagedLogException when records that were counted on are gone or changed; the disk is as it
    ///     was
    public static Store open(Disk disk, Path directory, StoreOptions options) throws IOException {
        return open(disk, directory, () -> options);
    }

    /// Says what a store is opened with once its directory is locked, and can therefore keep things in it.
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
            CopyFile copyFile = new CopyFile(disk, directory);
            CopyState copy = Identification.identify(disk, directory, copyFile, options);
            Store store = new Store(disk, directory, options, lock, copyFile, copy);
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
            CopyFile copyFile,
            CopyState found)
            throws IOException {
        this.disk = disk;
        this.directory = directory;
        this.options = options;
        this.lock = lock;
        this.copyFile = copyFile;
        this.checkpointFile = new CheckpointFile(disk, directory);
        this.watermark = found.watermark();
        boolean recovered = false;
        try {
            Optional<Reopening.Reopened> reopened =
                    Reopening.reopen(disk, directory, options, found, checkpointFile, keydir);
            reopened.map(Reopening.Reopened::checkpoint).ifPresent(this::resume);
            this.fromCheckpoint = reopened.isPresent();
            this.log = reopened.isPresent() ? reopened.get().log() : recover(disk, directory, found.floor());
            recovered = true;
        } finally {
            if (!recovered) {
                keydir.close();
            }
        }
        this.entries = new EntryReader(log, keydir, options.cacheBytes());
        boolean opened = false;
        try {
            copy = found.opened(options.log().durability(), options.boot(), watermark);
            copyFile.write(copy);
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
        List<LogImage.Part> segments = checkpoint.log().segments();
        for (int i = 0; i < segments.size(); i++) {
            index.usage().restore(segments.get(i).number(), checkpoint.usage().get(i));
        }
        checkpoint.inFlight().forEach(inFlight::add);
        logTime = checkpoint.logTime();
        watermark = checkpoint.watermark();
    }

    private Checkpoint checkpoint() throws IOException {
        LogImage image = log.image();
        return new Checkpoint(
                options.hasher().fingerprint(),
                options.log().partition(),
                image,
                watermark,
                logTime,
                image.segments().stream()
                        .map(segment -> index.usage().of(segment.number()))
                        .toList(),
                inFlight.all());
    }

    private Log recover(Disk disk, Path directory, long floor) throws IOException {
        Recovering sink = new Recovering();
        Log recovered = Log.open(disk, directory, options.log(), floor, options.hasher(), sink);
        sink.hinted.flush();
        return recovered;
    }

    /// Takes a record of the recovered log in, and commits what a MARK says was committed.
    private void recover(ByteBuffer bytes, int at, long location) {
        admit(bytes, at, location);
        long known = RecordFormat.kind(bytes, at) == RecordKind.MARK
                ? Math.max(watermark, RecordFormat.markWatermark(bytes, at))
                : watermark;
        apply(known);
    }

    /// Takes in what recovery keeps.
    private final class Recovering implements RecoverySink {

        private final HintedKeys hinted = new HintedKeys(keydir, index);

        @Override
        public void expect(long keys) {
            keydir.expect(keys);
        }

        @Override
        public void accept(ByteBuffer bytes, int at, long location) {
            hinted.flush();
            recover(bytes, at, location);
        }

        @Override
        public void merged(long needed, long time) {
            apply(Math.max(watermark, needed));
            logTime = Math.max(logTime, time);
        }

        /// That a segment has a hint says that its records were committed.
        @Override
        public void accept(Hint hint, int segment) {
            apply(Math.max(watermark, hint.base() - 1));
            hinted.add(hint, segment);
            index.usage().hint(segment, hint.markBytes(), hint.earliestExpiry());
            logTime = Math.max(logTime, hint.time());
            watermark = Math.max(watermark, hint.last());
        }
    }

    private void admit(ByteBuffer bytes, int at, long location) {
        RecordKind kind = RecordFormat.kind(bytes, at);
        long sequence = RecordFormat.sequence(bytes, at);
        switch (kind) {
            case MARK -> inFlight.add(sequence, kind, 0, 0, location, RecordFormat.markTime(bytes, at));
            case CLEAR -> inFlight.add(sequence, kind, 0, 0, location, 0);
            case PUT, TOMBSTONE -> {
                int length = RecordFormat.keyLength(bytes, at);
                if (length > admitted.length) {
                    admitted = new byte[length];
                }
                bytes.get(at + RecordFormat.HEADER_BYTES, admitted, 0, length);
                KeyHasher hasher = options.hasher();
                long high = hasher.high(admitted, length);
                long low = hasher.low(admitted, length);
                inFlight.add(sequence, kind, high, low, location, RecordFormat.expiresAt(bytes, at));
            }
        }
    }

    /// The copy's identity.
    public UUID id() {
        return copy.id();
    }

    /// The identities it had before it was opened without proof that it has all it acknowledged, the oldest
    /// first: it was written with a durability other than sync, and the machine went down before it was
    /// closed.
    public List<UUID> formerIds() {
        return copy.formerIds();
    }

    /// Whether it was opened as its last clean close had left it, without reading its log.
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

    /// Which epochs wrote which records.
    public EpochHistory epochs() {
        return log.epochs();
    }

    /// Adds whole batches that continue the log; all of them are added or none. They are not visible yet.
    ///
    /// @throws io.caskade.bitcask.disk.DiskFullException when there is no room; the copy is as it was
    /// @throws IOException when the disk fails or has failed
    public void append(ByteBuffer batches) throws IOException {
        boolean wasFenced = log.isFenced();
        try {
            log.append(batches, admitting);
        } finally {
            if (!wasFenced && log.isFenced()) {
                loseProof(log.fence(new IOException("an append broke off")));
            }
        }
    }

    /// Adds what a leader's log has behind the end of this one; see [Log#store]. All of it is added or none. It
    /// is visible when it is committed; but what the copy must have before it is whole was committed elsewhere
    /// long ago and is taken into the keydir at once: whoever reads a copy asks whether it is whole.
    ///
    /// @param to the last sequence covered
    /// @param leaders the epochs of the leader's log
    /// @throws io.caskade.bitcask.log.MalformedBatchesException when the batches are not whole and intact or do
    ///     not continue the log; the copy is as it was
    /// @throws io.caskade.bitcask.disk.DiskFullException when there is no room; the copy is as it was
    /// @throws IOException when the disk fails or has failed
    public void store(ByteBuffer batches, long from, long to, EpochHistory leaders) throws IOException {
        boolean wasFenced = log.isFenced();
        try {
            log.store(batches, from, to, leaders, admitting);
        } finally {
            if (!wasFenced && log.isFenced()) {
                loseProof(log.fence(new IOException("an append broke off")));
            }
        }
        if (to <= copy.bounds().wholeFrom()) {
            commit(to);
        }
    }

    /// Begins to read the raw batches behind `from` for another copy; see [Log#beginRead].
    public LogRead beginRead(long from, int mostBytes, long limit) {
        return log.beginRead(from, mostBytes, limit, copy.bounds().wholeFrom());
    }

    /// What the copy was told of the log and has kept.
    public CopyBounds bounds() {
        return copy.bounds();
    }

    /// Keeps what the copy was told of the log, for good. Blocks.
    ///
    /// @throws IOException when the disk fails; what is kept may be the former or the new
    public void keep(CopyBounds bounds) throws IOException {
        CopyState bounded = copy.bounded(bounds);
        copyFile.write(bounded);
        copy = bounded;
    }

    /// How often the log has been truncated since it was opened.
    public long generation() {
        return log.generation();
    }

    /// Asks for a sync of all that is in the log now; see [Log#beginSync].
    public Sync beginSync() throws IOException {
        return log.beginSync();
    }

    /// Takes a sync back that has run; see [Log#endSync].
    ///
    /// @return whether the durable end moved
    public boolean endSync(Sync sync) {
        return log.endSync(sync);
    }

    /// Refuses all further writes, because the disk failed. With a relaxed durability the copy has lost the
    /// proof that it has all it acknowledged, even if the machine goes on.
    ///
    /// @return the exception every further write throws
    public IOException fence(IOException cause) {
        boolean wasFenced = log.isFenced();
        IOException fence = log.fence(cause);
        if (!wasFenced) {
            loseProof(fence);
        }
        return fence;
    }

    private void loseProof(IOException fence) {
        if (options.log().durability() != Durability.SYNC) {
            try {
                copyFile.write(copy.withoutBoot());
            } catch (IOException e) {
                fence.addSuppressed(e);
            }
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
        apply(Math.max(sequence, watermark));
    }

    /// The time moves last: a reader who judges a record by it must find what the same commit made of the
    /// record.
    private void apply(long sequence) {
        long before = logTime;
        long time = before;
        while (inFlight.hasUpTo(sequence)) {
            time = Math.max(time, inFlight.applyFirst(index));
        }
        if (time != before) {
            logTime = time;
        }
        watermark = sequence;
    }

    /// Asks for the next hint to be written, of a segment that is full and whose records are all committed and
    /// synced; it is to be run on another thread, before the store is closed, and may fail without harm.
    public Optional<HintTask> nextHint() {
        return log.nextHint(watermark, options.hasher());
    }

    /// As above, but leaves the newest full segments without one, as long as these have no more than `spare`
    /// bytes together: reading so much costs an opening little, and hints take up space.
    public Optional<HintTask> nextHint(long spare) {
        return log.nextHint(watermark, spare, options.hasher());
    }

    /// Begins the first merge that is worth it among the segments behind record `after`, 0 for all; to be run
    /// on another thread, and before other upkeep is begun.
    public Optional<Merge> beginMerge(MergePolicy policy, long after) throws IOException {
        Optional<MergePolicy.Run> run = policy.choose(log.fullSegments(watermark), index.usage(), logTime, after);
        return run.isEmpty()
                ? Optional.empty()
                : Optional.of(new Merge(this, log.beginMerge(run.get().segments()), run.get(), policy.purgeHorizon()));
    }

    /// Begins the survey of a full segment in which something has expired since it was written; to be run on
    /// another thread, and before other upkeep is begun.
    Optional<ExpirySurvey> beginSurvey() {
        return log.fullSegments(watermark).stream()
                .filter(segment -> index.usage().needsSurvey(segment.number(), logTime))
                .findFirst()
                .map(segment -> new ExpirySurvey(this, segment, log.read(segment)));
    }

    /// When, after the log's time, a record expires next whose space could be taken back; 0 for never. It may
    /// be told up to an eighth of a record's time to live too late.
    public long nextExpiry() {
        IntStream segments = IntStream.concat(
                log.fullSegments(watermark).stream().mapToInt(FullSegment::number), log.growing().stream());
        return segments.mapToLong(segment -> index.usage().nextExpiry(segment, logTime))
                .filter(expiry -> expiry != 0)
                .min()
                .orElse(0);
    }

    /// Begins a new segment if at least `bytes` bytes can be merged then of which so great a part may be of
    /// no use.
    void closeSegment(double deadRatio, long bytes) throws IOException {
        OptionalInt growing = log.growing();
        boolean pays = growing.isPresent()
                && log.growingBytes() >= bytes
                && index.usage().deadPart(growing.getAsInt(), logTime) >= deadRatio;
        if (pays) {
            log.beginSegment();
        }
    }

    /// Asks for the next full segment behind record `after` to be read and its checksums verified; to be run on
    /// another thread, before the store is closed.
    public Optional<LogScrub> nextScrub(long after) {
        return log.nextScrub(after, watermark);
    }

    /// Begins a snapshot of what is committed and synced; to be run on another thread, while no merge runs.
    public Snapshot beginSnapshot() {
        long end = Math.min(watermark, log.durableEnd());
        CopyState state = copy.restored(options.identities().get(), end);
        return new Snapshot(disk, directory, log.beginSnapshot(end), state, end);
    }

    Index index() {
        return index;
    }

    /// How many bytes of records were ever added; only the difference between two times means something.
    long addedBytes() {
        return index.usage().added();
    }

    void adopt(LogMerge merge) {
        log.adopt(merge);
    }

    void retire(LogMerge merge) throws IOException {
        log.retire(merge);
    }

    KeyHash hash(byte[] key) {
        return options.hasher().hash(key);
    }

    /// Takes all records after `last`, none of which may be committed, out of the log.
    public void truncate(long last) throws IOException {
        if (last < watermark) {
            throw new IllegalArgumentException("record " + last + " is below the watermark, " + watermark);
        }
        log.truncate(last);
        inFlight.dropAfter(last);
    }

    /// The high watermark: everything up to it is visible, nothing beyond.
    public long watermark() {
        return watermark;
    }

    /// The newest leader's time in a committed MARK, in Unix milliseconds: what expiry is judged by.
    public long logTime() {
        return logTime;
    }

    /// How many keys have a record; those that have expired and were not removed count.
    public long size() {
        return keydir.size();
    }

    /// How much memory the keydir takes, in bytes.
    public long keydirBytes() {
        return keydir.memoryBytes();
    }

    /// A key's committed record, expired or not, or nothing. May block on the disk.
    ///
    /// @throws DamagedLogException when the record's bytes are not what was written
    public @Nullable Entry get(byte[] key) throws IOException {
        long high = options.hasher().high(key, key.length);
        long low = options.hasher().low(key, key.length);
        return entries.read(high, low, keydir.find(high, low), key);
    }

    /// What memory alone tells of a key's committed record: that there is none, or what it is if it was read lately.
    /// Never blocks.
    public InMemory getFromMemory(byte[] key) {
        long location = locate(key);
        return location == Location.NONE ? new InMemory.Known(null) : entries.cached(location, key);
    }

    /// Where a key's committed record is, or [Location#NONE]: equal answers mean that the key was not written
    /// between. Never blocks.
    public long locate(byte[] key) {
        return keydir.find(
                options.hasher().high(key, key.length), options.hasher().low(key, key.length));
    }

    /// Lists committed records in hash order from a position on, 0 for the start: about `most` of them. A key
    /// that is there throughout a scan is listed exactly once. May block on the disk.
    public ScanPage scan(long position, int most) throws IOException {
        KeydirPage page = keydir.scan(position, most);
        List<Entry> listed = new ArrayList<>(page.size());
        for (int i = 0; i < page.size(); i++) {
            Entry entry = entries.read(page.position(i), page.low(i), page.location(i));
            if (entry != null) {
                listed.add(entry);
            }
        }
        return new ScanPage(listed, page.next());
    }

    /// Closes the files and gives the directory back as a crash would: the next opening recovers. Does nothing when it
    /// is closed already.
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try (lock;
                keydir) {
            log.close();
        }
    }

    /// Syncs everything and closes, leaving word that nothing is missing, and a checkpoint from which opening
    /// is quick, unless there is no room for one. Does nothing when it is closed already.
    public void closeCleanly() throws IOException {
        if (closed) {
            return;
        }
        try (this) {
            if (!log.isFenced()) {
                log.cutReserve();
            }
            Sync sync = log.beginSync();
            sync.run();
            log.endSync(sync);
            copyFile.write(copy.closed(watermark, log.end(), checkpointFile.write(this::checkpoint, keydir)));
        }
    }
}
