package io.caskade.cli.data;

import io.caskade.bitcask.disk.Disk;
import io.caskade.bitcask.inspect.NotACopyException;
import io.caskade.bitcask.inspect.OfflineCopy;
import io.caskade.bitcask.store.CopyDirectory;
import io.caskade.cli.process.CommandStreams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `caskade data reinstate`.
@Command(
        name = "reinstate",
        description = {
            "Puts a copy that a node has set aside back in its place, under its own identity. The copy that is there is",
            "set aside in turn: nothing is deleted."
        },
        mixinStandardHelpOptions = true)
final class ReinstateCommand implements Callable<Integer> {

    private final CommandStreams streams;

    @Parameters(index = "0", paramLabel = "DIR", description = "The set-aside copy, for instance 3.aside-ID.")
    private Path aside = Path.of("");

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    ReinstateCommand(CommandStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        CommandStreams to = streams.withJson(json);
        try (CopyPaths _ = CopyPaths.in(aside)) {
            if (!OfflineCopy.isCopy(aside, Disk.real())) {
                throw new NotACopyException(aside);
            }
            Path directory = CopyDirectory.reinstate(Disk.real(), aside);
            if (to.json()) {
                to.object(object -> object.writeStringField("directory", directory.toString()));
            } else {
                to.line(aside + ": is " + directory + " again");
            }
            to.flush();
        } catch (IllegalArgumentException e) {
            streams.err().println("error: " + e.getMessage());
            return DataCommand.USAGE;
        }
        return DataCommand.SUCCESS;
    }
}
