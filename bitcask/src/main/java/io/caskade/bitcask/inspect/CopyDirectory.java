package io.caskade.bitcask.inspect;

import io.caskade.bitcask.SecretFile;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.log.Durability;
import io.caskade.bitcask.log.HintCheck;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.log.LogSurvey;
import io.caskade.bitcask.log.Rehearsal;
import io.caskade.bitcask.store.CheckpointCheck;
import io.caskade.bitcask.store.CopyFile;
import io.caskade.bitcask.store.CopyState;
import io.caskade.bitcask.store.UnfinishedRepair;
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

/// A copy's directory that nobody has open, taken to be looked at.
///
/// ```java
/// try (CopyDirectory copy = CopyDirectory.take(Path.of("data"), Disk.real())) {
///     VerifyReport report = copy.verify(Progress.NONE);
///     report.findings().forEach(System.out::println);
/// }
/// ```
///
/// While it is taken no store can be opened on it. One thread uses it.
public final class CopyDirectory implements Closeable {

    private static final String LOCK = "lock";

    private final Disk disk;
    private final Path directory;
    private final Disk.DirectoryLock lock;

    private final Supplier<UUID> identities;

    private @Nullable CopyState state;
    private @Nullable String unreadable;
    private int partition;

    private CopyDirectory(Disk disk, Path directory, Disk.DirectoryLock lock, Supplier<UUID> identities) {
        this.disk = disk;
        this.directory = directory;
        this.lock = lock;
        this.identities = identities;
    }

    /// Takes a directory.
    ///
    /// @throws NotACopyException when there is no copy in it; nothing is created then
    /// @throws io.caskade.bitcask.disk.DirectoryInUseException when a store is open on it
    public static CopyDirectory take(Path directory, Disk disk) throws IOException {
        if (!isCopy(directory, disk)) {
            throw new NotACopyException(directory);
        }
        Disk.DirectoryLock lock = disk.lock(directory);
        boolean taken = false;
        try {
            CopyDirectory copy = new CopyDirectory(disk, directory, lock, UUID::randomUUID);
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
        return disk.exists(directory.resolve(CopyFile.NAME))
                || disk.exists(UnfinishedRepair.in(directory))
                || Log.existsIn(disk, directory);
    }

    /// Only the file's own faults make it unreadable; a disk that fails is another matter, but looks the
    /// same.
    private void identify() throws IOException {
        state = null;
        unreadable = null;
        partition = LogSurvey.partitionIn(disk, directory).orElse(0);
        if (new RepairFiles(disk, directory).isUnfinished()) {
            unreadable = UnfinishedRepair.message(directory);
            return;
        }
        try {
            Optional<CopyState> read = new CopyFile(disk, directory).read();
            if (read.isPresent()) {
                state = read.get();
                partition = read.get().partition();
            } else {
                unreadable = "missing: it says which copy the segments are of";
            }
        } catch (IOException e) {
            unreadable = String.valueOf(e.getMessage());
        }
    }

    /// Reads every record and every hint, and says what is wrong. Changes nothing.
    public VerifyReport verify(Progress progress) throws IOException {
        return new Verification(this, survey(), progress).run();
    }

    /// Shows the log's records as they were written, and where some are missing. Changes nothing.
    public void dump(DumpRange range, DumpSink sink, Progress progress) throws IOException {
        new Dump(range, sink, progress).run(survey());
    }

    /// Makes a damaged copy one that opens, and keeps every file it takes away in `lost/`. Does nothing to
    /// one that is not damaged. A copy that loses a record takes a new identity. May be broken off at any
    /// moment and run again.
    ///
    /// @param dryRun only says what would be done
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

    /// Makes a copy's directory out of this one, which stays as it is, and verifies it first. The new copy has
    /// an identity of its own.
    ///
    /// @param target is missing or empty
    /// @throws IOException when this one would not open without losing records; nothing is made then
    public RestoreReport restoreTo(Path target, Progress progress) throws IOException {
        VerifyReport report = verify(progress);
        CopyState from = state;
        if (from == null || report.isDamaged() || !report.holes().isEmpty()) {
            throw new IOException(
                    directory + ": is not whole, so nothing is restored from it; verify says what is wrong");
        }
        return new Restore(this).run(target, survey(), from, report.last(), newId());
    }

    UUID newId() {
        return identities.get();
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

    LogSurvey survey() throws IOException {
        return LogSurvey.of(disk, directory, partition);
    }

    /// What the file `copy` says; nothing when it cannot be read.
    Optional<CopyState> state() {
        return Optional.ofNullable(state);
    }

    /// Why the file `copy` cannot be read.
    Optional<String> unreadable() {
        return Optional.ofNullable(unreadable);
    }

    Path copyPath() {
        return directory.resolve(CopyFile.NAME);
    }

    /// What opening the log in a directory would do.
    Rehearsal rehearse(Path where, long floor) throws IOException {
        return Rehearsal.of(
                disk, where, new LogOptions(partition, LogOptions.MAX_SEGMENT_BYTES, Durability.SYNC), floor);
    }

    /// Files that are neither the copy's nor known remains of it.
    List<Path> strays(LogSurvey survey) throws IOException {
        Set<Path> known = new HashSet<>();
        known.add(directory.resolve(LOCK));
        known.add(copyPath());
        known.add(directory.resolve(SecretFile.NAME));
        known.add(directory.resolve(CheckpointCheck.NAME));
        known.add(new RepairFiles(disk, directory).building());
        known.add(new RepairFiles(disk, directory).aside());
        for (List<Path> segments : List.of(survey.segments(), survey.superseded())) {
            segments.forEach(segment -> known.add(HintCheck.hintOf(segment)));
            known.addAll(segments);
        }
        known.addAll(survey.unfinished());
        return disk.list(directory).stream()
                .filter(file -> !known.contains(file))
                .sorted()
                .toList();
    }

    /// Gives the directory back.
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
