package io.caskade.client;

import java.util.List;
import java.util.Optional;

/// A page of a scan.
///
/// @param entries the records, in no particular order; may be empty although more pages follow
/// @param next    where the next page starts; empty when this was the last
public record ScanPage(List<Entry> entries, Optional<ScanCursor> next) {

    /// Copies the list.
    public ScanPage {
        entries = List.copyOf(entries);
    }
}
