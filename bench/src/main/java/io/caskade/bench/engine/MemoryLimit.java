package io.caskade.bench.engine;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A control group of our own, below the one this process is in, that bounds the memory of the processes in
/// it, the files that are cached for them included.
final class MemoryLimit implements Closeable {

    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    private final Path group;

    private MemoryLimit(Path group) {
        this.group = group;
    }

    /// A group with a limit, or nothing when this process may not make one.
    static Optional<MemoryLimit> create(long bytes) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
                Optional<MemoryLimit> made = create(line.split(":", 3), bytes);
                if (made.isPresent()) {
                    return made;
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static Optional<MemoryLimit> create(String[] membership, long bytes) {
        boolean first = List.of(membership[1].split(",")).contains("memory");
        boolean second = membership[1].isEmpty();
        if (!first && !second) {
            return Optional.empty();
        }
        Path own = (first ? ROOT.resolve("memory") : ROOT)
                .resolve("." + membership[2])
                .normalize();
        Path limit = Path.of(first ? "memory.limit_in_bytes" : "memory.max");
        Path group = own.resolve("caskade-bench-" + ProcessHandle.current().pid());
        try {
            Files.createDirectory(group);
            MemoryLimit made = new MemoryLimit(group);
            if (Files.exists(group.resolve(limit))) {
                Files.writeString(group.resolve(limit), Long.toString(bytes));
                return Optional.of(made);
            }
            made.close();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// The file a process's id is written to, for it to join.
    Path members() {
        return group.resolve("cgroup.procs");
    }

    /// Removes the group; no process may be in it.
    @Override
    public void close() throws IOException {
        Files.delete(group);
    }
}
