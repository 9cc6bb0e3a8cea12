package io.caskade.cli.migration;

import io.caskade.cli.command.UsageException;
import io.caskade.cli.output.ExitCode;
import io.caskade.cli.process.CommandStreams;
import io.caskade.cli.redis.RedisException;
import io.caskade.client.Bytes;
import io.caskade.client.CaskadeClient;
import io.caskade.client.CaskadeException;
import io.caskade.client.ClientConfig;
import io.caskade.settings.HostPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/// Carries out a migration: connects both ends, keeps the state in a file if there is one, and reports.
///
/// @param environment may have the password
record MigrationRun(ClientConfig config, CommandStreams streams, Map<String, String> environment) {

    /// Stands for an address until picocli has read one.
    static final HostPort NOWHERE = new HostPort("localhost", 0);

    /// Which end is Redis.
    enum Direction {
        IMPORT,
        EXPORT
    }

    private static final String FROM = "from";
    private static final String TO = "to";
    private static final String MATCH = "match";
    private static final String CURSORS = "cursors";

    /// Runs it.
    ///
    /// @return the exit code
    int run(MigrationOptions options, HostPort redis, Direction direction) throws IOException, UsageException {
        Optional<String> problem = options.problem();
        if (problem.isPresent()) {
            throw new UsageException(problem.get());
        }
        MigrationRun self = new MigrationRun(config, streams.withJson(options.json()), environment);
        try (CaskadeClient client = CaskadeClient.create(config);
                RedisStore other = RedisStore.open(options.server(redis, config.requestTimeout(), environment))) {
            CaskadeStore cluster = new CaskadeStore(client);
            return switch (direction) {
                case IMPORT -> self.run(options, other, cluster);
                case EXPORT -> self.run(options, cluster, other);
            };
        }
    }

    private int run(MigrationOptions options, MigrationStore from, MigrationStore to)
            throws IOException, UsageException {
        Map<String, String> identity = new TreeMap<>(Map.of(
                FROM, from.name(),
                TO, to.name(),
                MATCH, options.match().toString(),
                CURSORS, from.cursorsOf()));
        MigrationState state = state(options.resume(), identity, from.start());
        Migration.Plan plan = new Migration.Plan(from, to, options.match(), options.rate(), options.isVerified());
        try (MigrationReport report = MigrationReport.open(streams, options.report())) {
            Migration migration = new Migration(plan, state, new Listener(report, state, options.resume(), identity));
            return carryOut(migration, state, report, options);
        }
    }

    private int carryOut(Migration migration, MigrationState state, MigrationReport report, MigrationOptions options)
            throws IOException {
        try {
            migration.run();
        } catch (InterruptedException e) {
            return interrupted(state, report, options);
        } catch (CaskadeException | RedisException e) {
            // The client gives up when its thread is interrupted.
            if (Thread.interrupted()) {
                return interrupted(state, report, options);
            }
            report.summary(state, options.isVerified(), false);
            sayHowToGoOn(options);
            throw e;
        }
        report.summary(state, options.isVerified(), true);
        if (options.resume().isPresent()) {
            Files.deleteIfExists(options.resume().get());
        }
        return state.isComplete() ? ExitCode.SUCCESS : ExitCode.NEGATIVE;
    }

    private int interrupted(MigrationState state, MigrationReport report, MigrationOptions options) throws IOException {
        report.summary(state, options.isVerified(), false);
        sayHowToGoOn(options);
        return ExitCode.INTERRUPTED;
    }

    private void sayHowToGoOn(MigrationOptions options) {
        streams.err()
                .println(
                        options.resume().isPresent()
                                ? "the same command goes on from here"
                                : "without --resume FILE, another run begins from the start");
    }

    /// The state to begin with: that in the file, if its cursor is still good.
    private MigrationState state(Optional<Path> file, Map<String, String> identity, String start)
            throws IOException, UsageException {
        if (file.isEmpty() || Files.notExists(file.get())) {
            return new MigrationState(start);
        }
        Properties found = MigrationState.load(file.get());
        for (String name : new String[] {FROM, TO, MATCH}) {
            if (!found.getProperty(name, "").equals(identity.get(name))) {
                throw new UsageException(file.get() + " is of a migration from " + found.getProperty(FROM) + " to "
                        + found.getProperty(TO) + ", match " + found.getProperty(MATCH)
                        + "; name another file, or delete it");
            }
        }
        if (!found.getProperty(CURSORS, "").equals(identity.get(CURSORS))) {
            streams.err().println("note: " + identity.get(FROM) + " has restarted since, so it begins from the start");
            return new MigrationState(start);
        }
        try {
            return MigrationState.of(found);
        } catch (IllegalArgumentException e) {
            throw new UsageException(file.get() + " is damaged; delete it to begin from the start");
        }
    }

    /// Reports, shows progress, and saves the state.
    private final class Listener implements Migration.Listener {

        private final MigrationReport report;
        private final MigrationState state;
        private final Optional<Path> file;
        private final Map<String, String> identity;
        private final MigrationProgress progress = new MigrationProgress(streams, System::nanoTime);

        Listener(MigrationReport report, MigrationState state, Optional<Path> file, Map<String, String> identity) {
            this.report = report;
            this.state = state;
            this.file = file;
            this.identity = identity;
        }

        @Override
        public void skipped(SkippedKey key) throws IOException {
            report.skipped(key);
        }

        @Override
        public void different(Bytes key, String difference) throws IOException {
            report.different(key, difference);
        }

        @Override
        public void moved(double fraction) throws IOException {
            report.flush();
            if (file.isPresent()) {
                state.save(file.get(), identity);
            }
            progress.moved(state, fraction);
        }
    }
}
