package io.caskade.cli.data;

import io.caskade.bitcask.inspect.OfflineCopy;
import io.caskade.bitcask.inspect.RestoreReport;
import io.caskade.cli.process.CommandStreams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `caskade data restore`.
@Command(
        name = "restore",
        description = {
            "Creates a copy's directory from a snapshot, which stays unchanged. The snapshot is verified first.",
            "On the same file system most files are linked, not copied. The new copy gets a new identity."
        },
        mixinStandardHelpOptions = true)
final class RestoreCommand implements Callable<Integer> {

    private final CommandStreams streams;

    @Parameters(index = "0", paramLabel = "SNAPSHOT", description = "A snapshot, or the directory of a stopped copy.")
    private Path snapshot = Path.of("");

    @Parameters(
            index = "1",
            paramLabel = "DIR",
            description = "The new directory; must be missing or empty (a lost+found does not count).")
    private Path target = Path.of("");

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    RestoreCommand(CommandStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        CommandStreams to = streams.withJson(json);
        try (CopyPaths copies = CopyPaths.forReading(snapshot);
                OfflineCopy copy = copies.openForReading(snapshot, streams);
                ProgressBar progress = new ProgressBar(snapshot, streams)) {
            RestoreReport report = copy.restoreTo(target, progress);
            if (to.json()) {
                to.object(object -> {
                    object.writeStringField("directory", target.toString());
                    object.writeNumberField("lastSequence", report.end());
                    object.writeNumberField("linkedFiles", report.linkedFiles());
                    object.writeNumberField("copiedBytes", report.copiedBytes());
                    object.writeStringField("id", report.id().toString());
                });
            } else {
                to.line(target + ": restored up to record " + report.end() + ", " + report.linkedFiles()
                        + " files linked, " + report.copiedBytes() + " bytes copied; the copy is " + report.id());
            }
            to.flush();
        }
        return DataCommand.SUCCESS;
    }
}
