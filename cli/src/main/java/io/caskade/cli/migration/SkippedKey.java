package io.caskade.cli.migration;

import io.caskade.client.Bytes;

/// A key that is not copied.
///
/// @param kind what it is counted as: its type, or `refused`
/// @param reason what more there is to say of it; empty when the kind says it all
record SkippedKey(Bytes key, String kind, String reason) {

    /// The other end does not take it.
    static final String REFUSED = "refused";
}
