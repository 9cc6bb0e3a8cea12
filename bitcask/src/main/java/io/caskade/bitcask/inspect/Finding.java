package io.caskade.bitcask.inspect;

import java.nio.file.Path;

/// Something about a copy's directory that is not as it should be.
///
/// @param severity what it means
/// @param file where
/// @param offset where in the file, in bytes
/// @param sequence the first record that is concerned; 0 when none is
/// @param what in words
public record Finding(Severity severity, Path file, long offset, long sequence, String what) {

    /// What a finding means.
    public enum Severity {
        /// Acknowledged bytes are missing or changed.
        DAMAGE,
        /// The end of a write that was cut short: opening cuts it away, and nothing acknowledged is lost.
        TORN,
        /// Left over from an interrupted operation, or no longer usable: opening deletes or rebuilds it.
        REMAINS,
        /// Not a file of a copy; it is ignored.
        STRAY
    }
}
