package io.caskade.bitcask.inspect;

import io.caskade.bitcask.SecretFile;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.log.Durability;
import io.caskade.bitcask.log.HintCheck;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.log.LogOptions;
import io.caskade.bitcask.log.LogSurvey;
import io.caskade.bitcask.log.Rehearsal;
import io.caskade.bitcask.store.CopyFile;
import io.caskade.bitcask.store.CopyState;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

    private final @Nullable CopyState state;
    private final @Nullable String unreadable;
    private final int partition;

    private CopyDirectory(
            Disk disk,
            Path directory,
            Disk.DirectoryLock lock,
            @Nullable CopyState state,
            @Nullable String unreadable,
            int partition) {
        this.disk = disk;
        this.directory = directory;
        this.lock = lock;
        this.state = state;
        this.unreadable = unreadable;
        this.partition = partition;
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
            CopyDirectory copy = read(directory, disk, lock);
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
        return disk.exists(directory.resolve(CopyFile.NAME)) || Log.existsIn(disk, directory);
    }

    /// Only the file's own faults make it unreadable; a disk that fails is another matter, but looks the same.
    private static CopyDirectory read(Path directory, Disk disk, Disk.DirectoryLock lock) throws IOException {
        int guessed = LogSurvey.partitionIn(disk, directory).orElse(0);
        try {
            Optional<CopyState> state = new CopyFile(disk, directory).read();
            return new CopyDirectory(
                    disk,
                    directory,
                    lock,
                    state.orElse(null),
                    state.isPresent() ? null : "missing: it says which copy the segments are of",
                    state.map(CopyState::partition).orElse(guessed));
        } catch (IOException e) {
            return new CopyDirectory(disk, directory, lock, null, String.valueOf(e.getMessage()), guessed);
        }
    }

    /// Reads every record and every hint, and says what is wrong. Changes nothing.
    public VerifyReport verify(Progress progress) throws IOException {
        return new Verification(this, survey(), progress).run();
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

    Rehearsal rehearse() throws IOException {
        LogOptions options = new LogOptions(partition, LogOptions.MAX_SEGMENT_BYTES, Durability.SYNC);
        return Rehearsal.of(
                disk, directory, options, state().map(CopyState::floor).orElse(0L));
    }

    /// Files that are neither the copy's nor known remains of it.
    List<Path> strays(LogSurvey survey) throws IOException {
        Set<Path> known = new HashSet<>();
        known.add(directory.resolve(LOCK));
        known.add(copyPath());
        known.add(directory.resolve(SecretFile.NAME));
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
