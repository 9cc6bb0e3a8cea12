package io.caskade.bitcask.store;

import io.caskade.bitcask.DamagedLogException;
import io.caskade.bitcask.Entry;
import io.caskade.bitcask.KeydirFullException;
import io.caskade.bitcask.ScanPage;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.keydir.Keydir;
import io.caskade.bitcask.keydir.KeydirLimit;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.log.LogRead;
import io.caskade.bitcask.log.Sync;
import io.caskade.bitcask.record.EpochHistory;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.record.PendingRecord;
import io.caskade.bitcask.record.RecordSink;
import io.caskade.bitcask.store.checkpoint.CheckpointFile;
import io.caskade.bitcask.store.copy.CopyBounds;
import io.caskade.bitcask.store.copy.CopyIdentity;
import io.caskade.bitcask.store.copy.CopyMetadataFile;
import io.caskade.bitcask.store.copy.CopyState;
import io.caskade.bitcask.store.copy.Snapshot;
import io.caskade.bitcask.store.index.KeydirIndex;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One copy of a partition. Records are appended to the log at once and become visible when they are
/// committed.
///
/// Invariant: `highWatermark ≤ end`. Whether a record may be committed before it is synced is the caller's
/// decision, by its durability.
///
/// The writer thread calls everything but the reads: [#get], [#locate], [#scan], [#logTime], [#highWatermark]
/// and [#size] are thread-safe and take no locks. Once it is closed, what would touch the directory or the
/// keydir throws [io.caskade.bitcask.StoreClosedException].
public final class Store implements Closeable {

