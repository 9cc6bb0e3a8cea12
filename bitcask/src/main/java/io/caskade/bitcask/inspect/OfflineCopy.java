package io.caskade.bitcask.inspect;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.hint.HintCheck;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.store.checkpoint.CheckpointCheck;
import io.caskade.bitcask.store.copy.CopyMetadataFile;
import io.caskade.bitcask.store.copy.CopyState;
import io.caskade.bitcask.store.copy.SecretFile;
import io.caskade.bitcask.store.copy.UnfinishedRepair;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A copy's directory that no store has open, locked for inspection.
///
/// ```java
/// try (OfflineCopy copy = OfflineCopy.take(Path.of("data"), Disk.real())) {
///     VerifyReport report = copy.verify(Progress.NONE);
///     report.findings().forEach(System.out::println);
/// }
/// ```
///
/// While it is locked, no store can open it. One thread uses it.
public final class OfflineCopy implements Closeable {

    private static final String LOCK = "lock";

    private final Disk disk;
    private final Path directory;
    private final Disk.DirectoryLock lock;

    private final Supplier<UUID> identities;

    private @Nullable CopyState state;
    private @Nullable String unreadable;
    private int partition;

    private OfflineCopy(Disk disk, Path directory, Disk.DirectoryLock lock, Supplier<UUID> identities) {
        this.disk = disk;
        this.directory = directory;
        this.lock = lock;
        this.identities = identities;
    }

    /// Locks a directory.
    ///
    /// @throws NotACopyException when there is no copy in it; nothing is created then
    /// @throws io.caskade.bitcask.DirectoryInUseException when a store is open on it
    public static OfflineCopy take(Path directory, Disk disk) throws IOException {
        return take(directory, disk, disk::lock);
    }

    /// Locks a directory that will only be read, or, where this process may not write, makes sure that no
    /// other process has locked it. Everything but [#repair] can be done.
    ///
    /// @throws NotACopyException when there is no copy in it; nothing is created then
    /// @throws io.caskade.bitcask.DirectoryInUseException when a store is open on it
    public static OfflineCopy takeForReading(Path directory, Disk disk) throws IOException {
        return take(directory, disk, disk::lockForReading);
    }

    private interface Locking {
        Disk.DirectoryLock lock(Path directory) throws IOException;
    }

    private static OfflineCopy take(Path directory, Disk disk, Locking locking) throws IOException {
        if (!isCopy(directory, disk)) {
            throw new NotACopyException(directory);
        }
        Disk.DirectoryLock lock = locking.lock(directory);
        boolean taken = false;
        try {
            OfflineCopy copy = new OfflineCopy(disk, directory, lock, UUID::randomUUID);
            copy.identify();
            taken = true;
            return copy;
        } finally {
            if (!taken) {
                lock.close();
            }
        }
    }

    /// Whether a directory, which exists, holds a copy.
    public static boolean isCopy(Path directory, Disk disk) throws IOException {
        return disk.exists(directory.resolve(CopyMetadataFile.NAME))
                || disk.exists(UnfinishedRepair.in(directory))
                || Log.existsIn(disk, directory);
    }

    /// Only the file's own faults make it unreadable; a disk that fails is another matter, but looks the
    /// same.
    private void identify() throws IOException {
        state = null;
        unreadable = null;
        partition = SalvageScan.partitionIn(disk, directory).orElse(0);
        if (new RepairFiles(disk, directory).isUnfinished()) {
            unreadable = UnfinishedRepair.message(directory);
            return;
        }
        try {
            Optional<CopyState> read = new CopyMetadataFile(disk, directory).read();
            if (read.isPresent()) {
                state = read.get();
                partition = read.get().partition();
            } else {
                unreadable = "missing: it identifies the copy that the segments belong to";
            }
        } catch (IOException e) {
            unreadable = String.valueOf(e.getMessage());
        }
    }

    /// Reads every record and every hint, and says what is wrong. Changes nothing.
    public VerifyReport verify(Progress progress) throws IOException {
        return new Verification(this, scan(), progress).run();
    }

    /// Dumps the log's records as they were written, and the gaps. Changes nothing.
    public void dump(DumpRange range, DumpSink sink, Progress progress) throws IOException {
        new Dump(range, sink, progress).run(scan());
    }

