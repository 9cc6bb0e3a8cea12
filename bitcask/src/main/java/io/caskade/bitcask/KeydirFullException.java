package io.caskade.bitcask;

import java.nio.file.Path;

/// The keydir has as many keys as its memory may hold, so a put of a new key was refused. Existing keys can be
/// written and deleted.
public final class KeydirFullException extends ResourceExhaustedException {
    private static final long serialVersionUID = 1L;

    /// Names the setting that bounds the memory.
    public KeydirFullException(Path directory, String setting, long maxBytes) {
        super(directory + ": the keydir is full: " + setting + " allows it " + maxBytes
                + " bytes; existing keys can be written and deleted");
    }
}
