package io.caskade.server.partition;

import io.caskade.bitcask.Entry;
import io.caskade.bitcask.ResourceExhaustedException;
import io.caskade.bitcask.StoreClosedException;
import io.caskade.bitcask.keydir.KeyHash;
import io.caskade.bitcask.record.Location;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.LocatedEntry;
import io.caskade.bitcask.store.Store;
import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.loop.EventLoop;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads the records of one partition's open copy for commands, and tells the driver when the disk fails.
/// Thread-safe; blocks on the disk.
final class CopyReader {

    private static final byte[] NOTHING = {};

    /// A key's committed record, fetched off the loop; current while the key's location is unchanged.
    record Fetched(
            Store store,
            KeyHash hash,
            long location,
            @Nullable StoredRecord record) {

        boolean isCurrentIn(Store copy) {
            return copy.equals(store) && copy.locate(hash) == location;
        }

        /// The length of the value.
        int valueBytes() {
            return record == null ? 0 : record.value().length;
        }

        /// The same for those who only ask whether the record is there, its version and its expiry.
        Fetched withoutValue() {
            return record == null
                    ? this
                    : new Fetched(
                            store, hash, location, new StoredRecord(NOTHING, record.version(), record.expiresAt()));
        }
    }

    private final int partition;
    private final CopyDirectory copies;
    private final ReplicaDriver driver;
    private final EventLoop loop;
    private final RefusalMessages refusals;

    CopyReader(int partition, CopyDirectory copies, ReplicaDriver driver, EventLoop loop, RefusalMessages refusals) {
        this.partition = partition;
        this.copies = copies;
        this.driver = driver;
        this.loop = loop;
        this.refusals = refusals;
    }

    /// The open copy.
    Store store() {
        return copies.current();
    }

    /// Fetches a key's committed record. It is in memory, and may be written again, until the write is
    /// answered: its bytes are held too.
    ///
    /// @param hold grows by the record's bytes
    /// @param held how many bytes of the write it holds besides
    /// @throws CommandRefusedException when those bytes do not fit
    Fetched fetch(byte[] key, ByteBudget.Hold hold, long held) {
        Store store = store();
        KeyHash hash = store.hash(key);
        long location = read(store, copy -> copy.locate(hash));
        long record = location == Location.NONE ? 0 : Location.maxBytes(location);
        if (!hold.tryGrowTo(held + record)) {
            throw refusals.busy();
        }
        LocatedEntry found = read(store, copy -> copy.getWithLocation(hash, key));
        Entry entry = found.entry();
        return new Fetched(
                store,
                hash,
                found.location(),
                entry == null ? null : new StoredRecord(entry.value(), entry.version(), entry.expiresAt()));
    }

    /// A read of a store's files.
    interface DiskRead<T extends @Nullable Object> {
        T of(Store store) throws IOException;
    }

    /// Reads the open copy, which may be closed or replaced meanwhile.
    ///
    /// @throws CommandRefusedException when it was closed, or its disk fails
    <T extends @Nullable Object> T read(DiskRead<T> read) {
        return read(store(), read);
    }

    /// As above, of a copy that was the open one.
    <T extends @Nullable Object> T read(Store store, DiskRead<T> read) {
        try {
            return read.of(store);
        } catch (StoreClosedException e) {
            throw new CommandRefusedException(Reason.NOT_SERVING, "partition " + partition + ": its copy was closed");
        } catch (ResourceExhaustedException e) {
            // It passes, and says nothing of the copy.
            throw new CommandRefusedException(Reason.NOT_SERVING, "partition " + partition + ": " + e.getMessage());
        } catch (IOException e) {
            loop.execute(() -> driver.onFailure(store, e));
            throw new CommandRefusedException(Reason.COPY_FENCED, "partition " + partition + ": " + e.getMessage());
        }
    }
}
