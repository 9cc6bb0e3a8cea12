package io.caskade.bitcask.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps puts from taking the last of a disk, so that what frees space has something to work with: a delete and a
/// merge write before they give anything back.
///
/// The disk is asked how much is free only after a MiB was added, and while puts are refused at most ten
/// times a second; between, it costs one atomic addition. One reserve may serve several stores on the same
/// file system. Safe for use by any thread.
public final class DiskReserve {

    private static final Logger LOG = LoggerFactory.getLogger(DiskReserve.class);

    /// So much is added between two looks, at most; others may fill the disk as well.
    private static final long LOOK_BYTES = 1 << 20;

    private static final long REFUSAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Disk disk;
    private final Path directory;
    private final long bytes;
    private final LongSupplier nanoTime;

    /// What may still be added before the disk is looked at again; the first put looks.
    private final AtomicLong allowance = new AtomicLong();

    // Guarded by this object's lock.
    private long room;
    private long lookedAt;
    private boolean refused;
    private boolean told;

    /// A reserve.
    ///
    /// @param directory is there by the time of the first put
    /// @param bytes how much is left free; 0 for no reserve
    /// @param nanoTime a clock that never goes back
    public DiskReserve(Disk disk, Path directory, long bytes, LongSupplier nanoTime) {
        this.disk = disk;
        this.directory = directory;
        this.bytes = bytes;
        this.nanoTime = nanoTime;
    }

    /// Refuses a put that would leave less free than the reserve. To be asked before the put is gathered with
    /// other writes, which are then not refused because of it.
    ///
    /// @param length how many bytes the put adds
    /// @param pending how many bytes of other writes have not come to the disk yet
    /// @throws DiskFullException when there is no room
    /// @throws IOException when the disk cannot be asked
    public void require(long length, long pending) throws IOException {
        if (bytes > 0 && allowance.addAndGet(-length) < 0) {
            look(length, pending);
        }
    }

    /// Whether the last put that had the disk looked at was refused.
    public synchronized boolean refuses() {
        return refused;
    }

    /// What was seen of late is good for refusing alone: a put that fits would not be taken off it.
    private synchronized void look(long length, long pending) throws IOException {
        long now = nanoTime.getAsLong();
        boolean refusedOfLate = refused && now - lookedAt < REFUSAL_NANOS && room < length + pending;
        if (!refusedOfLate) {
            room = disk.freeBytes(directory) - bytes;
            lookedAt = now;
        }
        refused = room < length + pending;
        if (refused) {
            allowance.set(0);
            DiskFullException refusal = new DiskFullException(directory, room + bytes, bytes);
            tellRefused(refusal);
            throw refusal;
        }
        allowance.set(Math.min(room - pending, LOOK_BYTES) - length);
        tellTaken();
    }

    /// Clients go on trying, and each would have its line.
    private void tellRefused(DiskFullException refusal) {
        if (!told) {
            LOG.error("puts are refused until there is room: {}", refusal.getMessage());
        }
        told = true;
    }

    /// Not while the disk is at the brink: lines would alternate there.
    private void tellTaken() {
        if (told && room >= LOOK_BYTES) {
            LOG.info("{}: puts are taken again: {} bytes are free", directory, room + bytes);
            told = false;
        }
    }
}
