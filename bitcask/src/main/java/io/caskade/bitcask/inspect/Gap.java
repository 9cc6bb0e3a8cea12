package io.caskade.bitcask.inspect;

import java.nio.file.Path;

/// A place in a log where no record can be read.
///
/// @param file the segment
/// @param offset where in the file, in bytes
/// @param bytes how many bytes are passed over; 0 when the segment begins elsewhere than the one before ends
/// @param first the record that belongs here
/// @param last the last record that is missing; 0 when unknown
/// @param zeros whether these bytes are all zero, as reserved space is
/// @param found what is wrong
public record Gap(Path file, long offset, long bytes, long first, long last, boolean zeros, String found) {

    /// Whether it is only space that is reserved for records to come, where nothing up to `recoveryPoint` is
    /// missing.
    public boolean isReserved(long recoveryPoint) {
        return zeros && bytes > 0 && missing() == 0 && first > recoveryPoint;
    }

    /// How many records are missing at most; 0 when unknown.
    public long missing() {
        return Math.max(0, last - first + 1);
    }
}
