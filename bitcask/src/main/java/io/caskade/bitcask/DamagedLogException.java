package io.caskade.bitcask;

import java.io.IOException;
import java.nio.file.Path;

/// Acknowledged records are missing or their bytes have changed. Nothing was modified.
public final class DamagedLogException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;
    private final long offset;
    private final long sequence;

    /// With what was found in `file` at `offset`, where the record with `sequence` was expected.
    public DamagedLogException(Path file, long offset, long sequence, String found) {
        super(file + ": damaged at offset " + offset + ", where record " + sequence + " belongs: " + found);
        this.file = file;
        this.offset = offset;
        this.sequence = sequence;
    }

    /// The damaged file.
    public Path file() {
        return file;
    }

    /// The offset in the file, in bytes.
    public long offset() {
        return offset;
    }

    /// The first record that cannot be read.
    public long sequence() {
        return sequence;
    }
}
