package io.caskade.bitcask.store;

import java.util.List;

/// One page of a scan in hash order.
///
/// @param entries committed records, those among them included that have expired; may be empty before the
///     last page
/// @param next the position the next page starts at, 0 when this page is the last
public record ScanPage(List<Entry> entries, long next) {

    /// Makes the list immutable.
    public ScanPage {
        entries = List.copyOf(entries);
    }
}
