package io.caskade.bitcask.disk;

import io.caskade.bitcask.DiskFullException;
import io.caskade.bitcask.TooManyOpenFilesException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the system's errors that pass by themselves, for lack of room, from those of a disk that fails.
final class Exhaustion {

    private static final Logger LOG = LoggerFactory.getLogger(Exhaustion.class);

    private Exhaustion() {}

    /// Something that the system may refuse.
    ///
    /// @param <T> what comes of it
    @FunctionalInterface
    interface Call<T> {
        /// Does it.
        T run() throws IOException;
    }

    /// Learns what can only be learned while files may still be opened.
    static void prepare() {
        Errno.prepare();
        LOG.debug("the limit of open files is {}", OpenFileLimit.ofProcess());
    }

    /// Calls the system, and throws a [io.caskade.bitcask.ResourceExhaustedException] for lack of room.
    ///
    /// @param file is named then
    static <T> T detect(Path file, Call<T> call) throws IOException {
        try {
            return call.run();
        } catch (IOException e) {
            throw translate(file, e);
        }
    }

    /// What stands for a failure: one that says what has run out, or else the failure with its reason.
    static IOException translate(Path file, IOException failure) {
        Optional<Errno> errno = Errno.of(failure);
        if (errno.isEmpty()) {
            return FailureText.explain(failure);
        }
        return errno.get().isFull()
                ? new DiskFullException(file, failure)
                : new TooManyOpenFilesException(file, OpenFileLimit.ofProcess(), failure);
    }
}
