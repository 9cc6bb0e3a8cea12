package io.caskade.cli.data;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.inspect.NotACopyException;
import io.caskade.bitcask.inspect.OfflineCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// The copies in a directory: the directory itself, or all copies in a node's data directory, which stays
/// locked.
record CopyPaths(List<Path> directories, List<Disk.DirectoryLock> locks) implements AutoCloseable {

    private static final String PARTITIONS = "partitions";

    static CopyPaths in(Path directory) throws IOException {
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
            return new CopyPaths(List.of(directory), List.of());
        }
        List<Disk.DirectoryLock> node = List.of(Disk.real().lock(directory));
        try (Stream<Path> all = Files.list(partitions)) {
            return new CopyPaths(
                    all.filter(Files::isDirectory)
                            .sorted(Comparator.comparingInt((Path copy) ->
                                            copy.getFileName().toString().length())
                                    .thenComparing(Comparator.naturalOrder()))
                            .toList(),
                    node);
        }
    }

    @Override
    public void close() throws IOException {
        for (Disk.DirectoryLock lock : locks) {
            lock.close();
        }
    }
}