    private final Disk disk;
    private final Path directory;
    private final StoreOptions options;
    private final Disk.DirectoryLock lock;
    private final CopyMetadata metadata;
    private final CheckpointFile checkpointFile;
    private final CopyLoader.Loaded loaded;
    private final Log log;
    private final Keydir keydir;
    private final CommittedKeydir committed;
    private final RecordSink inFlightSink;
    private final EntryReader entries;
    private final EntryScan scan;
    private final StoreMaintenance maintenance;

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
            Store store = open(disk, directory, source.get(), lock);
            opened = true;
            return store;
        } finally {
            if (!opened) {
                lock.close();
            }
        }
    }

    private static Store open(Disk disk, Path directory, StoreOptions options, Disk.DirectoryLock lock)
            throws IOException {
        CopyMetadataFile metadataFile = new CopyMetadataFile(disk, directory);
        CheckpointFile checkpointFile = new CheckpointFile(disk, directory);
        CopyState found = CopyIdentity.identify(
                disk, directory, metadataFile, options.log(), options.boot(), options.identities());
        CopyLoader.Loaded loaded = new CopyLoader(disk, directory, options).load(found, checkpointFile);
        boolean opened = false;
        try {
            CopyState copy = found.opened(
                    options.log().durability(),
                    options.boot(),
                    loaded.committed().highWatermark());
            CopyMetadata metadata = CopyMetadata.opened(directory, metadataFile, copy);
            checkpointFile.delete();
            Store store = new Store(disk, directory, options, lock, metadata, checkpointFile, loaded);
            opened = true;
            return store;
        } finally {
            if (!opened) {
                loaded.close();
            }
        }
    }

    private Store(
            Disk disk,
            Path directory,
            StoreOptions options,
            Disk.DirectoryLock lock,
            CopyMetadata metadata,
            CheckpointFile checkpointFile,
            CopyLoader.Loaded loaded) {
        this.disk = disk;
        this.directory = directory;
        this.options = options;
        this.lock = lock;
        this.metadata = metadata;
        this.checkpointFile = checkpointFile;
        this.loaded = loaded;
        this.log = loaded.log();
        this.committed = loaded.committed();
        this.keydir = committed.keydir();
        this.inFlightSink = committed::addInFlight;
        this.entries = new EntryReader(log, keydir, options.hasher(), options.cacheBytes(), options.nanoTime());
        this.scan = new EntryScan(keydir, entries);
        this.maintenance = new StoreMaintenance(log, committed, options.hasher());
    }

    /// The copy's identity.
    public UUID id() {
        return metadata.state().id();
    }

    /// Former identities, oldest first: a new one is taken whenever acknowledged records may be lost.
    public List<UUID> formerIds() {
        return metadata.state().formerIds();
    }

    /// Whether it was opened from a checkpoint, without reading its log.
    public boolean isFromCheckpoint() {
        return loaded.fromCheckpoint();
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
            log.append(batches, inFlightSink);
        } finally {
            if (!wasFenced && log.isFenced()) {
                metadata.markUnproven(log.fence(new IOException("an append failed midway")));
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
            log.appendReplicated(batches, from, to, leaderEpochs, inFlightSink);
        } finally {
            if (!wasFenced && log.isFenced()) {
                metadata.markUnproven(log.fence(new IOException("an append failed midway")));
            }
        }
        if (to <= bounds().completeAt()) {
            commit(to);
        }
    }

    /// Begins to read the raw batches after `from` for another copy; see [Log#beginRead].
    public LogRead beginRead(long from, int maxBytes, long limit) {
        CopyBounds bounds = bounds();
        return log.beginRead(from, maxBytes, limit, bounds.completeAt(), bounds.logTime());
    }

    /// The persisted bounds.
    public CopyBounds bounds() {
        return metadata.state().bounds();
    }

    /// Persists bounds from the leader. Blocks; for any thread. [#adoptLogTime] makes their time count.
    ///
    /// @throws IOException when the disk fails; either the old or the new bounds are persisted
    public void saveBounds(CopyBounds bounds) throws IOException {
        metadata.saveBounds(bounds);
    }

    /// The log time is at least that of the persisted bounds.
    public void adoptLogTime() {
        committed.raiseLogTime(bounds().logTime());
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
            metadata.markUnproven(fence);
        }
        return fence;
    }

    /// Whether it was closed: its directory may have another owner by now. For any thread.
    public boolean isClosed() {
        return metadata.isClosed();
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
        committed.commit(sequence);
    }

    /// Begins a snapshot of everything committed and synced; to be run on another thread, while no merge runs.
    public Snapshot beginSnapshot() {
        long end = Math.min(highWatermark(), log.durableEnd());
        CopyState state = metadata.state().restored(options.identities().get(), end);
        return new Snapshot(disk, directory, log.beginSnapshot(end), state, end);
    }

    /// The hints, merges and scrubs of the sealed segments. Writer only.
    public StoreMaintenance maintenance() {
        return maintenance;
    }

    /// The keydir and the statistics of each segment; for the writer and its maintenance.
    public KeydirIndex index() {
        return committed.index();
    }

    /// How much disk space the copy takes. For any thread.
    public SpaceUse space() {
        return new SpaceUse(
                log.fileBytes(), committed.neededBytes(), options.log().segmentBytes());
    }

    /// How many segments were sealed since the copy was opened.
    public long sealedCount() {
        return log.sealedCount();
    }

    /// The key's hash, for callers that look it up more than once.
    public KeyHash hash(byte[] key) {
        return options.hasher().hash(key);
    }

    /// Truncates the log to `last`; no truncated record may be committed.
    public void truncate(long last) throws IOException {
        if (last < highWatermark()) {
            throw new IllegalArgumentException("record " + last + " is below the high watermark, " + highWatermark());
        }
        log.truncate(last);
        committed.dropInFlightAfter(last);
    }

    /// The high watermark: everything up to it is visible, nothing beyond.
    public long highWatermark() {
        return committed.highWatermark();
    }

    /// The log time: the newest time in a committed MARK, in Unix milliseconds, by which expiry is judged.
    public long logTime() {
        return committed.logTime();
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
        return entries.get(key);
    }

    /// The keys' committed records, expired or not, each null when there is none. Not a snapshot: each record
    /// is what [#get] would return at some moment during the call. May block on the disk.
    ///
    /// All keys are looked up before the first record is read: the processor then waits for the memory of
    /// several lookups at once.
    ///
    /// @throws io.caskade.bitcask.DamagedLogException when a record's bytes are not what was written
    public @Nullable Entry[] getAll(List<byte[]> keys) throws IOException {
        return entries.getAll(keys);
    }

    /// Looks a key up in memory: the record is absent, in a cache (this store's or the operating system's), or
    /// on disk. Does not wait for the disk, unless the system drops the page in this very moment.
    public CacheLookup lookUp(byte[] key) {
        return entries.lookUp(key);
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
        return committed.newestInFlight(hash(key));
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
        return scan.page(position, most, maxBytes, onDamage);
    }

    /// Closes the files and unlocks the directory without a clean close: the next opening recovers.
    /// Idempotent.
    @Override
    public void close() throws IOException {
        if (!metadata.close()) {
            return;
        }
        try (lock) {
            loaded.close();
        }
    }

    /// Closes cleanly: syncs everything, and writes a checkpoint for a fast opening unless the disk is full.
    /// Idempotent.
    public void closeCleanly() throws IOException {
        if (isClosed()) {
            return;
        }
        try (this) {
            if (!log.isFenced()) {
                log.trimPreallocation();
            }
            Sync sync = log.beginSync();
            sync.run();
            log.endSync(sync);
            Optional<Integer> checkpoint = checkpointFile.write(
                    () -> committed.checkpoint(log.manifest(), options.log().partition()), keydir);
            metadata.saveCleanClose(highWatermark(), log.end(), checkpoint);
        }
    }
}
