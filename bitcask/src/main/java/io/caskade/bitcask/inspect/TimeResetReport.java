package io.caskade.bitcask.inspect;

import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/// The result of setting a log's time back.
///
/// @param before the log's time before, Unix milliseconds
/// @param after the time it was to be set to
/// @param records how many records the new log has
/// @param aside where the files of the log before are kept; nothing when its time was not ahead, so that
///     nothing was done
/// @param id the copy's new identity; nothing when nothing was done
public record TimeResetReport(long before, long after, long records, Optional<Path> aside, Optional<UUID> id) {

    /// Whether anything was done.
    public boolean isDone() {
        return aside.isPresent();
    }
}
