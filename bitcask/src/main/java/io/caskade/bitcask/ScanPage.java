package io.caskade.bitcask;

import java.util.List;

/// One page of a scan in hash order.
///
/// @param entries the records; may be empty before the last page
/// @param next where the next page starts; 0 when this is the last
public record ScanPage(List<Entry> entries, long next) {

    /// Makes the list immutable.
    public ScanPage {
        entries = List.copyOf(entries);
    }
}
