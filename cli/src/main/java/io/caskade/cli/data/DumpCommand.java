package io.caskade.cli.data;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.inspect.CopyDirectory;
import io.caskade.bitcask.inspect.DumpRange;
import io.caskade.bitcask.inspect.DumpSink;
import io.caskade.bitcask.inspect.DumpedRecord;
import io.caskade.bitcask.log.Hole;
import io.caskade.bitcask.log.RecordKind;
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
            "Prints the log's records, one JSON object a line, as they were written.",
            "Keys and values are strings when they are UTF-8, otherwise {\"base64\": ...}. What cannot be read is told on",
            "standard error, and the exit code is 1."
        },
        mixinStandardHelpOptions = true)
final class DumpCommand implements Callable<Integer> {

    private final Streams streams;

    @Parameters(paramLabel = "DIR", description = "A stopped node's data directory, or one copy's.")
    private Path directory = Path.of("");

    @Option(names = "--from", paramLabel = "SEQUENCE", description = "The first record to print.")
    private long from = 1;

    @Option(names = "--to", paramLabel = "SEQUENCE", description = "The last record to print.")
    private long to = Long.MAX_VALUE;

    @Option(names = "--live", description = "Print only the newest value of each key that has one.")
    private boolean live;

    DumpCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (from < 1 || to < from) {
            streams.err()
                    .println("error: --from and --to take sequences, 1 or more, the first not greater than the last");
            return Data.USAGE;
        }
        boolean damaged = false;
        try (Copies copies = Copies.in(directory)) {
            for (Path each : copies.directories()) {
                try (CopyDirectory copy = CopyDirectory.take(each, Disk.real());
                        Meter meter = new Meter(each, streams)) {
                    Printer printer = new Printer(
                            streams, copy.partition(), copies.directories().size() > 1);
                    copy.dump(new DumpRange(from, to, live), printer, meter);
                    damaged |= printer.damaged;
                }
                streams.flush();
            }
        }
        return damaged ? Data.DAMAGED : Data.DONE;
    }

    private static final class Printer implements DumpSink {
        private final Streams streams;
        private final int partition;
        private final boolean namesPartition;
        private boolean damaged;

        Printer(Streams streams, int partition, boolean namesPartition) {
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
                    object.writeNumberField("watermark", next.watermark());
                }
                if (next.key().length > 0) {
                    Streams.bytes(object, "key", next.key());
                }
                if (next.kind() == RecordKind.PUT) {
                    Streams.bytes(object, "value", next.value());
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
        public void hole(Hole hole) {
            if (hole.zeros() && hole.missing() == 0) {
                return;
            }
            damaged = true;
            streams.err()
                    .println("warning: " + hole.file() + " at offset " + hole.offset() + ": " + hole.found()
                            + (hole.missing() == 0
                                    ? "; record " + hole.first() + " belongs here"
                                    : "; records " + hole.first() + " to " + hole.last() + " are missing"));
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
