package io.caskade.server.metrics;

import java.util.Locale;

/// What clients ask for; the label `operation`.
public enum RequestKind {
    /// A record, or its time to live.
    GET,
    /// Writes a record.
    PUT,
    /// Removes a record.
    DELETE,
    /// Sets a record's expiry.
    EXPIRE,
    /// Removes a record's expiry.
    PERSIST,
    /// Adds to a counter.
    INCREMENT,
    /// Writes a record if it is as expected.
    COMPARE_AND_SET,
    /// Writes several keys together.
    WRITE_BATCH,
    /// Lists records.
    SCAN,
    /// Counts records.
    COUNT,
    /// Changes which nodes keep copies.
    VIEW_CHANGE,
    /// Whether the node lives, whether it is ready, what it measures, and what it offers.
    STATUS,
    /// A request that names nothing of these.
    INVALID;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
