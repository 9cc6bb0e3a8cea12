package io.caskade.bitcask.disk;

import io.caskade.bitcask.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Refuses puts when the disk is nearly full, so that deletes and merges, which write before they free space,
/// can still run.
///
/// The free space is checked only after each MiB added, and while puts are refused at most ten times per
/// second; in between, it costs one atomic addition. Several stores on the same file system may share one
/// reserve. Thread-safe.
public final class DiskReserve {

    private static final Logger LOG = LoggerFactory.getLogger(DiskReserve.class);

    /// At most this much is added between two checks; other processes may fill the disk as well.
    private static final long LOOK_BYTES = 1 << 20;

    private static final String PROBE = "space-probe";
    private static final int PROBE_BYTES = 64 << 10;

    private static final long REFUSAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Disk disk;
    private final Path directory;
    private final long bytes;
    private final LongSupplier nanoTime;

    /// The bytes that may be added before the next check; the first put checks.
    private final AtomicLong allowance = new AtomicLong();

    // Guarded by this object's lock.
    private long room;
    private long lookedAt;
    private boolean refused;
    private boolean logged;

    /// Creates a reserve.
    ///
    /// @param directory must exist at the first put
    /// @param bytes the free space to keep; 0 for none
    /// @param nanoTime a monotonic clock
    public DiskReserve(Disk disk, Path directory, long bytes, LongSupplier nanoTime) {
        this.disk = disk;
        this.directory = directory;
        this.bytes = bytes;
        this.nanoTime = nanoTime;
    }

    /// Refuses a put that would leave less free space than the reserve. Called before the put joins a group,
    /// so that it does not cause other writes to be refused.
    ///
    /// @param length how many bytes the put adds
    /// @param pending the bytes of other writes that are not on the disk yet
    /// @throws DiskFullException when the disk is full
    /// @throws IOException when the free space cannot be determined
    public void require(long length, long pending) throws IOException {
        if (bytes > 0 && allowance.addAndGet(-length) < 0) {
            readFreeSpace(length, pending);
        }
    }

    /// Whether the last put that caused a check of the disk was refused.
    public synchronized boolean isRefusing() {
        return refused;
    }

    /// Reads the free space again, if the last put that caused a check was refused, so that [#isRefusing]
    /// tells how it is now and not how it was at the last put. Blocks shortly.
    ///
    /// @throws IOException when the free space cannot be determined
    public synchronized void refresh() throws IOException {
        if (refused) {
            room = disk.freeBytes(directory) - bytes;
            lookedAt = nanoTime.getAsLong();
            refused = room < LOOK_BYTES;
            logRecovery();
        }
    }

    /// Writes a small file and deletes it. Blocks shortly.
    ///
    /// @throws IOException when nothing can be written, for lack of space, by a quota or for lack of
    ///     descriptors
    public synchronized void probe() throws IOException {
        Path file = directory.resolve(PROBE);
        if (disk.exists(file)) {
            disk.delete(file);
        }
        try (DiskFile probe = disk.create(file)) {
            probe.write(ByteBuffer.allocate(PROBE_BYTES), 0);
        } finally {
            if (disk.exists(file)) {
                disk.delete(file);
            }
        }
    }

    /// Whether the disk has room for more than a few puts: twice the reserve, and some. Reads the free space.
    ///
    /// @throws IOException when the free space cannot be determined
    public boolean hasRoom() throws IOException {
        return disk.freeBytes(directory) >= 2 * bytes + LOOK_BYTES;
    }

    /// A recent check may only refuse: it does not account for puts accepted since.
    private synchronized void readFreeSpace(long length, long pending) throws IOException {
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
            logRefusal(refusal);
            throw refusal;
        }
        allowance.set(Math.min(room - pending, LOOK_BYTES) - length);
        logRecovery();
    }

    /// Logs once: every retry would log.
    private void logRefusal(DiskFullException refusal) {
        if (!logged) {
            LOG.error("refusing puts until there is room: {}", refusal.getMessage());
        }
        logged = true;
    }

    /// Not while the disk is nearly full: the log would alternate between the two messages.
    private void logRecovery() {
        if (logged && room >= LOOK_BYTES) {
            LOG.info("{}: accepting puts again: {} bytes are free", directory, room + bytes);
            logged = false;
        }
    }
}
