package io.caskade.bitcask.inspect;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The result of a repair, or of its dry run.
///
/// @param found what was wrong
/// @param mode what was kept of the log
/// @param finishedEarlier whether an interrupted repair was finished first
/// @param done whether anything was done; false when there was nothing to repair, and for a dry run
/// @param end the last record of the repaired log
/// @param kept how many of the log's records are in the repaired one, as they are or with new sequences
/// @param lost what is not
/// @param aside where the damaged files are kept under their names
/// @param id the copy's new identity; nothing when it keeps its own, since no record was lost
public record RepairReport(
        VerifyReport found,
        RepairMode mode,
        boolean finishedEarlier,
        boolean done,
        long end,
        long kept,
        List<Lost> lost,
        Optional<Path> aside,
        Optional<UUID> id) {

    /// Records that the repaired log does not have.
    ///
    /// @param first the first of them
    /// @param last the last; 0 when unknown
    /// @param file where they were, or where they should have been
    /// @param offset where in the file
    /// @param why human-readable
    public record Lost(long first, long last, Path file, long offset, String why) {}

    /// Makes the list immutable.
    public RepairReport {
        lost = List.copyOf(lost);
    }
}
