package io.caskade.cli.data;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.inspect.CopyDirectory;
import io.caskade.bitcask.inspect.RestoreReport;
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
            "Makes a copy's directory out of a snapshot, which stays as it is. The snapshot is verified first.",
            "On the same file system most files are linked, not copied. The new copy has an identity of its own."
        },
        mixinStandardHelpOptions = true)
final class RestoreCommand implements Callable<Integer> {

    private final Streams streams;

    @Parameters(index = "0", paramLabel = "SNAPSHOT", description = "A snapshot, or the directory of a stopped copy.")
    private Path snapshot = Path.of("");

    @Parameters(index = "1", paramLabel = "DIR", description = "The new directory; must be missing or empty.")
    private Path target = Path.of("");

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    RestoreCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        Streams to = streams.withJson(json);
        try (Copies _ = Copies.in(snapshot);
                CopyDirectory copy = CopyDirectory.take(snapshot, Disk.real());
                Meter meter = new Meter(snapshot, streams)) {
            RestoreReport report = copy.restoreTo(target, meter);
            if (to.json()) {
                to.object(object -> {
                    object.writeStringField("directory", target.toString());
                    object.writeNumberField("end", report.end());
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
        return Data.DONE;
    }
}
