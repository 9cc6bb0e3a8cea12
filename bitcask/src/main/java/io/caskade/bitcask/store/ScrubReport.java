package io.caskade.bitcask.store;

import io.caskade.bitcask.log.DamagedLogException;
import java.util.List;

/// What the background's reading of full segments has found since the store was opened.
///
/// @param rounds how often all of them have been read
/// @param segments how many were read
/// @param damagedSegments how many of these were found damaged; one that is found again counts again
/// @param damage the first hundred findings, each with file, offset and sequence
public record ScrubReport(long rounds, long segments, long damagedSegments, List<DamagedLogException> damage) {

    /// Makes the list immutable.
    public ScrubReport {
        damage = List.copyOf(damage);
    }
}
