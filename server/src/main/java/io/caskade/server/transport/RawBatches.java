package io.caskade.server.transport;

import io.caskade.server.replica.Batches;
import java.nio.ByteBuffer;

/// Whole batches as they are in a log, from the buffer's position to its limit. Nobody writes to the buffer or
/// moves its position.
public record RawBatches(ByteBuffer content) implements Batches {

    @Override
    public long bytes() {
        return content.remaining();
    }
}
