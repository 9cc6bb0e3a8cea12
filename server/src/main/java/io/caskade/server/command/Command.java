package io.caskade.server.command;

import org.jspecify.annotations.Nullable;

/// A write as a client asks for it. The arrays are shared and must not be changed.
public sealed interface Command {

    /// The key it writes.
    byte[] key();

    /// How many bytes it holds in memory until it is answered, about.
    default long bytes() {
        long value = switch (this) {
            case Put put -> put.value().length;
            case CompareAndSet swap -> swap.value().length + swap.expected().bytes();
            case Delete _, Expire _, Persist _, Increment _ -> 0;
        };
        return OVERHEAD_BYTES + key().length + value;
    }

    /// What a command takes beside its key and values, about.
    int OVERHEAD_BYTES = 64;

    /// Whether it cannot be decided without the key's record.
    default boolean needsRecord() {
        return !(this instanceof Put put)
                || !(put.condition() instanceof Condition.None)
                || put.expiry() instanceof Expiry.Keep;
    }

    /// Gives a key a value, when the condition holds.
    record Put(byte[] key, byte[] value, Expiry expiry, Condition condition) implements Command {}

    /// Removes a key's record, when there is one and the condition holds.
    record Delete(byte[] key, Condition condition) implements Command {}

    /// Gives a key's record, when there is one, another expiry.
    record Expire(byte[] key, Expiry expiry) implements Command {}

    /// Takes the expiry of a key's record away, when there is a record and it has one.
    record Persist(byte[] key) implements Command {}

    /// Adds to the decimal number a record holds, a missing one counting as 0, and keeps the expiry.
    record Increment(byte[] key, long delta) implements Command {}

    /// Gives a key a value if its record is what is expected, and says what it is otherwise.
    record CompareAndSet(byte[] key, Expectation expected, byte[] value, Expiry expiry) implements Command {}

    /// When a record expires.
    sealed interface Expiry {
        /// Never.
        record Never() implements Expiry {}

        /// So many milliseconds after the leader's time, at least 1.
        record After(long millis) implements Expiry {}

        /// At a time in Unix milliseconds; one that is past removes the record.
        record At(long time) implements Expiry {}

        /// When the record that is there does, or never.
        record Keep() implements Expiry {}
    }

    /// What must hold of a key.
    sealed interface Condition {
        /// Nothing.
        record None() implements Condition {}

        /// It has no record.
        record Absent() implements Condition {}

        /// It has a record.
        record Present() implements Condition {}

        /// It has a record of this version.
        record Version(long version) implements Condition {}
    }

    /// What a record is expected to be.
    sealed interface Expectation {
        /// How long the value is that it names.
        default int bytes() {
            return this instanceof Value value ? value.value().length : 0;
        }

        /// Not there.
        record Absent() implements Expectation {}

        /// Of this version.
        record Version(long version) implements Expectation {}

        /// Of this value.
        record Value(byte[] value) implements Expectation {}
    }

    /// What a command did.
    ///
    /// @param applied false when its condition did not hold, or there was nothing to do it to
    /// @param found whether there was a record before; a put that needs no record does not look
    /// @param version the version the key has got, 0 when it was not applied
    /// @param number what a counter stands at, 0 for other commands
    /// @param current the record that was not as expected, of a compare-and-set that was not applied
    record Result(
            boolean applied,
            boolean found,
            long version,
            long number,
            @Nullable StoredRecord current) {}

    /// A record as commands see it: committed, or in flight.
    ///
    /// @param version the sequence of its write
    /// @param expiresAt Unix milliseconds, 0 for never
    record StoredRecord(byte[] value, long version, long expiresAt) {
        /// Whether it is gone at a time, in Unix milliseconds.
        public boolean isExpiredAt(long time) {
            return expiresAt != 0 && expiresAt <= time;
        }
    }
}
