package io.caskade.cli.migration;

import io.caskade.settings.HostPort;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `caskade import redis`.
@Command(
        name = "redis",
        sortOptions = false,
        description = {
            "Copies the strings of a Redis into the cluster, each with the moment at which it expires; what the cluster has"
                    + " under the same keys is overwritten. Then reads both again and compares them.",
            "Keys of other types are skipped: they are listed, and counted by type."
        },
        mixinStandardHelpOptions = true)
final class ImportCommand implements Callable<Integer> {

    private final MigrationRun run;

    @Option(
            names = "--from",
            required = true,
            paramLabel = "HOST:PORT",
            converter = HostPortConverter.class,
            description = "Where Redis listens.")
    private HostPort from = MigrationRun.NOWHERE;

    @Mixin
    private final MigrationOptions options = new MigrationOptions();

    ImportCommand(MigrationRun run) {
        this.run = run;
    }

    @Override
    public Integer call() throws Exception {
        return run.run(options, from, MigrationRun.Direction.IMPORT);
    }
}
