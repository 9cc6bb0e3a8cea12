package io.caskade.cli.data;

import com.fasterxml.jackson.core.JsonGenerator;
import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.inspect.OfflineCopy;
import io.caskade.bitcask.inspect.RepairMode;
import io.caskade.bitcask.inspect.RepairReport;
import io.caskade.cli.process.CommandStreams;
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
            "Makes a damaged copy open again. Every file it removes is kept in lost/N/ in the copy's directory.",
            "Without an option it keeps the longest intact prefix of the log: a state the copy has been in. A copy that",
            "loses records gets a new identity; if the partition has other copies, it catches up from its leader.",
            "Exit code 1 when records were lost. An interrupted repair can be run again."
        },
        mixinStandardHelpOptions = true)
final class RepairCommand implements Callable<Integer> {

    private final CommandStreams streams;

    @Parameters(paramLabel = "DIR", description = "A stopped node's data directory, or one copy's.")
    private Path directory = Path.of("");

    @Option(names = "--dry-run", description = "Only show what would be done.")
    private boolean dryRun;

    @Option(
            names = "--salvage",
            description =
                    "For a partition without another copy: keep the newest readable value of every key, beyond the"
                            + " damage too, as a new log. Keys written in the missing records get an older value, or reappear.")
    private boolean salvage;

    @Option(names = "--json", description = "Print one JSON object for each copy.")
    private boolean json;

    RepairCommand(CommandStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        CommandStreams to = streams.withJson(json);
        boolean lost = false;
        try (CopyPaths copies = CopyPaths.in(directory)) {
            for (Path each : copies.directories()) {
                RepairReport report;
                try (OfflineCopy copy = OfflineCopy.take(each, Disk.real());
                        ProgressBar progress = new ProgressBar(each, streams)) {
                    report = copy.repair(salvage ? RepairMode.SALVAGE : RepairMode.PREFIX, dryRun, progress);
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
        return lost ? DataCommand.DAMAGED : DataCommand.SUCCESS;
    }

    private void print(CommandStreams to, RepairReport report) throws IOException {
        Path copy = report.found().directory();
        if (report.finishedEarlier()) {
            to.line(copy + ": finished an interrupted repair");
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
                        ? ", the log up to record " + report.end()
                        : ", the newest readable values, as a new log"));
        if (report.mode() == RepairMode.SALVAGE && !report.lost().isEmpty()) {
            to.line(copy + ": keys written in the lost records have an older value, or reappear");
        }
        if (report.mode() == RepairMode.PREFIX && !report.lost().isEmpty() && !report.done()) {
            to.line(copy + ": --salvage would also keep what is readable beyond the damage");
        }
        if (report.aside().isPresent()) {
            to.line(copy + ": the removed files are in " + report.aside().get());
        }
        if (report.id().isPresent()) {
            to.line(copy + ": " + (report.done() ? "has" : "would get") + " a new copy id"
                    + (report.done() ? ", " + report.id().get() : ""));
        }
    }

    private static void write(JsonGenerator object, RepairReport report) throws IOException {
        object.writeStringField("directory", report.found().directory().toString());
        object.writeBooleanField("damaged", report.found().isDamaged());
        object.writeBooleanField("done", report.done());
        object.writeStringField("mode", report.mode() == RepairMode.PREFIX ? "prefix" : "salvage");
        object.writeNumberField("lastSequence", report.end());
        object.writeNumberField("kept", report.kept());
        object.writeArrayFieldStart("lost");
        for (RepairReport.Lost lost : report.lost()) {
            object.writeStartObject();
            object.writeNumberField("first", lost.first());
            object.writeNumberField("last", lost.last());
            object.writeStringField("file", lost.file().toString());
            object.writeNumberField("offset", lost.offset());
            object.writeStringField("reason", lost.why());
            object.writeEndObject();
        }
        object.writeEndArray();
        object.writeStringField(
                "removedFiles", report.aside().map(Path::toString).orElse(null));
        object.writeStringField("id", report.id().map(Object::toString).orElse(null));
    }
}
