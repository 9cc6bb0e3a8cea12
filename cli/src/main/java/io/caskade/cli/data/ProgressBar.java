package io.caskade.cli.data;

import io.caskade.bitcask.inspect.Progress;
import io.caskade.cli.process.CommandStreams;
import java.io.PrintWriter;
import java.nio.file.Path;

/// Shows the progress of a long command at a terminal, in a line that is overwritten.
final class ProgressBar implements Progress, AutoCloseable {

    private static final long MIB = 1 << 20;

    private final Path directory;
    private final PrintWriter err;
    private final boolean terminal;
    private int shown = -1;

    ProgressBar(Path directory, CommandStreams streams) {
        this.directory = directory;
        this.err = streams.err();
        this.terminal = streams.terminal();
    }

    @Override
    public void moved(long done, long total) {
        int percent = total == 0 ? 100 : (int) (100 * done / total);
        if (terminal && percent != shown) {
            shown = percent;
            err.print("\r\u001b[K" + directory + ": " + percent + "% of " + (total + MIB - 1) / MIB + " MiB");
            err.flush();
        }
    }

    @Override
    public void close() {
        if (shown >= 0) {
            err.print("\r\u001b[K");
            err.flush();
        }
    }
}
