package io.caskade.bitcask.store.copy;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.log.Log;
import io.caskade.bitcask.log.LogOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Determines which copy a directory holds, before its log is read.
public final class CopyIdentity {

    private static final Logger LOG = LoggerFactory.getLogger(CopyIdentity.class);

    private CopyIdentity() {}

    /// The identity of the directory's copy, after its log will be recovered: nothing is written before, so
    /// that a copy whose log is refused keeps its identity and former ones.
    public static CopyState identify(
            Disk disk,
            Path directory,
            CopyMetadataFile metadataFile,
            LogOptions log,
            String boot,
            Supplier<UUID> identities)
            throws IOException {
        UnfinishedRepair.refuse(disk, directory);
        Optional<CopyState> read = metadataFile.read();
        int partition = log.partition();
        if (read.isEmpty()) {
            if (Log.existsIn(disk, directory)) {
                throw new IOException(directory + ": has segments but no file `copy`, which identifies them");
            }
            return new CopyState(identities.get(), List.of(), partition, log.durability(), boot, 0, Optional.of(0L));
        }
        CopyState copy = read.get();
        if (copy.partition() != partition) {
            throw new IOException(
                    directory + ": holds a copy of partition " + copy.partition() + ", not of " + partition);
        }
        if (copy.provesCompleteness(boot)) {
            return copy;
        }
        CopyState renamed = copy.withNewId(identities.get());
        LOG.warn(
                "{}: written with durability {} when the machine went down: acknowledged records may be missing; "
                        + "the copy was {} and is {} now",
                directory,
                copy.durability(),
                copy.id(),
                renamed.id());
        return renamed;
    }
}
