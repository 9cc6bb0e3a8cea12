package io.caskade.cli.data;

import com.fasterxml.jackson.core.JsonGenerator;
import io.caskade.bitcask.inspect.Finding;
import io.caskade.bitcask.inspect.OfflineCopy;
import io.caskade.bitcask.inspect.VerifyReport;
import io.caskade.cli.process.CommandStreams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `caskade data verify`.
@Command(
        name = "verify",
        description = {
            "Reads every record and every hint, and reports what is wrong. Changes nothing.",
            "Exit code 1 when anything is damaged; what opening truncates or deletes by itself is not damage."
        },
        mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {

    private final CommandStreams streams;

    @Parameters(paramLabel = "DIR", description = "A stopped node's data directory, or one copy's.")
    private Path directory = Path.of("");

    @Option(names = "--json", description = "Print one JSON object for each copy.")
    private boolean json;

    VerifyCommand(CommandStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        CommandStreams to = streams.withJson(json);
        boolean damaged = false;
        try (CopyPaths copies = CopyPaths.forReading(directory)) {
            for (Path each : copies.directories()) {
                VerifyReport report;
                try (OfflineCopy copy = copies.openForReading(each, streams);
                        ProgressBar progress = new ProgressBar(each, streams)) {
                    report = copy.verify(progress);
                }
                damaged |= report.isDamaged();
                if (to.json()) {
                    to.object(object -> write(object, report));
                } else {
                    print(to, report);
                }
                to.flush();
            }
        }
        return damaged ? DataCommand.DAMAGED : DataCommand.SUCCESS;
    }

    private static void print(CommandStreams to, VerifyReport report) throws IOException {
        for (Finding finding : report.findings()) {
            to.line(line(finding));
        }
        to.line(report.directory() + ": " + (report.isDamaged() ? "DAMAGED" : "ok") + ", " + report.records()
                + " records up to " + report.last() + " in " + report.segments() + " segments, " + report.hints()
                + " hints" + (report.missing() == 0 ? "" : ", " + report.missing() + " records missing")
                + "; opening: " + report.opening());
    }

    private static String line(Finding finding) {
        return finding.severity().name().toLowerCase(Locale.ROOT) + " " + finding.file() + " at offset "
                + finding.offset() + (finding.sequence() == 0 ? "" : ", record " + finding.sequence()) + ": "
                + finding.what();
    }

    static void write(JsonGenerator object, VerifyReport report) throws IOException {
        object.writeStringField("directory", report.directory().toString());
        object.writeBooleanField("damaged", report.isDamaged());
        object.writeBooleanField("canOpen", report.opens());
        object.writeStringField("recoveryAction", report.opening());
        object.writeNumberField("segments", report.segments());
        object.writeNumberField("hints", report.hints());
        object.writeNumberField("records", report.records());
        object.writeNumberField("bytes", report.bytes());
        object.writeNumberField("lastSequence", report.last());
        object.writeNumberField("missing", report.missing());
        object.writeArrayFieldStart("findings");
        for (Finding finding : report.findings()) {
            object.writeStartObject();
            object.writeStringField("severity", finding.severity().name().toLowerCase(Locale.ROOT));
            object.writeStringField("file", finding.file().toString());
            object.writeNumberField("offset", finding.offset());
            object.writeNumberField("sequence", finding.sequence());
            object.writeStringField("message", finding.what());
            object.writeEndObject();
        }
        object.writeEndArray();
    }
}