    /// Repairs a damaged copy so that it opens, and keeps every removed file in `lost/`. Does nothing to an
    /// undamaged one. A copy that loses a record takes a new identity. May be interrupted at any moment and run
    /// again.
    ///
    /// @param dryRun only reports what it would do
    /// @param progress of the verification that comes first
    public RepairReport repair(RepairMode mode, boolean dryRun, Progress progress) throws IOException {
        RepairFiles files = new RepairFiles(disk, directory);
        boolean unfinished = files.isUnfinished();
        if (unfinished && dryRun) {
            throw new IOException(UnfinishedRepair.message(directory));
        }
        if (unfinished) {
            files.swap();
            identify();
        }
        return new Repair(this, verify(progress), mode, unfinished).run(dryRun);
    }

    /// Creates a copy's directory from this one, which is verified first and stays unchanged. The new copy has
    /// its own identity.
    ///
    /// @param target is missing or empty, but for what the file system itself has put into its root
    /// @throws IOException when this one would not open without losing records; nothing is created then
    public RestoreReport restoreTo(Path target, Progress progress) throws IOException {
        VerifyReport report = verify(progress);
        CopyState from = state;
        if (from == null || report.isDamaged() || !report.gaps().isEmpty()) {
            throw new IOException(directory + ": is damaged, so nothing is restored from it; run verify for details");
        }
        return new Restore(this).run(target, scan(), from, report.last(), newId());
    }

    /// Sets back the time of the log, which a wrong clock has brought ahead: a new log of the newest values
    /// takes its place, with a new identity, and the old files are kept in `lost/`. What was written while
    /// the time was ahead lives as long from the new time on as it was to live; what had expired by the
    /// wrong time alone is back, if no merge has taken it. May be interrupted at any moment and run again.
    ///
    /// @param time Unix milliseconds; nothing is done unless the log is ahead of it
    /// @throws IOException when the copy is damaged; nothing is changed then
    public TimeResetReport resetTime(long time, Progress progress) throws IOException {
        RepairFiles files = new RepairFiles(disk, directory);
        if (files.isUnfinished()) {
            files.swap();
            identify();
        }
        VerifyReport report = verify(progress);
        CopyState from = state;
        if (from == null || report.isDamaged() || !report.gaps().isEmpty()) {
            throw new IOException(directory + ": is damaged; repair it first, and run verify for details");
        }
        return new TimeReset(this).run(from, time);
    }

    UUID newId() {
        return identities.get();
    }

    /// Whether the directory is locked: not if it was only to be read, and this process may not write to it.
    public boolean isLocked() {
        return lock.isHeld();
    }

    /// Which directory.
    public Path directory() {
        return directory;
    }

    /// The partition it is a copy of; where its file `copy` cannot be read, the one its segments name.
    public int partition() {
        return partition;
    }

    Disk disk() {
        return disk;
    }

    SalvageScan scan() throws IOException {
        return SalvageScan.of(disk, directory, partition);
    }

    /// The content of the file `copy`; empty when it cannot be read.
    Optional<CopyState> state() {
        return Optional.ofNullable(state);
    }

    /// Why the file `copy` cannot be read.
    Optional<String> unreadable() {
        return Optional.ofNullable(unreadable);
    }

    Path copyPath() {
        return directory.resolve(CopyMetadataFile.NAME);
    }

    /// What opening the log in a directory would do.
    DryRun dryRun(Path where, long recoveryPoint) throws IOException {
        return DryRun.of(disk, where, partition, recoveryPoint);
    }

    /// Files that are neither the copy's nor known remains of it.
    List<Path> strays(SalvageScan scan) throws IOException {
        Set<Path> known = new HashSet<>();
        known.add(directory.resolve(LOCK));
        known.add(directory.resolve(MountPoint.LOST_AND_FOUND));
        known.add(copyPath());
        known.add(directory.resolve(SecretFile.NAME));
        known.add(directory.resolve(CheckpointCheck.NAME));
        known.add(new RepairFiles(disk, directory).building());
        known.add(new RepairFiles(disk, directory).aside());
        for (List<Path> segments : List.of(scan.segments(), scan.superseded())) {
            segments.forEach(segment -> known.add(HintCheck.hintOf(segment)));
            known.addAll(segments);
        }
        known.addAll(scan.unfinished());
        return disk.list(directory).stream()
                .filter(file -> !known.contains(file))
                .sorted()
                .toList();
    }

    /// Unlocks the directory.
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
