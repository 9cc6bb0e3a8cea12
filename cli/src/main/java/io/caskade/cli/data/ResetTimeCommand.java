package io.caskade.cli.data;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.inspect.OfflineCopy;
import io.caskade.bitcask.inspect.TimeResetReport;
import io.caskade.cli.process.CommandStreams;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `caskade data reset-time`.
@Command(
        name = "reset-time",
        description = {
            "Sets back the time of a log that a wrong clock has brought ahead, so that keys expire by the right clock again.",
            "A new log of the newest values takes the log's place; the old files are kept in lost/N/. What was written while",
            "the time was ahead lives on for its whole lifetime; what had expired by the wrong time alone is back, unless a",
            "merge has taken it. The copy gets a new identity: use it for a library's directory, or a partition without",
            "another copy."
        },
        mixinStandardHelpOptions = true)
final class ResetTimeCommand implements Callable<Integer> {

    private final CommandStreams streams;

    @Parameters(paramLabel = "DIR", description = "A stopped node's data directory, or one copy's.")
    private Path directory = Path.of("");

    @Option(
            names = "--to",
            paramLabel = "TIME",
            description = "The right time, such as 2026-01-31T12:00:00Z; that of this machine's clock by default.")
    private @Nullable String time;

    @Option(names = "--json", description = "Print one JSON object for each copy.")
    private boolean json;

    ResetTimeCommand(CommandStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        CommandStreams to = streams.withJson(json);
        Instant right;
        try {
            right = time == null ? Instant.now() : Instant.parse(time);
        } catch (DateTimeException e) {
            streams.err().println("error: --to takes a time such as 2026-01-31T12:00:00Z, not " + time);
            return DataCommand.USAGE;
        }
        try (CopyPaths copies = CopyPaths.in(directory)) {
            for (Path each : copies.directories()) {
                TimeResetReport report;
                try (OfflineCopy copy = OfflineCopy.take(each, Disk.real());
                        ProgressBar progress = new ProgressBar(each, streams)) {
                    report = copy.resetTime(right.toEpochMilli(), progress);
                }
                print(to, each, report);
                to.flush();
            }
        }
        return DataCommand.SUCCESS;
    }

    private static void print(CommandStreams to, Path copy, TimeResetReport report) throws IOException {
        Instant before = Instant.ofEpochMilli(report.before());
        Instant after = Instant.ofEpochMilli(report.after());
        if (to.json()) {
            to.object(object -> {
                object.writeStringField("directory", copy.toString());
                object.writeBooleanField("done", report.isDone());
                object.writeStringField("logTime", before.toString());
                object.writeStringField("to", after.toString());
                object.writeNumberField("kept", report.records());
                object.writeStringField(
                        "removedFiles", report.aside().map(Path::toString).orElse(null));
                object.writeStringField("id", report.id().map(Object::toString).orElse(null));
            });
        } else if (report.isDone()) {
            to.line(copy + ": the log's time was " + before + " and is " + after + ", with the newest values of "
                    + report.records() + " keys");
            to.line(copy + ": the removed files are in "
                    + report.aside().map(Path::toString).orElse(""));
            to.line(copy + ": has a new copy id, "
                    + report.id().map(Object::toString).orElse(""));
        } else {
            to.line(copy + ": nothing to set back: the log's time, " + before + ", is not after " + after);
        }
    }
}
