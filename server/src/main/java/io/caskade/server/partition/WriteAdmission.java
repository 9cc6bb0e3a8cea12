package io.caskade.server.partition;

import io.caskade.bitcask.DiskFullException;
import io.caskade.bitcask.KeydirFullException;
import io.caskade.bitcask.disk.DiskReserve;
import io.caskade.bitcask.record.RecordFormat;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.bitcask.store.merge.PutThrottle;
import io.caskade.server.command.ByteBudget;
import io.caskade.server.command.Command.StoredRecord;
import io.caskade.server.command.CommandRefusedException;
import io.caskade.server.command.CommandRefusedException.Reason;
import io.caskade.server.replica.RecordDraft;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Says whether one partition has room for what a decision wants to write: on the disk, in the keydir, and by
/// the pace of its merges. Tombstones always may be written. Event loop only.
final class WriteAdmission {

    private final int partition;
    private final CopyDirectory copies;
    private final InFlightKeys inFlight;
    private final ByteBudget inFlightBudget;
    private final DiskReserve reserve;
    private final Supplier<PutThrottle> throttle;

    /// @param inFlightBudget the bytes of writes that are not answered or not committed
    /// @param reserve the free space that puts must leave
    /// @param throttle slows puts while the current copy's merges cannot keep up
    WriteAdmission(
            int partition,
            CopyDirectory copies,
            InFlightKeys inFlight,
            ByteBudget inFlightBudget,
            DiskReserve reserve,
            Supplier<PutThrottle> throttle) {
        this.partition = partition;
        this.copies = copies;
        this.inFlight = inFlight;
        this.inFlightBudget = inFlightBudget;
        this.reserve = reserve;
        this.throttle = throttle;
    }

    /// Checks one record before it joins a group.
    ///
    /// @param record what the key has, committed or in flight, as far as it was looked up
    /// @param hold the bytes of the write
    /// @throws CommandRefusedException when there is no room
    void require(RecordDraft draft, @Nullable StoredRecord record, ByteBudget.Hold hold) {
        if (draft instanceof RecordDraft.Put put) {
            requireDiskSpace(length(put), hold);
            requireMergesKeepUp();
            if (record == null) {
                requireKeydirRoom(put.key());
            }
        }
    }

    /// Checks the records of a batch before they join a group.
    ///
    /// @param hold the bytes of the batch
    /// @throws CommandRefusedException when there is no room for all of them
    void require(List<RecordDraft> drafts, ByteBudget.Hold hold) {
        long bytes = putBytes(drafts);
        if (bytes == 0) {
            return;
        }
        requireDiskSpace(bytes, hold);
        requireMergesKeepUp();
        for (RecordDraft draft : drafts) {
            if (draft instanceof RecordDraft.Put put && !isInFlight(put.key())) {
                requireKeydirRoom(put.key());
            }
        }
    }

    private boolean isInFlight(byte[] key) {
        InFlightKeys.State state = inFlight.of(key);
        return state != null && state.record() != null;
    }

    /// How long the answer of a write is held back.
    long delayMillis(RecordDraft draft) {
        return draft instanceof RecordDraft.Put put ? delayMillis(length(put)) : 0;
    }

    /// How long the answer of a batch is held back.
    long delayMillis(List<RecordDraft> drafts) {
        long bytes = putBytes(drafts);
        return bytes == 0 ? 0 : delayMillis(bytes);
    }

    private long delayMillis(long bytes) {
        return TimeUnit.NANOSECONDS.toMillis(throttle.get().admit(bytes));
    }

    private static long putBytes(List<RecordDraft> drafts) {
        long bytes = 0;
        for (RecordDraft draft : drafts) {
            bytes += draft instanceof RecordDraft.Put put ? length(put) : 0;
        }
        return bytes;
    }

    private static long length(RecordDraft.Put put) {
        return RecordFormat.length(put.key().length, put.value().length);
    }

    /// Refuses a put when the disk is full before it joins a group: a group that does not fit is refused as a
    /// whole, deletes included.
    private void requireDiskSpace(long bytes, ByteBudget.Hold hold) {
        long others = inFlightBudget.used() - hold.bytes();
        try {
            reserve.require(bytes, others);
        } catch (DiskFullException e) {
            throw new CommandRefusedException(
                    Reason.DISK_FULL,
                    "partition " + partition
                            + ": the disk of data-dir has less free space than disk.reserve; the write"
                            + " was rejected (deletes are still accepted)");
        } catch (IOException e) {
            // This does not fence the copy: a failing disk shows when the log is written.
            throw new CommandRefusedException(
                    Reason.DISK_FULL,
                    "partition " + partition + ": cannot determine free space of data-dir: " + e.getMessage()
                            + "; the write was rejected");
        }
    }

    /// Answers that are held back slow clients which wait for them; from the others, puts must be refused.
    private void requireMergesKeepUp() {
        if (throttle.get().isBehind()) {
            throw new CommandRefusedException(
                    Reason.BUSY,
                    "partition " + partition
                            + ": merges cannot keep up with puts; try again later (deletes are still accepted)");
        }
    }

    /// Only a key without a record, committed or in flight, needs more room.
    private void requireKeydirRoom(byte[] key) {
        try {
            copies.current().requireKeydirRoom(key);
        } catch (KeydirFullException e) {
            throw new CommandRefusedException(
                    Reason.KEYDIR_FULL,
                    "partition " + partition + ": the node's keys have the memory that limits.keydir allows; the"
                            + " write was rejected (existing keys can be written and deleted)");
        }
    }
}
