package io.caskade.bitcask.disk;

import java.io.IOException;

/// The process that asked is dead: its [FaultyDisk] has stopped, or was crashed and belongs to the next
/// process.
public final class PowerFailureException extends IOException {
    private static final long serialVersionUID = 1L;

    PowerFailureException() {
        super("the disk has stopped; nothing that is asked for now happens");
    }
}
