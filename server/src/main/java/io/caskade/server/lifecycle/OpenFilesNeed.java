package io.caskade.server.lifecycle;

import java.util.Optional;
import java.util.OptionalLong;

/// How many files a node has open at a time, so that a limit that is too small is told when it starts and not
/// when writes are refused.
///
/// @param partitions how many copies it may keep: all of the cluster's
public record OpenFilesNeed(int partitions) {

    /// Libraries, logs, the embedded ZooKeeper, merges, and some dozens of connections.
    private static final long OF_NODE = 256;

    /// The newest segment twice, the directory, its lock, and a hint or the file `copy` that is being written,
    /// twice.
    private static final long OF_PARTITION = 6;

    /// How many files are open when much is going on.
    public long files() {
        return OF_NODE + OF_PARTITION * partitions;
    }

    /// What is wrong with the limit of the process, if something is.
    ///
    /// @param limit nothing when there is none, or it is not known
    public Optional<String> shortageAt(OptionalLong limit) {
        if (limit.isEmpty() || limit.getAsLong() >= files()) {
            return Optional.empty();
        }
        return Optional.of("this process may have " + limit.getAsLong() + " files open (ulimit -n), but with "
                + partitions + " partitions it needs up to " + files()
                + ", and one more for each client; at the limit it refuses writes and connections");
    }
}
