package io.caskade.server.cluster;

/// A value and the version it is stored under. Each change of the stored value adds one to the version.
///
/// @param version 0 when the value was created
public record Versioned<T>(T value, int version) {

    /// Refuses a version no stored value has.
    public Versioned {
        Preconditions.check(version >= 0, "a version is not negative", version);
    }
}
