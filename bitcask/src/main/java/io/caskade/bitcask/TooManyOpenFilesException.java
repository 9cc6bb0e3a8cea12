package io.caskade.bitcask;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;

/// The process, or the system, may not open another file. Existing data is intact.
public final class TooManyOpenFilesException extends ResourceExhaustedException {
    private static final long serialVersionUID = 1L;

    private final long limit;

    /// Says which file could not be opened.
    ///
    /// @param limit how many files the process may have open, if that is known
    public TooManyOpenFilesException(Path file, OptionalLong limit, IOException cause) {
        super(file + ": too many open files" + text(limit.orElse(0)), cause);
        this.limit = limit.orElse(0);
    }

    /// The limit of the process as a message ends with it, of length 0 when it is not known.
    public String limitText() {
        return text(limit);
    }

    private static String text(long limit) {
        return limit == 0 ? "" : ": limit " + limit;
    }
}
