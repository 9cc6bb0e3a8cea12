package io.caskade.client;

/// What must be true of a key for a write to be applied.
public sealed interface Condition {

    /// Always true.
    static Condition none() {
        return new None();
    }

    /// There is no record.
    static Condition absent() {
        return new Absent();
    }

    /// There is a record.
    static Condition present() {
        return new Present();
    }

    /// There is a record of this version. Only under this condition can a write of unknown outcome be
    /// repeated without overwriting a later one: a version never comes back.
    static Condition version(long version) {
        return new Version(version);
    }

    /// See [#none()].
    record None() implements Condition {}

    /// See [#absent()].
    record Absent() implements Condition {}

    /// See [#present()].
    record Present() implements Condition {}

    /// See [#version(long)].
    ///
    /// @param version as returned by an earlier operation
    record Version(long version) implements Condition {}
}
