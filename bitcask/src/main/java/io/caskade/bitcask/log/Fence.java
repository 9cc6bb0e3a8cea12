package io.caskade.bitcask.log;

import io.caskade.bitcask.StoreClosedException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Refuses what a log must not do any more: to write once its disk has failed, and to do anything once it is
/// closed. The writer raises and closes it; any thread may ask.
final class Fence {

    private final Path directory;

    private volatile @Nullable IOException cause;
    private volatile boolean closed;

    Fence(Path directory) {
        this.directory = directory;
    }

    /// Refuses all further writes.
    ///
    /// @return the first failure, which every further write names
    IOException raise(IOException failure) {
        IOException first = cause == null ? failure : cause;
        cause = first;
        return first;
    }

    boolean isRaised() {
        return cause != null;
    }

    /// Refuses everything.
    void close() {
        closed = true;
    }

    boolean isClosed() {
        return closed;
    }

    void requireOpen() {
        if (closed) {
            throw new StoreClosedException(directory.toString());
        }
    }

    void requireUnfenced() throws IOException {
        requireOpen();
        IOException failure = cause;
        if (failure != null) {
            throw new IOException(
                    directory + ": the log refuses writes because its disk failed: " + failure.getMessage(), failure);
        }
    }
}
