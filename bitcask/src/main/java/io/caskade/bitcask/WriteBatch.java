package io.caskade.bitcask;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Writes that are made together, if all checks hold; otherwise nothing is written. After a crash all of them
/// are there or none. The arrays are shared and must not be changed before the batch is written.
///
/// ```java
/// boolean moved = store.write(WriteBatch.builder()
///         .checkVersion(from, entry.version())
///         .checkAbsent(to)
///         .delete(from)
///         .put(to, entry.value())
///         .build());
/// ```
///
/// @param checks what must be true before the first write
/// @param writes at least one; of several writes of a key the last one counts
public record WriteBatch(List<Check> checks, List<Write> writes) {

    /// The most bytes that all keys and values have together, each with the 32 bytes that a record takes.
    public static final int MAX_BYTES = 64 << 20;

    private static final int RECORD_BYTES = 32;

    /// Stands for a key without a record.
    public static final long ABSENT = 0;

    /// Checks the size.
    ///
    /// @throws IllegalArgumentException when there is no write, or too much of them
    public WriteBatch {
        checks = List.copyOf(checks);
        writes = List.copyOf(writes);
        if (writes.isEmpty()) {
            throw new IllegalArgumentException("a batch without a write");
        }
        long bytes = bytesOf(writes);
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException("a batch of " + bytes + " bytes; it must have at most " + MAX_BYTES);
        }
    }

    private static long bytesOf(List<Write> writes) {
        return writes.stream().mapToLong(Write::bytes).sum();
    }

    /// What must be true of a key.
    ///
    /// @param version of its record, [#ABSENT] when it must have none that has not expired
    public record Check(byte[] key, long version) {}

    /// A write of a key.
    ///
    /// @param value null to remove the key
    /// @param timeToLive of the record, from the moment the batch is written; null for ever
    public record Write(
            byte[] key, byte @Nullable [] value, @Nullable Duration timeToLive) {

        /// How many bytes it takes in the log.
        long bytes() {
            return (long) RECORD_BYTES + key.length + (value == null ? 0 : value.length);
        }
    }

    /// How many bytes it takes in the log.
    public long bytes() {
        return bytesOf(writes);
    }

    /// An empty batch, to be filled.
    public static Builder builder() {
        return new Builder();
    }

    /// Collects checks and writes. Not thread-safe.
    public static final class Builder {

        private final List<Check> checks = new ArrayList<>();
        private final List<Write> writes = new ArrayList<>();

        private Builder() {}

        /// The key's record must be of this version ([Entry#version]), and not have expired.
        public Builder checkVersion(byte[] key, long version) {
            checks.add(new Check(key, version));
            return this;
        }

        /// The key must have no record, or one that has expired.
        public Builder checkAbsent(byte[] key) {
            return checkVersion(key, ABSENT);
        }

        /// Sets the value of a key, without expiry.
        public Builder put(byte[] key, byte[] value) {
            writes.add(new Write(key, value, null));
            return this;
        }

        /// Sets the value of a key, with an expiry.
        public Builder put(byte[] key, byte[] value, Duration timeToLive) {
            writes.add(new Write(key, value, timeToLive));
            return this;
        }

        /// Removes a key.
        public Builder delete(byte[] key) {
            writes.add(new Write(key, null, null));
            return this;
        }

        /// The batch.
        ///
        /// @throws IllegalArgumentException when it has no write, or too much of them
        public WriteBatch build() {
            return new WriteBatch(checks, writes);
        }
    }
}
