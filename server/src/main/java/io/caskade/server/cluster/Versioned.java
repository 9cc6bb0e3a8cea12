package io.caskade.server.cluster;

/// A value and its stored version. Each change of the value adds one to the version.
///
/// @param version 0 when the value is created
public record Versioned<T>(T value, int version) {

    /// Rejects negative versions.
    public Versioned {
        Preconditions.check(version >= 0, "version must not be negative", version);
    }
}
