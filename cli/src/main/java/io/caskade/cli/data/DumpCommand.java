package io.caskade.cli.data;

import io.caskade.bitcask.inspect.DumpRange;
import io.caskade.bitcask.inspect.DumpSink;
import io.caskade.bitcask.inspect.DumpedRecord;
import io.caskade.bitcask.inspect.Gap;
import io.caskade.bitcask.inspect.OfflineCopy;
import io.caskade.bitcask.record.RecordKind;
import io.caskade.cli.process.CommandStreams;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `caskade data dump`.
@Command(
        name = "dump",
        description = {
            "Prints the log's records as they were written, one JSON object per line.",
            "Keys and values are strings when they are UTF-8, otherwise {\"base64\": ...}. What cannot be read is reported",
            "on standard error, and the exit code is 1."
        },
        mixinStandardHelpOptions = true)
final class DumpCommand implements Callable<Integer> {

    private final CommandStreams streams;

    @Parameters(paramLabel = "DIR", description = "A stopped node's data directory, or one copy's.")
    private Path directory = Path.of("");

    @Option(names = "--from", paramLabel = "SEQUENCE", description = "The first record to print.")
    private long from = 1;

    @Option(names = "--to", paramLabel = "SEQUENCE", description = "The last record to print.")
    private long to = Long.MAX_VALUE;

    @Option(names = "--live", description = "Print only the newest value of each key that has one.")
    private boolean live;

    DumpCommand(CommandStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (from < 1 || to < from) {
            streams.err()
                    .println(
                            "error: --from and --to take sequences of at least 1, and --from must not be greater than --to");
            return DataCommand.USAGE;
        }
        boolean damaged = false;
        try (CopyPaths copies = CopyPaths.forReading(directory)) {
            for (Path each : copies.directories()) {
                try (OfflineCopy copy = copies.openForReading(each, streams);
                        ProgressBar progress = new ProgressBar(each, streams)) {
                    Printer printer = new Printer(
                            streams, copy.partition(), copies.directories().size() > 1);
                    copy.dump(new DumpRange(from, to, live), printer, progress);
                    damaged |= printer.damaged;
                }
                streams.flush();
            }
        }
        return damaged ? DataCommand.DAMAGED : DataCommand.SUCCESS;
    }

    private static final class Printer implements DumpSink {
        private final CommandStreams streams;
        private final int partition;
        private final boolean namesPartition;
        private boolean damaged;

        Printer(CommandStreams streams, int partition, boolean namesPartition) {
            this.streams = streams;
            this.partition = partition;
            this.namesPartition = namesPartition;
        }

        @Override
        public void record(DumpedRecord next) throws IOException {
            streams.object(object -> {
                if (namesPartition) {
                    object.writeNumberField("partition", partition);
                }
                object.writeNumberField("sequence", next.sequence());
                object.writeNumberField("epoch", next.epoch());
                object.writeStringField("kind", next.kind().name().toLowerCase(Locale.ROOT));
                if (next.kind() == RecordKind.MARK) {
                    object.writeStringField("time", time(next.time()));
                    object.writeNumberField("highWatermark", next.highWatermark());
                }
                if (next.key().length > 0) {
                    CommandStreams.writeBytes(object, "key", next.key());
                }
                if (next.kind() == RecordKind.PUT) {
                    CommandStreams.writeBytes(object, "value", next.value());
                    if (next.expiresAt() != 0) {
                        object.writeStringField("expiresAt", time(next.expiresAt()));
                    }
                }
                if (!next.endsBatch()) {
                    object.writeBooleanField("moreFollow", true);
                }
            });
        }

        @Override
        public void gap(Gap gap) {
            if (gap.zeros() && gap.missing() == 0) {
                return;
            }
            damaged = true;
            streams.err()
                    .println("warning: " + gap.file() + " at offset " + gap.offset() + ": " + gap.found()
                            + (gap.missing() == 0
                                    ? "; record " + gap.first() + " belongs here"
                                    : "; records " + gap.first() + " to " + gap.last() + " are missing"));
        }

        private static String time(long millis) {
            try {
                return Instant.ofEpochMilli(millis).toString();
            } catch (DateTimeException e) {
                return Long.toString(millis);
            }
        }
    }
}
