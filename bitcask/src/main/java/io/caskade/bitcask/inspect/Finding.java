package io.caskade.bitcask.inspect;

import java.nio.file.Path;

/// A defect in a copy's directory.
///
/// @param severity its severity
/// @param file where
/// @param offset where in the file, in bytes
/// @param sequence the first record that is concerned; 0 when none is
/// @param what human-readable
public record Finding(Severity severity, Path file, long offset, long sequence, String what) {

    /// The severity of a finding.
    public enum Severity {
        /// Acknowledged bytes are missing or changed.
        DAMAGE,
        /// A torn write: opening truncates it, and nothing acknowledged is lost.
        TORN,
        /// Left over from an interrupted operation, or no longer usable: opening deletes or rebuilds it.
        REMAINS,
        /// Not a file of a copy; it is ignored.
        STRAY
    }
}
