package io.caskade.client;

/// What must hold of a key for a write to be applied.
public sealed interface Condition {

    /// Nothing need hold.
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

    /// There is a record and it has this version. The only condition under which a write of unknown outcome can be
    /// repeated without any danger of overwriting a later one: a version never comes back.
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
    /// @param version as an answer gave it
    record Version(long version) implements Condition {}
}
