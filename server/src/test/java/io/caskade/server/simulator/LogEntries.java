package io.caskade.server.simulator;

import io.caskade.server.replica.Batches;
import java.util.List;

/// Whole batches on their way.
record LogEntries(List<LogEntry> entries) implements Batches {

    private static final int ABOUT_BYTES = 50;

    @Override
    public long bytes() {
        return (long) entries.size() * ABOUT_BYTES;
    }
}
