package io.caskade.client;

import java.util.List;
import java.util.Optional;

/// A part of a scan.
///
/// @param entries what was found, in no order that means anything; may be empty though more follows
/// @param next    where the next page starts; empty when this was the last
public record ScanPage(List<Entry> entries, Optional<ScanCursor> next) {

    /// Copies the list.
    public ScanPage {
        entries = List.copyOf(entries);
    }
}
