package io.caskade.client;

import java.time.Instant;
import java.util.Optional;

/// A record that was read.
///
/// @param key     the key
/// @param value   the value; empty in a listing of keys only
/// @param version the sequence of the record's last write: it grows with each write of the key, compared
///     unsigned
/// @param expiresAt when the record expires, in milliseconds; empty when it never does
public record Entry(Bytes key, Bytes value, long version, Optional<Instant> expiresAt) {}
