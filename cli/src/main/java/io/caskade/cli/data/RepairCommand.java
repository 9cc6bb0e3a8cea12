package io.caskade.cli.data;

import com.fasterxml.jackson.core.JsonGenerator;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.inspect.CopyDirectory;
import io.caskade.bitcask.inspect.RepairMode;
import io.caskade.bitcask.inspect.RepairReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `caskade data repair`.
@Command(
        name = "repair",
        description = {
            "Makes a damaged copy one that opens, and keeps every file it takes away in lost/N/ beside it.",
            "Without an option it keeps the longest whole prefix of the log: a state the copy has been in. A copy that",
            "loses records takes a new identity; where the partition has other copies, it catches up from its leader.",
            "Exit code 1 when records were lost. May be broken off and run again."
        },
        mixinStandardHelpOptions = true)
final class RepairCommand implements Callable<Integer> {

    private final Streams streams;

    @Parameters(paramLabel = "DIR", description = "A stopped node's data directory, or one copy's.")
    private Path directory = Path.of("");

    @Option(names = "--dry-run", description = "Only say what would be done.")
    private boolean dryRun;

    @Option(
            names = "--salvage",
            description =
                    "For a partition that has no other copy: keep the newest readable value of every key, behind the"
                            + " damage too, as a new log. Keys written in the missing records have an older value, or are back.")
    private boolean salvage;

    @Option(names = "--json", description = "Print one JSON object for each copy.")
    private boolean json;

    RepairCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        Streams to = streams.withJson(json);
        boolean lost = false;
        try (Copies copies = Copies.in(directory)) {
            for (Path each : copies.directories()) {
                RepairReport report;
                try (CopyDirectory copy = CopyDirectory.take(each, Disk.real());
                        Meter meter = new Meter(each, streams)) {
                    report = copy.repair(salvage ? RepairMode.SALVAGE : RepairMode.PREFIX, dryRun, meter);
                }
                lost |= !report.lost().isEmpty();
                if (to.json()) {
                    to.object(object -> write(object, report));
                } else {
                    print(to, report);
                }
                to.flush();
            }
        }
        return lost ? Data.DAMAGED : Data.DONE;
    }

    private void print(Streams to, RepairReport report) throws IOException {
        Path copy = report.found().directory();
        if (report.finishedEarlier()) {
            to.line(copy + ": finished a repair that was broken off");
        }
        if (!report.found().isDamaged()) {
            to.line(copy + ": nothing to repair");
            return;
        }
        String would = report.done() ? "" : "would be ";
        for (RepairReport.Lost lost : report.lost()) {
            to.line(copy + ": " + would + "lost: records " + lost.first() + " to "
                    + (lost.last() == 0 ? "the end" : lost.last()) + " (" + lost.file() + " at offset " + lost.offset()
                    + ": " + lost.why() + ")");
        }
        to.line(copy + ": " + would + "kept: " + report.kept() + " records"
                + (report.mode() == RepairMode.PREFIX || report.lost().isEmpty()
                        ? ", the log as it was up to record " + report.end()
                        : ", the newest values that can be read, as a new log"));
        if (report.mode() == RepairMode.SALVAGE && !report.lost().isEmpty()) {
            to.line(copy + ": keys that were written in the lost records have an older value, or are back");
        }
        if (report.mode() == RepairMode.PREFIX && !report.lost().isEmpty() && !report.done()) {
            to.line(copy + ": --salvage would keep what can be read behind the damage, too");
        }
        if (report.aside().isPresent()) {
            to.line(copy + ": what was taken away is in " + report.aside().get());
        }
        if (report.id().isPresent()) {
            to.line(copy + ": " + (report.done() ? "is" : "would be") + " another copy now"
                    + (report.done() ? ", " + report.id().get() : ""));
        }
    }

    private static void write(JsonGenerator object, RepairReport report) throws IOException {
        object.writeStringField("directory", report.found().directory().toString());
        object.writeBooleanField("damaged", report.found().isDamaged());
        object.writeBooleanField("done", report.done());
        object.writeStringField("mode", report.mode() == RepairMode.PREFIX ? "prefix" : "salvage");
        object.writeNumberField("end", report.end());
        object.writeNumberField("kept", report.kept());
        object.writeArrayFieldStart("lost");
        for (RepairReport.Lost lost : report.lost()) {
            object.writeStartObject();
            object.writeNumberField("first", lost.first());
            object.writeNumberField("last", lost.last());
            object.writeStringField("file", lost.file().toString());
            object.writeNumberField("offset", lost.offset());
            object.writeStringField("why", lost.why());
            object.writeEndObject();
        }
        object.writeEndArray();
        object.writeStringField("aside", report.aside().map(Path::toString).orElse(null));
        object.writeStringField("id", report.id().map(Object::toString).orElse(null));
    }
}
