package io.caskade.bitcask.store;

import io.caskade.bitcask.Durability;
import io.caskade.bitcask.StoreClosedException;
import io.caskade.bitcask.store.copy.CopyBounds;
import io.caskade.bitcask.store.copy.CopyMetadataFile;
import io.caskade.bitcask.store.copy.CopyState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Keeps the metadata of an open copy, in memory as in its file. Once it is closed it leaves the file alone,
/// whose directory may have another owner by then.
///
/// For any thread: bounds are saved on another thread than the writer's.
final class CopyMetadata {

    private final Path directory;
    private final CopyMetadataFile file;

    /// Changed under this object's lock.
    private volatile CopyState state;

    private volatile boolean closed;

    private CopyMetadata(Path directory, CopyMetadataFile file, CopyState state) {
        this.directory = directory;
        this.file = file;
        this.state = state;
    }

    /// Persists the metadata of a copy that is opened.
    static CopyMetadata opened(Path directory, CopyMetadataFile file, CopyState state) throws IOException {
        file.write(state);
        return new CopyMetadata(directory, file, state);
    }

    CopyState state() {
        return state;
    }

    /// Persists bounds.
    ///
    /// @throws IOException when the disk fails; either the old or the new bounds are persisted
    synchronized void saveBounds(CopyBounds bounds) throws IOException {
        requireOpen();
        CopyState withBounds = state.withBounds(bounds);
        file.write(withBounds);
        state = withBounds;
    }

    /// Persists that the copy may lack records which it acknowledged, unless all are synced before.
    ///
    /// @param cause is told when that fails
    void markUnproven(IOException cause) {
        if (!closed && state.durability() != Durability.SYNC) {
            persistUnproven(cause);
        }
    }

    private synchronized void persistUnproven(IOException cause) {
        try {
            state = state.withoutBoot();
            file.write(state);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    /// Persists that everything up to the log's end is synced.
    ///
    /// @param checkpoint the checksum of the checkpoint, if there is one
    synchronized void saveCleanClose(long highWatermark, long end, Optional<Integer> checkpoint) throws IOException {
        file.write(state.closed(highWatermark, end, checkpoint));
    }

    boolean isClosed() {
        return closed;
    }

    void requireOpen() {
        if (closed) {
            throw new StoreClosedException(directory.toString());
        }
    }

    /// Declares it closed.
    ///
    /// @return whether it was open
    synchronized boolean close() {
        boolean wasOpen = !closed;
        closed = true;
        return wasOpen;
    }
}
