package io.caskade.bitcask.store;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.log.Log;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds out, before a copy's log is looked at, which copy it is.
final class Identification {

    private static final Logger LOG = LoggerFactory.getLogger(Identification.class);

    private Identification() {}

    /// Which copy the directory holds, or will hold once its log is recovered: nothing is written before, so
    /// that a copy whose log is refused keeps its identity, and word of the former one.
    static CopyState identify(Disk disk, Path directory, CopyFile copyFile, StoreOptions options) throws IOException {
        UnfinishedRepair.refuse(disk, directory);
        Optional<CopyState> read = copyFile.read();
        int partition = options.log().partition();
        if (read.isEmpty()) {
            if (Log.existsIn(disk, directory)) {
                throw new IOException(directory + ": has segments but no file `copy`, which says whose they are");
            }
            return new CopyState(
                    options.identities().get(),
                    List.of(),
                    partition,
                    options.log().durability(),
                    options.boot(),
                    0,
                    Optional.of(0L));
        }
        CopyState copy = read.get();
        if (copy.partition() != partition) {
            throw new IOException(
                    directory + ": holds a copy of partition " + copy.partition() + ", not of " + partition);
        }
        if (copy.provesCompleteness(options.boot())) {
            return copy;
        }
        CopyState stranger = copy.asStranger(options.identities().get());
        LOG.warn(
                "{}: written with durability {} when the machine went down: what was acknowledged last may be missing; "
                        + "the copy was {} and is {} now",
                directory,
                copy.durability(),
                copy.id(),
                stranger.id());
        return stranger;
    }
}
