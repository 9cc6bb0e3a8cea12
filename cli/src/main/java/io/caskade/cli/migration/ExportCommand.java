package io.caskade.cli.migration;

import io.caskade.settings.HostPort;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `caskade export redis`.
@Command(
        name = "redis",
        sortOptions = false,
        description = {
            "Copies the cluster's records into a Redis, 6.2 or newer, each with the moment at which it expires; what Redis"
                    + " has under the same keys is overwritten. Then reads both again and compares them."
        },
        mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {

    private final MigrationRun run;

    @Option(
            names = "--to",
            required = true,
            paramLabel = "HOST:PORT",
            converter = HostPortConverter.class,
            description = "Where Redis listens.")
    private HostPort to = MigrationRun.NOWHERE;

    @Mixin
    private final MigrationOptions options = new MigrationOptions();

    ExportCommand(MigrationRun run) {
        this.run = run;
    }

    @Override
    public Integer call() throws Exception {
        return run.run(options, to, MigrationRun.Direction.EXPORT);
    }
}
