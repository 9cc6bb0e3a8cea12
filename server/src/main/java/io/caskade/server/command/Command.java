package io.caskade.server.command;

import org.jspecify.annotations.Nullable;

/// A client's write. The arrays are shared and must not be changed.
public sealed interface Command {

    /// The key it writes.
    byte[] key();

    /// About how many bytes it holds in memory until it is answered.
    default long bytes() {
        long value = switch (this) {
            case Put put -> put.value().length;
            case CompareAndSet swap -> swap.value().length + swap.expected().bytes();
            case Delete _, Expire _, Persist _, Increment _ -> 0;
        };
        return OVERHEAD_BYTES + key().length + value;
    }

    /// Approximate overhead of a command, on top of its key and values.
    int OVERHEAD_BYTES = 64;

    /// Whether its decision needs the key's record.
    default boolean needsRecord() {
        return !(this instanceof Put put)
                || !(put.condition() instanceof Condition.None)
                || put.expiry() instanceof Expiry.Keep;
    }

    /// Writes a value if the condition holds.
    record Put(byte[] key, byte[] value, Expiry expiry, Condition condition) implements Command {}

    /// Removes a key's record if it exists and the condition holds.
    record Delete(byte[] key, Condition condition) implements Command {}

    /// Sets the expiry of an existing record.
    record Expire(byte[] key, Expiry expiry) implements Command {}

    /// Removes the expiry of an existing record.
    record Persist(byte[] key) implements Command {}

    /// Adds to the decimal number in a record; a missing record counts as 0. Keeps the expiry.
    record Increment(byte[] key, long delta) implements Command {}

    /// Writes a value if the record is as expected, and otherwise returns the record.
    record CompareAndSet(byte[] key, Expectation expected, byte[] value, Expiry expiry) implements Command {}

    /// When a record expires.
    sealed interface Expiry {
        /// Never.
        record Never() implements Expiry {}

        /// Milliseconds after the leader's time, at least 1.
        record After(long millis) implements Expiry {}

        /// At a time in Unix milliseconds; a past time removes the record.
        record At(long time) implements Expiry {}

        /// The expiry of the existing record, or never.
        record Keep() implements Expiry {}
    }

    /// What must be true of a key.
    sealed interface Condition {
        /// Always true.
        record None() implements Condition {}

        /// There is no record.
        record Absent() implements Condition {}

        /// There is a record.
        record Present() implements Condition {}

        /// There is a record of this version.
        record Version(long version) implements Condition {}
    }

    /// What a compare-and-set expects to find.
    sealed interface Expectation {
        /// The length of the expected value, if any.
        default int bytes() {
            return this instanceof Value value ? value.value().length : 0;
        }

        /// No record.
        record Absent() implements Expectation {}

        /// A record of this version.
        record Version(long version) implements Expectation {}

        /// A record with this value.
        record Value(byte[] value) implements Expectation {}
    }

    /// The result of a command.
    ///
    /// @param applied false when its condition did not hold, or there was no record to change
    /// @param found whether there was a record before; a put that needs no record does not look
    /// @param version the key's new version; 0 when not applied
    /// @param number a counter's new value; 0 for other commands
    /// @param current the record that did not match a compare-and-set's expectation
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
        /// Whether it has expired at a time, in Unix milliseconds.
        public boolean isExpiredAt(long time) {
            return expiresAt != 0 && expiresAt <= time;
        }
    }
}
