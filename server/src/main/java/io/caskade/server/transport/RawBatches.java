package io.caskade.server.transport;

import io.caskade.server.replica.Batches;
import java.nio.ByteBuffer;

/// Whole batches as they are in a log, from the buffer's position to its limit. The buffer is never written
/// to, and its position never moves.
public record RawBatches(ByteBuffer content) implements Batches {

    @Override
    public long bytes() {
        return content.remaining();
    }
}
