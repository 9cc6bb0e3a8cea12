package io.caskade.server.replica;

/// A record before it has a sequence. The arrays are shared and must not be changed.
public sealed interface RecordDraft {

    /// About how many bytes it adds to the log, header included.
    int bytes();

    /// The size of a record's header.
    int HEADER_BYTES = 32;

    /// A key gets a value.
    ///
    /// @param expiresAt Unix milliseconds, 0 for never
    record Put(byte[] key, byte[] value, long expiresAt) implements RecordDraft {
        @Override
        public int bytes() {
            return HEADER_BYTES + key.length + value.length;
        }
    }

    /// A key loses its value.
    record Tombstone(byte[] key) implements RecordDraft {
        @Override
        public int bytes() {
            return HEADER_BYTES + key.length;
        }
    }
}
