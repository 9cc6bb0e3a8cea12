package io.caskade.bitcask.record;

import org.jspecify.annotations.Nullable;

/// The kind of a record.
public enum RecordKind {
    /// A key has a value.
    PUT(1),
    /// A key has none.
    TOMBSTONE(2),
    /// The leader's time and its high watermark, at the head of a group commit.
    MARK(3),
    /// All keys written before have no value.
    CLEAR(4);

    private final byte code;

    RecordKind(int code) {
        this.code = (byte) code;
    }

    /// The code it is stored as.
    public byte code() {
        return code;
    }

    /// The kind of a stored code, or nothing when there is none.
    public static @Nullable RecordKind of(byte code) {
        return switch (code) {
            case 1 -> PUT;
            case 2 -> TOMBSTONE;
            case 3 -> MARK;
            case 4 -> CLEAR;
            default -> null;
        };
    }
}
