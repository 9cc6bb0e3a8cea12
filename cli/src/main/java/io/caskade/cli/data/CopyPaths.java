package io.caskade.cli.data;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.inspect.NotACopyException;
import io.caskade.bitcask.inspect.OfflineCopy;
import io.caskade.cli.process.CommandStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/// The copies in a directory: the directory itself, or all copies in a node's data directory, which stays
/// locked, if it may be written.
record CopyPaths(Path directory, List<Path> directories, List<Disk.DirectoryLock> locks, AtomicBoolean warned)
        implements AutoCloseable {

    private static final String PARTITIONS = "partitions";

    /// The copies in a directory that are to be changed.
    static CopyPaths in(Path directory) throws IOException {
        return in(directory, Disk.real()::lock);
    }

    /// The copies in a directory that are only to be read, each with [#openForReading].
    static CopyPaths forReading(Path directory) throws IOException {
        return in(directory, Disk.real()::lockForReading);
    }

    private interface Locking {
        Disk.DirectoryLock lock(Path directory) throws IOException;
    }

    private static CopyPaths in(Path directory, Locking locking) throws IOException {
        if (!Files.exists(directory)) {
            throw new NoSuchFileException(directory.toString());
        }
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
        Path partitions = directory.resolve(PARTITIONS);
        if (!Files.isDirectory(partitions)) {
            if (!OfflineCopy.isCopy(directory, Disk.real())) {
                throw new NotACopyException(directory);
            }
            return new CopyPaths(directory, List.of(directory), List.of(), new AtomicBoolean());
        }
        List<Disk.DirectoryLock> node = List.of(locking.lock(directory));
        try (Stream<Path> all = Files.list(partitions)) {
            return new CopyPaths(
                    directory,
                    all.filter(Files::isDirectory)
                            .sorted(Comparator.comparingInt((Path copy) ->
                                            copy.getFileName().toString().length())
                                    .thenComparing(Comparator.naturalOrder()))
                            .toList(),
                    node,
                    new AtomicBoolean());
        }
    }

    /// Opens one of the copies to read it, and warns once if nothing can be locked.
    OfflineCopy openForReading(Path copy, CommandStreams streams) throws IOException {
        OfflineCopy opened = OfflineCopy.takeForReading(copy, Disk.real());
        if (!opened.isLocked() && warned.compareAndSet(false, true)) {
            streams.err()
                    .println("warning: " + directory + ": may only be read, so nothing could be locked;"
                            + " if a store is opened on it meanwhile, what is read may not fit together");
        }
        return opened;
    }

    @Override
    public void close() throws IOException {
        for (Disk.DirectoryLock lock : locks) {
            lock.close();
        }
    }
}
