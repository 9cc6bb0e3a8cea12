package io.caskade.bitcask;

import java.io.IOException;

/// There is no room for what was asked for: the disk or the keydir is full, or too many files are open. Nothing
/// was done, existing data is intact, and the store goes on by itself when there is room.
public abstract sealed class ResourceExhaustedException extends IOException
        permits DiskFullException, KeydirFullException, TooManyOpenFilesException {
    private static final long serialVersionUID = 1L;

    ResourceExhaustedException(String message) {
        super(message);
    }

    ResourceExhaustedException(String message, IOException cause) {
        super(message, cause);
    }
}
