package io.caskade.client;

/// What a compare-and-set expects to find.
public sealed interface Expectation {

    /// No record.
    static Expectation absent() {
        return new Absent();
    }

    /// A record of this version.
    static Expectation version(long version) {
        return new Version(version);
    }

    /// A record with this value.
    static Expectation value(byte[] value) {
        return new Value(Bytes.of(value));
    }

    /// See [#absent()].
    record Absent() implements Expectation {}

    /// See [#version(long)].
    ///
    /// @param version as returned by an earlier operation
    record Version(long version) implements Expectation {}

    /// See [#value(byte\[\])].
    ///
    /// @param value the value, to the byte
    record Value(Bytes value) implements Expectation {}
}
