package io.caskade.bitcask;

import java.util.List;

/// The findings of scrubs since the store was opened.
///
/// @param rounds how many scrubs have completed
/// @param segments how many segments were read
/// @param damagedSegments how many of these were found damaged; counted again each time
/// @param damage the first hundred findings, each with file, offset and sequence
public record ScrubReport(long rounds, long segments, long damagedSegments, List<DamagedLogException> damage) {

    /// Makes the list immutable.
    public ScrubReport {
        damage = List.copyOf(damage);
    }
}
